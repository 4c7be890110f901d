/** Where a parse stopped, and how to speak of tokens. Each fault's words are made from one of these. */

import type { IRecognitionException, IToken, TokenType } from "chevrotain";
import { positionOf, type SourceFile, type Span } from "../source/file.ts";
import * as t from "./tokens.ts";

/** Parses a candidate; gives the first fault, if there is one. */
export type Attempt = (tokens: readonly IToken[]) => IRecognitionException | undefined;

/** Where parsing stopped. */
export interface Site {
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

/** Which item this is in, unless it begins on the same line. */
export function contextOf({ source, tokens, token }: Site): string[] {
  const start = positionOf(source, tokens[0].startOffset).line;
  const here = positionOf(source, token.startOffset).line;
  if (start === here || !t.itemWords.includes(tokens[0].image)) return [];
  return [`This is in the ${kindOf(tokens[0])} that begins on line ${start}.`];
}

/** Whether the item then parses, or at least up to a later line. */
export function helps(site: Site, tokens: readonly IToken[]): boolean {
  const fault = site.attempt(tokens);
  if (fault === undefined) return true;
  const line = fault.token.startLine;
  return line !== undefined && line > (site.token.startLine ?? 0);
}

export function retyped(token: IToken, type: TokenType): IToken {
  return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? token.tokenTypeIdx };
}

export function touches(first: IToken, second: IToken): boolean {
  return endOffset(first) === second.startOffset;
}

/** How a token is written in a message. */
export function shown(token: IToken): string {
  if (token.image.startsWith('"')) return "this string";
  return token.image.length > 24 ? `\`${token.image.slice(0, 23)}…\`` : `\`${token.image}\``;
}

/** `train block`, `block`, `fn`. */
export function kindOf(token: IToken): string {
  return ["train", "evaluate", "export"].includes(token.image)
    ? `${token.image} block`
    : token.image;
}

export function spanOf(source: SourceFile, token: IToken): Span {
  return { file: source, start: token.startOffset, end: endOffset(token) };
}

export function endOffset(token: IToken): number {
  return token.startOffset + token.image.length;
}
