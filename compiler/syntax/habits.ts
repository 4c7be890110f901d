/** Faults that are known by what they look like: habits from other languages, parts that are left out. */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { positionOf, type Span } from "../source/file.ts";
import { contextOf, endOffset, kindOf, type Site, shown, spanOf, touches } from "./site.ts";
import * as t from "./tokens.ts";

// An item word where none can be -----------------------------------------------------------------

export function itemWordFault(site: Site): Diagnostic | undefined {
  const { source, tokens, token, previous, index } = site;
  if (
    index === 1 &&
    previous !== undefined &&
    [t.Equals, t.Colon, t.Dot].includes(token.tokenType)
  ) {
    const start = previous.startOffset;
    const at = spanOf(source, previous);
    return error("syntax", {
      at,
      title: `\`${previous.image}\` at the start of a line begins an item`,
      notes: ["Anywhere else on a line it is a name like any other."],
      fixes: [
        {
          text: `indent \`${previous.image}\` by two spaces`,
          edits: [{ span: { file: source, start, end: start }, text: "  " }],
        },
      ],
    });
  }
  if (!site.complete || !t.itemWords.includes(token.image)) return undefined;
  if (tokens[index - 1]?.endLine === token.startLine) return undefined;
  const lineStart = source.lines[positionOf(source, token.startOffset).line - 1];
  const indent: Span = { file: source, start: lineStart, end: token.startOffset };
  return error("syntax", {
    at: spanOf(source, token),
    title: `\`${token.image}\` begins an item, and an item begins at the start of its line`,
    fixes: [replace(indent, "", "remove the space before it")],
  });
}

// Habits from other languages --------------------------------------------------------------------

export function known(site: Site): Diagnostic | undefined {
  const { source, tokens, token, index, expected, rule } = site;
  const at = spanOf(source, token);
  const next = tokens[index + 1];
  if (token.tokenType === t.Equals && next?.tokenType === t.Greater && touches(token, next)) {
    const both: Span = { ...at, end: endOffset(next) };
    const fixes = expected === t.Arrow ? [replace(both, "->")] : [];
    return error("syntax", { at: both, title: "an arrow is written `->`", fixes });
  }
  if (token.tokenType === t.StarStar) {
    return error("syntax", {
      at,
      title: "there is no operator `**`",
      fixes: [{ text: "pow(a, b)" }],
    });
  }
  if (token.tokenType === t.Question) {
    return error("syntax", {
      at,
      title: "`?` marks a type whose value may be none",
      notes: ["A choice between two values has words of its own."],
      fixes: [{ text: "if condition { a } else { b }" }],
    });
  }
  if (expected === t.Name && index === 1) {
    return error("syntax", {
      at,
      title: `this ${kindOf(tokens[0])} has no name`,
      label: "its name comes before this",
    });
  }
  if (isUnvalued(site)) {
    const name = tokens[index - 1];
    return error("syntax", {
      at: { ...spanOf(source, tokens[index - 3]), end: endOffset(tokens[index - 2]) },
      title: `\`${tokens[index - 3].image}\` is given no value`,
      secondary: [{ span: spanOf(source, name), text: "the next field begins here" }],
    });
  }
  if (rule === "body" && expected === t.RCurly && t.isWord(token.tokenType)) {
    return error("syntax", {
      at,
      title: `a body ends with its \`return\`, and ${shown(token)} comes after it`,
      notes: contextOf(site),
    });
  }
  if (expected === t.Else) {
    return error("syntax", {
      at,
      title: "this `if` has no `else`",
      label: "`else` comes before this",
      notes: ["An `if` is a value, so it says what it is either way."],
    });
  }
  if (expected === t.Return && token.tokenType === t.RCurly) {
    return error("syntax", {
      at,
      title: "this body ends without a `return`",
      notes: contextOf(site),
    });
  }
  return undefined;
}

/** `batch =` and then, on the next line, `length = …`. */
function isUnvalued({ tokens, index, token }: Site): boolean {
  const [field, equals, next] = tokens.slice(Math.max(0, index - 3), index);
  return (
    token.tokenType === t.Equals &&
    next !== undefined &&
    equals.tokenType === t.Equals &&
    equals.startLine === field.startLine &&
    next.startLine !== equals.startLine
  );
}
