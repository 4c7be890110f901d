/**
 * A failed parse, in words. A repair is offered as a fix only if the item parses with it: each candidate
 * is tried on the tokens, so what a machine may apply has been applied once already.
 */

import {
  createTokenInstance,
  type IRecognitionException,
  type IToken,
  type TokenType,
} from "chevrotain";
import {
  type Diagnostic,
  error,
  type Fix,
  type Label,
  replace,
} from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { positionOf, type SourceFile, type Span } from "../source/file.ts";
import { indentOf, isOpener, type Opening, unclosed } from "./chunks.ts";
import { commaRules, placeOf } from "./messages.ts";
import * as t from "./tokens.ts";

/** Parses a candidate; gives the first fault, if there is one. */
type Attempt = (tokens: readonly IToken[]) => IRecognitionException | undefined;

/** Where parsing stopped. */
interface Site {
  readonly source: SourceFile;
  readonly tokens: readonly IToken[];
  readonly attempt: Attempt;
  readonly index: number;
  readonly token: IToken;
  readonly previous: IToken | undefined;
  readonly rule: string;
  /** What was looked for, if it was one thing. */
  readonly expected: TokenType | undefined;
  /** Whether the item was complete before this token. */
  readonly complete: boolean;
}

/** The fault of an item whose tokens did not parse. */
export function itemFault(
  source: SourceFile,
  tokens: readonly IToken[],
  fault: IRecognitionException,
  attempt: Attempt,
): Diagnostic {
  const index = tokens.indexOf(fault.token);
  const rule = fault.context.ruleStack.at(-1) ?? "";
  const expected = t.tokenOf(fault.message);
  if (index < 0) return endFault(source, tokens, rule, expected);
  const site: Site = {
    source,
    tokens,
    attempt,
    index,
    token: fault.token,
    previous: tokens[index - 1],
    rule,
    expected,
    complete: fault.name === "NotAllInputParsedException",
  };
  return itemWordFault(site) ?? swapped(site) ?? known(site) ?? repaired(site) ?? unrepaired(site);
}

// The item ends too early ------------------------------------------------------------------------

function endFault(
  source: SourceFile,
  tokens: readonly IToken[],
  rule: string,
  expected: TokenType | undefined,
): Diagnostic {
  const open = unclosed(tokens);
  if (open !== undefined) return openBrace(source, tokens, open.opening, open.closeBefore);
  const last = tokens[tokens.length - 1];
  const wanted = expected?.LABEL ?? placeOf(rule).noun;
  return error("syntax", {
    at: spanOf(source, last),
    title: `this ${kindOf(tokens[0])} ends where ${wanted} belongs`,
    label: `${wanted} comes after this`,
  });
}

function openBrace(
  source: SourceFile,
  tokens: readonly IToken[],
  opening: Opening,
  closeBefore: number,
): Diagnostic {
  const closer = closerOf(opening.token);
  const last = tokens[closeBefore - 1];
  const lastLine = last.endLine ?? 1;
  const end = endOffset(last);
  const inLine = closer !== "}" || last.startLine === opening.token.startLine;
  const indent = " ".repeat(indentOf(tokens, opening.index) - 1);
  const edit = {
    span: { file: source, start: end, end },
    text: inLine ? closer : `\n${indent}${closer}`,
  };
  const next = nextItem(source, tokens);
  const fix: Fix = {
    text: inLine
      ? `insert ${closer} at the end of line ${lastLine}`
      : `insert ${closer} after line ${lastLine}`,
    edits: [edit],
  };
  return error("open-brace", {
    at: spanOf(source, opening.token),
    label: "opened here",
    title: `${bracketName(tokens, opening)} is never closed`,
    secondary: next === undefined ? [] : [{ span: next, text: "the next item begins here" }],
    notes:
      next === undefined
        ? ["Every item closes its own braces."]
        : [
            `Every item closes its own braces. I carried on checking from line ${positionOf(source, next.start).line}.`,
          ],
    fixes: [fix],
  });
}

/** The word of the item after these tokens. */
function nextItem(source: SourceFile, tokens: readonly IToken[]): Span | undefined {
  const word = /^[A-Za-z_]\w*/gm;
  word.lastIndex = endOffset(tokens[tokens.length - 1]);
  const match = word.exec(source.text);
  if (match === null) return undefined;
  return { file: source, start: match.index, end: match.index + match[0].length };
}

const brackets: ReadonlyMap<string, { readonly closer: string; readonly name: string }> = new Map([
  ["{", { closer: "}", name: "brace" }],
  ["(", { closer: ")", name: "parenthesis" }],
  ["[", { closer: "]", name: "bracket" }],
]);

function closerOf(opener: IToken): string {
  return brackets.get(opener.image)?.closer ?? "}";
}

/** `this train block`, `this parenthesis`. */
function bracketName(tokens: readonly IToken[], opening: Opening): string {
  if (opening.token.image !== "{") return `this ${brackets.get(opening.token.image)?.name}`;
  const word = wordBefore(tokens, opening.index);
  if (word === undefined) return "this brace";
  return tokens[0].image === word ? `this ${kindOf(tokens[0])}` : `this \`${word}\``;
}

/** The item or statement word that a brace belongs to. */
function wordBefore(tokens: readonly IToken[], index: number): string | undefined {
  const words = [
    "forward",
    "rewrite",
    "for",
    "learn",
    "if",
    "else",
    "checkpoint",
    "config",
    "weights",
  ];
  for (let at = index - 1; at >= 0; at--) {
    const { image, tokenType } = tokens[at];
    if (at === 0) return image;
    if (words.includes(image) && tokenType !== t.Name) return image;
    if (image === "{" || image === "}") return undefined;
  }
  return undefined;
}

// An item word where none can be -----------------------------------------------------------------

function itemWordFault(site: Site): Diagnostic | undefined {
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

// One token for another --------------------------------------------------------------------------

interface Swap {
  readonly when: (site: Site) => boolean;
  readonly to: TokenType;
  readonly title: string;
  readonly text: string;
}

const swaps: readonly Swap[] = [
  {
    when: ({ token }) => token.tokenType === t.Colon,
    to: t.Equals,
    title: "`:` gives a type, and a value is given by `=`",
    text: "=",
  },
  {
    when: ({ token }) => token.tokenType === t.Equals,
    to: t.Colon,
    title: "`=` gives a value, and a type is given by `:`",
    text: ":",
  },
  {
    when: ({ token }) => token.tokenType === t.Equal,
    to: t.Equals,
    title: "`==` compares, and a value is given by `=`",
    text: "=",
  },
  {
    when: (site) => site.token.tokenType === t.Equals && asksForTruth(site),
    to: t.Equal,
    title: "`=` gives a value, and `==` compares",
    text: "==",
  },
  {
    when: ({ token }) => token.image === "and",
    to: t.And,
    title: "`and` is written `&&`",
    text: "&&",
  },
  {
    when: ({ token }) => token.image === "or",
    to: t.Or,
    title: "`or` is written `||`",
    text: "||",
  },
];

function swapped(site: Site): Diagnostic | undefined {
  if (isLoose(site)) return loose(site);
  // A field may fail at its name, when what follows the name is the wrong sign.
  return swap(site, site.index) ?? swap(site, site.index + 1) ?? misspelt(site);
}

function swap(site: Site, index: number): Diagnostic | undefined {
  const token = site.tokens[index];
  if (token === undefined) return undefined;
  for (const { when, to, title, text } of swaps) {
    if (!when({ ...site, token, index })) continue;
    if (!helps(site, site.tokens.with(index, retyped(token, to)))) continue;
    const at = spanOf(site.source, token);
    return error("syntax", { at, title, fixes: [replace(at, text)] });
  }
  return undefined;
}

/** Whether the statement at hand is one that asks whether something is true. */
function asksForTruth({ tokens, index }: Site): boolean {
  const before = tokens.slice(0, index).reverse();
  const word = before.find(({ tokenType }) => tokenType !== t.Name && t.isWord(tokenType));
  return word?.tokenType === t.RequireWord || word?.tokenType === t.If;
}

/** `f (x)`, `h [0]` */
function isLoose({ token, previous }: Site): boolean {
  if (token.tokenType !== t.LParen && token.tokenType !== t.LSquare) return false;
  return previous !== undefined && /[\w)\]]$/.test(previous.image);
}

function loose(site: Site): Diagnostic | undefined {
  const { source, tokens, token, previous, index } = site;
  const isCall = token.tokenType === t.LParen;
  const tight = isCall ? t.TightLParen : t.TightLSquare;
  if (previous === undefined || !helps(site, tokens.with(index, retyped(token, tight))))
    return undefined;
  const gap: Span = { file: source, start: endOffset(previous), end: token.startOffset };
  return error("syntax", {
    at: spanOf(source, token),
    title: isCall
      ? "the parenthesis of a call touches what it calls"
      : "a bracket touches the value that it indexes",
    notes: ["A new line means nothing, so the space is all that parts two values."],
    fixes: [replace(gap, "", `${previous.image}${token.image}`)],
  });
}

/** `parm weight: …` */
function misspelt(site: Site): Diagnostic | undefined {
  const { source, token, index, rule } = site;
  if (token.tokenType !== t.Name) return undefined;
  const place = placeOf(rule);
  const meant = nearest(token.image, place.words ?? t.statementWords);
  const type = meant === undefined ? undefined : t.wordTokenOf(meant);
  if (meant === undefined || type === undefined) return undefined;
  if (!helps(site, site.tokens.with(index, retyped(token, type)))) return undefined;
  const at = spanOf(source, token);
  return error("syntax", {
    at,
    title:
      place.words === undefined
        ? `\`${token.image}\` is not a word of the language`
        : `\`${token.image}\` does not begin ${place.noun}`,
    notes: place.holds === undefined ? [] : [place.holds],
    fixes: [replace(at, meant)],
  });
}

// Habits from other languages --------------------------------------------------------------------

function known(site: Site): Diagnostic | undefined {
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

// One token more or less -------------------------------------------------------------------------

function repaired(site: Site): Diagnostic | undefined {
  const { expected, rule, token, tokens, index, source } = site;
  if (expected !== undefined && commaRules.has(rule) && helpsInserted(site, t.Comma)) {
    return inserted(site, t.Comma);
  }
  if (expected !== undefined && isSign(expected) && helpsInserted(site, expected)) {
    return inserted(site, expected);
  }
  // What a deletion leaves must parse whole: to delete up to a later line may delete what matters.
  if (index === 0 || site.attempt(tokens.toSpliced(index, 1)) !== undefined) return undefined;
  const at = spanOf(source, token);
  return error("syntax", {
    at,
    title: surplus(site),
    notes: contextOf(site),
    fixes: [replace(at, "", `remove ${shown(token)}`)],
  });
}

function surplus({ token, previous }: Site): string {
  if (token.tokenType === previous?.tokenType && token.image === previous.image) {
    return `one ${shown(token)} is enough`;
  }
  if ([t.RCurly, t.RParen, t.RSquare].includes(token.tokenType))
    return `${shown(token)} closes nothing`;
  if (token.tokenType === t.Comma) return "no comma belongs here";
  return `${shown(token)} does not belong here`;
}

function helpsInserted(site: Site, type: TokenType): boolean {
  const { tokens, index, token } = site;
  const text = textOfSign(type);
  const place = token.startOffset;
  const made = createTokenInstance(
    type,
    text,
    place,
    place,
    token.startLine ?? 1,
    token.startLine ?? 1,
    token.startColumn ?? 1,
    token.startColumn ?? 1,
  );
  return helps(site, tokens.toSpliced(index, 0, made));
}

function inserted(site: Site, type: TokenType): Diagnostic {
  const { source, token, previous } = site;
  const text = textOfSign(type);
  const attaches = [t.Comma, t.Colon, t.RParen, t.RSquare, t.Dot].includes(type);
  const start = attaches && previous !== undefined ? endOffset(previous) : token.startOffset;
  const edit = { span: { file: source, start, end: start }, text: attaches ? text : `${text} ` };
  return error("syntax", {
    at: spanOf(source, token),
    title: `\`${text}\` is missing before ${shown(token)}`,
    secondary: openerLabel(site, type),
    notes: contextOf(site),
    fixes: [{ text: `insert ${text}`, edits: [edit] }],
  });
}

/** Where the bracket was opened that is not closed here. */
function openerLabel(site: Site, closer: TokenType): Label[] {
  if (![t.RParen, t.RSquare, t.RCurly].includes(closer)) return [];
  const open: IToken[] = [];
  for (const token of site.tokens.slice(0, site.index)) {
    if (isOpener(token.tokenType)) open.push(token);
    else if ([t.RParen, t.RSquare, t.RCurly].includes(token.tokenType)) open.pop();
  }
  const opener = open.at(-1);
  return opener === undefined ? [] : [{ span: spanOf(site.source, opener), text: "opened here" }];
}

// No repair is known -----------------------------------------------------------------------------

function unrepaired(site: Site): Diagnostic {
  const { source, token, previous, expected, rule, tokens } = site;
  const at = spanOf(source, token);
  const place = placeOf(rule);
  const notes = [...(place.holds === undefined ? [] : [place.holds]), ...contextOf(site)];
  if (site.complete) {
    return error("syntax", {
      at,
      title: `this ${kindOf(tokens[0])} is complete before ${shown(token)}`,
      notes: ["Every other item begins at the start of a line with its word."],
    });
  }
  const opensList =
    previous !== undefined && (isOpener(previous.tokenType) || previous.tokenType === t.Comma);
  const listEnds =
    expected === t.Return || (expected === t.RCurly && rule !== "body" && !commaRules.has(rule));
  if (expected === undefined || listEnds || (opensList && commaRules.has(rule))) {
    return error("syntax", {
      at,
      title: `${shown(token)} stands where ${place.noun} belongs`,
      notes,
    });
  }
  const after = previous === undefined ? "" : ` after ${shown(previous)}`;
  return error("syntax", {
    at,
    title: `${expected.LABEL ?? expected.name} belongs${after}, and here is ${shown(token)}`,
    secondary: openerLabel(site, expected),
    notes: contextOf(site),
  });
}

/** Which item this is in, unless it begins on the same line. */
function contextOf({ source, tokens, token }: Site): string[] {
  const start = positionOf(source, tokens[0].startOffset).line;
  const here = positionOf(source, token.startOffset).line;
  if (start === here || !t.itemWords.includes(tokens[0].image)) return [];
  return [`This is in the ${kindOf(tokens[0])} that begins on line ${start}.`];
}

// Strings ----------------------------------------------------------------------------------------

/** The fault of the expression in a string's braces, if there is one. */
export function holeFault(
  source: SourceFile,
  hole: Span,
  tokens: readonly IToken[],
  fault: IRecognitionException | undefined,
  attempt: Attempt,
): Diagnostic | undefined {
  if (fault === undefined) return undefined;
  if (tokens.includes(fault.token)) return itemFault(source, tokens, fault, attempt);
  const inside: Span = { file: source, start: hole.start + 1, end: hole.end - 1 };
  return error("syntax", {
    at: inside,
    title: "the expression in these braces is cut short",
    fixes: [{ text: "\\{ and \\}, for braces as they are" }],
  });
}

// Tokens -----------------------------------------------------------------------------------------

/** Whether the item then parses, or at least up to a later line. */
function helps(site: Site, tokens: readonly IToken[]): boolean {
  const fault = site.attempt(tokens);
  if (fault === undefined) return true;
  const line = fault.token.startLine;
  return line !== undefined && line > (site.token.startLine ?? 0);
}

function retyped(token: IToken, type: TokenType): IToken {
  return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? token.tokenTypeIdx };
}

function touches(first: IToken, second: IToken): boolean {
  return endOffset(first) === second.startOffset;
}

/** Signs alone can be inserted; a name or a value cannot be guessed. */
function isSign(type: TokenType): boolean {
  return typeof type.PATTERN === "string" || type === t.TightLParen || type === t.TightLSquare;
}

function textOfSign(type: TokenType): string {
  return (type.LABEL ?? "").replaceAll("`", "");
}

/** How a token is written in a message. */
function shown(token: IToken): string {
  if (token.image.startsWith('"')) return "this string";
  return token.image.length > 24 ? `\`${token.image.slice(0, 23)}…\`` : `\`${token.image}\``;
}

/** `train block`, `block`, `fn`. */
function kindOf(token: IToken): string {
  return ["train", "evaluate", "export"].includes(token.image)
    ? `${token.image} block`
    : token.image;
}

export function spanOf(source: SourceFile, token: IToken): Span {
  return { file: source, start: token.startOffset, end: endOffset(token) };
}

function endOffset(token: IToken): number {
  return token.startOffset + token.image.length;
}
