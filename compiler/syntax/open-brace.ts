/** An item that ends too early: mostly because one of its brackets is never closed. */

import type { IToken, TokenType } from "chevrotain";
import { type Diagnostic, error, type Fix } from "../diagnostics/diagnostic.ts";
import { positionOf, type SourceFile, type Span } from "../source/file.ts";
import { indentOf, type Opening, unclosed } from "./brackets.ts";
import { placeOf } from "./messages.ts";
import { endOffset, kindOf, spanOf } from "./site.ts";
import * as t from "./tokens.ts";

export function endFault(
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
