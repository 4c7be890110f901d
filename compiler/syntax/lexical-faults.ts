/** Letters that begin no token, strings that their line does not close, items of no known kind. */

import type { IToken } from "chevrotain";
import { type Diagnostic, error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { lineText, positionOf, type SourceFile, type Span, textOf } from "../source/file.ts";
import { spanOf } from "./site.ts";
import { beginsLine, itemWords } from "./tokens.ts";

interface Habit {
  readonly pattern: RegExp;
  readonly title: string;
  readonly notes?: readonly string[];
  readonly fix?: (at: Span) => Fix;
}

const quotes = "a string stands in straight double quotes";

/** What people write who come from other languages. */
const habits: readonly Habit[] = [
  {
    pattern: /^;+$/,
    title: "no statement ends with a semicolon",
    notes: ["A statement ends where the next one begins."],
    fix: (at) => replace(at, "", `remove ${textOf(at)}`),
  },
  {
    pattern: /^#+$/,
    title: "a comment begins with `//`",
    notes: ["Two slashes for whoever reads the file, three for who reads its documentation."],
    fix: (at) => replace(at, "//"),
  },
  {
    pattern: /^[“”„«»'‘’`]+$/,
    title: quotes,
  },
  { pattern: /^&+$/, title: "both are true is written `&&`", fix: (at) => replace(at, "&&") },
  { pattern: /^\|+$/, title: "one is true is written `||`, and a pipe is `|>`" },
  { pattern: /^→$/, title: "an arrow is written `->`", fix: (at) => replace(at, "->") },
  { pattern: /^×$/, title: "a product is written `*`", fix: (at) => replace(at, "*") },
  { pattern: /^≤$/, title: "at most is written `<=`", fix: (at) => replace(at, "<=") },
  { pattern: /^≥$/, title: "at least is written `>=`", fix: (at) => replace(at, ">=") },
  { pattern: /^−|–$/, title: "a minus is written `-`", fix: (at) => replace(at, "-") },
  { pattern: /^\p{L}+$/u, title: "a name is written with the letters a to z, digits and _" },
];

export function strayFault(at: Span): Diagnostic {
  const text = textOf(at);
  const habit = habits.find(({ pattern }) => pattern.test(text));
  if (habit === undefined) {
    return error("not-a-token", {
      at,
      title: `\`${visible(text)}\` means nothing in this language`,
    });
  }
  return error("not-a-token", {
    at,
    title: habit.title,
    notes: habit.notes,
    fixes: habit.fix === undefined ? [] : [habit.fix(at)],
  });
}

/** What decoding puts in the place of bytes that are no UTF-8; a file that is text has none. */
export const replacement = "\uFFFD";

export function notUtf8(source: SourceFile): Diagnostic | undefined {
  const start = source.text.indexOf(replacement);
  if (start < 0) return undefined;
  return error("not-utf8", {
    at: { file: source, start, end: start + replacement.length },
    title: "this file is not UTF-8 text",
    label: "bytes that are no letter",
    notes: ["It may be in an older encoding, or no text at all."],
    fixes: [{ text: "save it as UTF-8" }],
  });
}

/** So many letters show what is meant, of what may be a file of no letters at all. */
const mostShown = 8;

/** Control characters by their number, which is all there is to see of them. */
function visible(text: string): string {
  const shown = Array.from(text.slice(0, 2 * mostShown))
    .slice(0, mostShown)
    .join("");
  const end = shown.length < text.length ? "…" : "";
  return `${shown}${end}`.replace(/\p{C}/gu, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return code >= 0xd800 && code <= 0xdfff
      ? "\uFFFD"
      : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

/** `'text'` */
export function foreignString(at: Span): Diagnostic {
  const inside = textOf(at).slice(1, -1).replace(/"/g, '\\"');
  return error("not-a-token", { at, title: quotes, fixes: [replace(at, `"${inside}"`)] });
}

/** Item words at the start of lines of another item, where they name fields. */
export function unindented(source: SourceFile, tokens: readonly IToken[]): Diagnostic {
  const [first] = tokens;
  const edits = tokens.map(({ startOffset: start }) => ({
    span: { file: source, start, end: start },
    text: "  ",
  }));
  return error("syntax", {
    at: spanOf(source, first),
    title: `\`${first.image}\` at the start of a line begins an item, and a field follows it here`,
    notes: ["Anywhere else on a line it is a name like any other."],
    fixes: [{ text: `indent ${listed([...new Set(tokens.map(({ image }) => image))])}`, edits }],
  });
}

export function unclosedString(source: SourceFile, token: IToken): Diagnostic {
  const at = spanOf(source, token);
  const text = textOf(at).trimEnd();
  const end = at.start + text.length;
  return error("unclosed-string", {
    at: { file: source, start: at.start, end },
    title: "this string is never closed",
    notes: ["A string ends on the line that it begins on; a new line in it is written \\n."],
    fixes: [
      {
        text: `insert " at the end of line ${positionOf(source, end).line}`,
        edits: [{ span: { file: source, start: end, end }, text: '"' }],
      },
    ],
  });
}

/** The fault of a chunk that begins with no item word. `meant` is the word it was parsed as. */
export function noSuchItem(
  source: SourceFile,
  tokens: readonly IToken[],
  meant: string | undefined,
): Diagnostic {
  const first = tokens[0];
  const at = spanOf(source, first);
  if (!/^[A-Za-z_]/.test(first.image)) {
    return error("syntax", {
      at,
      title: `\`${first.image}\` belongs to no item`,
      notes: ["Every item begins at the start of a line with its word."],
    });
  }
  if (itemWords.includes(first.image) && !beginsLine(source.text, first.startOffset)) {
    const { line } = positionOf(source, first.startOffset);
    const before: Span = { ...at, start: source.lines[line - 1], end: at.start };
    const indented = lineText(source, line).trimStart().startsWith(first.image);
    return error("syntax", {
      at,
      title: `\`${first.image}\` begins an item, and an item begins at the start of its line`,
      fixes: indented ? [replace(before, "", "remove the space before it")] : [],
    });
  }
  return error("no-such-item", {
    at,
    title: `\`${first.image}\` is not a kind of item`,
    notes: meant === undefined ? kinds : [],
    fixes: meant === undefined ? [] : [replace(at, meant)],
  });
}

/** In two lines, as there are many. */
const kinds = [`There are ${itemWords.slice(0, 9).join(", ")},`, `${listed(itemWords.slice(9))}.`];

function listed(words: readonly string[]): string {
  if (words.length === 1) return words[0];
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
