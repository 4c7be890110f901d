/** Text to tokens and comments. Letters that begin no token are left out and reported as faults. */

import { type ILexingError, type IToken, Lexer } from "chevrotain";
import type { SourceFile } from "../source/file.ts";
import type { Comment } from "./ast.ts";
import { vocabulary } from "./tokens.ts";

export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  /** Runs of letters that begin no token. */
  readonly strays: readonly ILexingError[];
}

const lexer = new Lexer(vocabulary, { ensureOptimizations: true, skipValidations: true });

export function lex(source: SourceFile): Lexed {
  const { tokens, groups, errors } = lexer.tokenize(source.text);
  return {
    tokens,
    comments: (groups.comments ?? []).map((token) => commentOf(source, token)),
    strays: errors,
  };
}

/** The tokens of a part of the text, placed where that part stands. */
export function lexPart(source: SourceFile, start: number, end: number): Omit<Lexed, "comments"> {
  // The leading space keeps the part from beginning a line, where item words would be recognised.
  const shift = start - 1;
  const { tokens, errors } = lexer.tokenize(` ${source.text.slice(start, end)}`);
  for (const token of tokens) {
    token.startOffset += shift;
    token.endOffset = (token.endOffset ?? 0) + shift;
  }
  for (const error of errors) error.offset += shift;
  return { tokens, strays: errors };
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
