/** A file's tokens, cut where items begin. Each chunk is parsed by itself, so faults stay in their item. */

import { type IToken, type TokenType, tokenMatcher } from "chevrotain";
import { calledElsewhere } from "../diagnostics/other-names.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { SourceFile } from "../source/file.ts";
import { isCloser, isOpener } from "./brackets.ts";
import {
  beginsLine,
  Equals,
  FnWord,
  ItemWord,
  itemTokenOf,
  itemWords,
  MetricWord,
  Name,
  TransformWord,
} from "./tokens.ts";

export interface Chunk {
  readonly tokens: readonly IToken[];
  /** Whether its first token is an item word; if not, it is a fault of its own. */
  readonly isItem: boolean;
  /** Item words that stand at the start of a line and yet name a field: `model = base`. */
  readonly unindented: readonly IToken[];
}

export function chunksOf(source: SourceFile, tokens: readonly IToken[]): Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  let depth = 0;
  let unindented = new Set<IToken>();
  const cut = (end: number) => {
    if (end > start) {
      const isItem = tokenMatcher(tokens[start], ItemWord);
      const own = tokens.slice(start, end);
      chunks.push({
        tokens: own.map((token) => asName(token, unindented)),
        isItem,
        unindented: [...unindented],
      });
    }
    start = end;
    depth = 0;
    unindented = new Set();
  };
  tokens.forEach((token, index) => {
    const isWord = tokenMatcher(token, ItemWord);
    // No item can go on with `=`, so inside of braces it is a field that lacks its indentation.
    if (isWord && depth > 0 && tokens[index + 1]?.tokenType === Equals) unindented.add(token);
    else if (isWord) cut(index);
    else if (depth === 0 && looksLikeItem(source, token, tokens[index + 1])) cut(index);
    else depth = Math.max(0, depth + step(token.tokenType));
  });
  cut(tokens.length);
  return chunks;
}

function asName(token: IToken, unindented: ReadonlySet<IToken>): IToken {
  if (!unindented.has(token)) return token;
  return { ...token, tokenType: Name, tokenTypeIdx: Name.tokenTypeIdx ?? token.tokenTypeIdx };
}

/** Two plain names at the start of a line outside of all brackets: an item whose word is misspelt. */
function looksLikeItem(source: SourceFile, first: IToken, second: IToken | undefined): boolean {
  return (
    second !== undefined &&
    first.tokenType === Name &&
    [Name, FnWord, MetricWord, TransformWord].includes(second.tokenType) &&
    first.startLine === second.startLine &&
    beginsLine(source.text, first.startOffset)
  );
}

/** The same tokens with the item word that was probably meant, so that the names it defines exist. */
export function mended(chunk: Chunk): { readonly chunk: Chunk; readonly word: string } | undefined {
  const [first, ...others] = chunk.tokens;
  const word = tokenMatcher(first, Name)
    ? (calledElsewhere(first.image, new Set(itemWords)) ?? nearest(first.image, itemWords))
    : undefined;
  const tokenType = word === undefined ? undefined : itemTokenOf(word);
  if (word === undefined || tokenType?.tokenTypeIdx === undefined) return undefined;
  const meant: IToken = { ...first, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx };
  return { chunk: { ...chunk, tokens: [meant, ...others], isItem: true }, word };
}

function step(tokenType: TokenType): number {
  if (isOpener(tokenType)) return 1;
  return isCloser(tokenType) ? -1 : 0;
}
