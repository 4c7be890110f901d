/** Text to tokens and comments. Letters that begin no token are left out and reported as strays. */

import { type ILexingResult, type IToken, Lexer } from "chevrotain";
import type { SourceFile, Span } from "../source/file.ts";
import type { Comment } from "./ast.ts";
import { vocabulary } from "./tokens.ts";

export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  /** Runs of letters that begin no token, in the order of the text. */
  readonly strays: readonly Span[];
}

const lexer = new Lexer(vocabulary, { ensureOptimizations: true, skipValidations: true });

export function lex(source: SourceFile): Lexed {
  const result = lexer.tokenize(source.text);
  const comments = (result.groups.comments ?? []).map((token) => commentOf(source, token));
  return { tokens: result.tokens, comments, strays: straysOf(source, result, 0) };
}

/** The tokens of a part of the text, placed where that part stands. */
export function lexPart(source: SourceFile, start: number, end: number): Omit<Lexed, "comments"> {
  // The leading space keeps the part from beginning a line, where item words would be recognised.
  const shift = start - 1;
  const result = lexer.tokenize(` ${source.text.slice(start, end)}`);
  for (const token of result.tokens) {
    token.startOffset += shift;
    token.endOffset = (token.endOffset ?? 0) + shift;
  }
  return { tokens: result.tokens, strays: straysOf(source, result, shift) };
}

function straysOf(file: SourceFile, result: ILexingResult, shift: number): Span[] {
  const letters = result.errors.map(({ offset, length }) => ({ offset, length }));
  // Of a comment of another language, its sign alone is at fault.
  const hashes = (result.groups.hashes ?? []).map((token) => ({
    offset: token.startOffset,
    length: 1,
  }));
  return [...letters, ...hashes]
    .map(({ offset, length }) => ({ file, start: offset + shift, end: offset + shift + length }))
    .sort((one, other) => one.start - other.start);
}

function commentOf(source: SourceFile, token: IToken): Comment {
  const documents = /^\/\/\/(?!\/)/.test(token.image);
  return {
    text: token.image
      .slice(documents ? 3 : 2)
      .replace(/^ /, "")
      .trimEnd(),
    documents,
    span: { file: source, start: token.startOffset, end: token.startOffset + token.image.length },
  };
}
