/** What stands before the place where someone types: the tokens, the word that is begun, and what is open around it. */

import { type IToken, tokenMatcher } from "chevrotain";
import { type SourceFile, type Span, sourceFile } from "../source/file.ts";
import { isCloser, isOpener } from "../syntax/brackets.ts";
import { lex } from "../syntax/lex.ts";
import { ItemWord, NumberWord, Quantity, StringText } from "../syntax/tokens.ts";

export interface Cursor {
  readonly offset: number;
  /** The letters before the place that one word would hold; empty where none is begun. */
  readonly word: Span;
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
}

export function cursorAt(file: SourceFile, offset: number): Cursor {
  const text = file.text.slice(0, offset);
  const { tokens, comments } = lex(sourceFile(file.path, text));
  const begun = /[A-Za-z_]\w*$/.exec(text)?.[0] ?? "";
  const last = tokens.at(-1);
  const touches = last !== undefined && endOf(last) === offset;
  const number = touches && isNumber(last) ? last : undefined;
  const start = number?.startOffset ?? offset - begun.length;
  const line = text.slice(text.lastIndexOf("\n") + 1, start);
  const all = tokens.filter((token) => endOf(token) <= start);
  const first = all.findLastIndex((token) => tokenMatcher(token, ItemWord));
  const before = first < 0 ? all : all.slice(first);
  return {
    offset,
    word: { file, start, end: offset },
    number,
    before,
    item: first < 0 ? undefined : all[first],
    open: openIn(before),
    opensLine: line.trim() === "",
    atColumnOne: line === "",
    inside: insideOf(text, last, touches, comments.at(-1)?.span),
  };
}

function insideOf(
  text: string,
  last: IToken | undefined,
  touches: boolean,
  comment: Span | undefined,
): Cursor["inside"] {
  if (comment?.end === text.length) return "comment";
  const isString = touches && last !== undefined && tokenMatcher(last, StringText);
  if (!isString || /^".*"$/s.test(last.image.replace(/\\./g, ""))) return "code";
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
