/** Colours that letters alone do not tell: what each name means. Keywords and literals are the grammar's. */

import { type SemanticTokens, SemanticTokensBuilder } from "vscode-languageserver";
import type { Meaning, Role } from "./declaration.ts";
import { protocolPosition } from "./places.ts";
import type { Analysis } from "./session.ts";
import { usesIn } from "./uses.ts";

export const tokenTypes = [
  "namespace",
  "type",
  "class",
  "enum",
  "enumMember",
  "function",
  "parameter",
  "typeParameter",
  "variable",
  "property",
] as const;

export const tokenModifiers = ["declaration", "defaultLibrary"] as const;

type TokenType = (typeof tokenTypes)[number];

const types: Readonly<Record<Role, TokenType>> = {
  enum: "enum",
  record: "type",
  fn: "function",
  metric: "function",
  block: "class",
  adapter: "class",
  optimizer: "function",
  schedule: "function",
  template: "function",
  transform: "function",
  let: "variable",
  model: "variable",
  dataset: "variable",
  adapt: "variable",
  train: "variable",
  evaluate: "variable",
  export: "variable",
  parameter: "parameter",
  size: "typeParameter",
  value: "variable",
  part: "property",
  field: "property",
  case: "enumMember",
  column: "property",
  state: "variable",
  row: "parameter",
  output: "property",
};

export function semanticTokens(analysis: Analysis): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { span, meaning, declares } of usesIn(analysis.program.entry, analysis)) {
    const { line, character } = protocolPosition(span.file, span.start);
    const isOurs = meaning.kind === "language" || meaning.module.path.startsWith("std/");
    const modifiers = (declares ? 1 : 0) | (isOurs ? 2 : 0);
    const type = tokenTypes.indexOf(typeOf(meaning));
    builder.push(line, character, span.end - span.start, type, modifiers);
  }
  return builder.build();
}

function typeOf(meaning: Meaning): TokenType {
  if (meaning.kind === "module") return "namespace";
  return meaning.kind === "language" ? "function" : types[meaning.role];
}
