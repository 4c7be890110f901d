/** Which brackets of an item are open, and which of them was most likely forgotten. */

import type { IToken, TokenType } from "chevrotain";
import { LCurly, LParen, LSquare, RCurly, RParen, RSquare } from "./tokens.ts";

const openers: readonly TokenType[] = [LCurly, LParen, LSquare];
const closers: readonly TokenType[] = [RCurly, RParen, RSquare];

/** `(` and `[` that touch what is before them are of the categories of the loose ones. */
export function isOpener(tokenType: TokenType): boolean {
  return closerOf(tokenType) !== undefined;
}

export function isCloser(tokenType: TokenType): boolean {
  return closers.includes(tokenType);
}

/** The closer of an opener, and of no other token. */
export function closerOf(tokenType: TokenType): TokenType | undefined {
  const place = openers.findIndex(
    (opener) => opener === tokenType || tokenType.CATEGORIES?.includes(opener),
  );
  return closers[place];
}

/** The innermost bracket that is open at the end of these tokens. */
export function innermostOpen(tokens: readonly IToken[]): Opening | undefined {
  const open: Opening[] = [];
  tokens.forEach((token, index) => {
    if (isOpener(token.tokenType)) open.push({ token, index });
    else if (isCloser(token.tokenType)) open.pop();
  });
  return open.at(-1);
}

export interface Opening {
  readonly token: IToken;
  readonly index: number;
}

/**
 * The bracket that is open at the end of a chunk and most likely the one that lacks its closer: an inner
 * one if a `}` further left than its line closed it, or else the innermost that nothing closes.
 */
export function unclosed(
  tokens: readonly IToken[],
): { readonly opening: Opening; readonly closeBefore: number } | undefined {
  const open: Opening[] = [];
  let suspect: { opening: Opening; closeBefore: number } | undefined;
  tokens.forEach((token, index) => {
    if (isOpener(token.tokenType)) open.push({ token, index });
    if (!closers.includes(token.tokenType)) return;
    const opening = open.pop();
    const beginsItsLine = index > 0 && tokens[index - 1].startLine !== token.startLine;
    if (opening === undefined || !beginsItsLine || suspect !== undefined) return;
    if ((token.startColumn ?? 0) < indentOf(tokens, opening.index)) {
      suspect = { opening, closeBefore: index };
    }
  });
  const innermost = open.at(-1);
  if (innermost === undefined) return undefined;
  return suspect ?? { opening: innermost, closeBefore: tokens.length };
}

/** The column of the first token of the line that this token is on. */
export function indentOf(tokens: readonly IToken[], index: number): number {
  let first = index;
  while (first > 0 && tokens[first - 1].startLine === tokens[index].startLine) first--;
  return tokens[first].startColumn ?? 1;
}
