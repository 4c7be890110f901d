/** What stands before the place where someone types: the tokens, the word that is begun, and what is open around it. */

import { type IToken, tokenMatcher } from "chevrotain";
import { type SourceFile, type Span, sourceFile } from "../source/file.ts";
import { isCloser, isOpener } from "../syntax/brackets.ts";
import { lex, lexPart } from "../syntax/lex.ts";
import { ItemWord, NumberWord, Quantity, StringText } from "../syntax/tokens.ts";

export interface Cursor {
  readonly offset: number;
  /** The letters before the place that one word would hold; empty where none is begun. */
  readonly word: Span;
  /** That word or number and the letters that follow the place, all of which what is chosen replaces. */
  readonly whole: Span;
  /** A number that touches the place, its unit included if one is begun. */
  readonly number: IToken | undefined;
  /** What comes before the word, in the item at the place. */
  readonly before: readonly IToken[];
  readonly item: IToken | undefined;
  /** The innermost bracket that is open. */
  readonly open: IToken | undefined;
  /** Whether nothing but space stands before the word on its line. */
  readonly opensLine: boolean;
  readonly atColumnOne: boolean;
  readonly inside: "code" | "string" | "hole" | "comment";
  /** Where the string begins that the place is in. */
  readonly string: number | undefined;
}

export function cursorAt(file: SourceFile, offset: number): Cursor {
  const text = file.text.slice(0, offset);
  const cut = sourceFile(file.path, text);
  const lexed = lex(cut);
  const inside = insideOf(text, lexed.tokens.at(-1), lexed.comments.at(-1)?.span);
  const hole = inside === "hole" ? tokensInHole(cut, lexed.tokens.at(-1)) : undefined;
  const tokens = hole === undefined ? lexed.tokens : [...lexed.tokens.slice(0, -1), ...hole];
  // A name of a file may have what no name of ours has.
  const begun = (inside === "string" ? /[\w.-]*$/ : /[A-Za-z_]\w*$/).exec(text)?.[0] ?? "";
  const last = tokens.at(-1);
  const number = last !== undefined && endOf(last) === offset && isNumber(last) ? last : undefined;
  const start = number?.startOffset ?? offset - begun.length;
  const line = text.slice(cut.lines[cut.lines.length - 1], start);
  const all = tokens.filter((token) => endOf(token) <= start);
  const first = all.findLastIndex((token) => tokenMatcher(token, ItemWord));
  const before = first < 0 ? all : all.slice(first);
  const letters = inside === "string" ? /^[\w.-]*/ : number === undefined ? /^\w*/ : /^[\w.%]*/;
  const following = letters.exec(file.text.slice(offset))?.[0] ?? "";
  return {
    offset,
    word: { file, start, end: offset },
    whole: { file, start, end: offset + following.length },
    number,
    before,
    item: first < 0 ? undefined : all[first],
    open: openIn(hole?.filter((token) => endOf(token) <= start) ?? before),
    opensLine: line.trim() === "",
    atColumnOne: line === "",
    inside,
    string: inside === "string" ? last?.startOffset : undefined,
  };
}

/** What stands in the braces of a string that is not closed yet. */
function tokensInHole(file: SourceFile, string: IToken | undefined): readonly IToken[] {
  if (string === undefined) return [];
  const brace = string.startOffset + string.image.lastIndexOf("{");
  return lexPart(file, brace + 1, file.text.length).tokens;
}

function insideOf(
  text: string,
  last: IToken | undefined,
  comment: Span | undefined,
): Cursor["inside"] {
  if (comment?.end === text.length) return "comment";
  const touches = last !== undefined && endOf(last) === text.length;
  if (!touches || !tokenMatcher(last, StringText)) return "code";
  if (/^".*"$/s.test(last.image.replace(/\\./g, ""))) return "code";
  return last.image.lastIndexOf("{") > last.image.lastIndexOf("}") ? "hole" : "string";
}

function isNumber(token: IToken): boolean {
  return tokenMatcher(token, NumberWord) || tokenMatcher(token, Quantity);
}

function openIn(tokens: readonly IToken[]): IToken | undefined {
  let closed = 0;
  return tokens.findLast((token) => {
    if (isCloser(token.tokenType)) closed += 1;
    else if (isOpener(token.tokenType)) closed -= 1;
    return closed < 0;
  });
}

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
