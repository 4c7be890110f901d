/** Words of statements at the start of a line, and types after a colon. */

import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import {
  AdaptItem,
  Arrow,
  Colon,
  Comma,
  Equals,
  LCurly,
  LParen,
  ModelItem,
  Name,
  RParen,
} from "../syntax/tokens.ts";
import { numberTypes } from "../types/unit.ts";
import type { Cursor } from "./cursor.ts";
import type { Analysis } from "./session.ts";

/** By the word that begins an item, those that begin a line inside of its braces. */
const words: Readonly<Record<string, readonly string[]>> = {
  record: ["require"],
  fn: ["let", "require", "return"],
  metric: ["let", "require", "return"],
  schedule: ["let", "require", "return"],
  optimizer: ["state", "let", "next", "require"],
  block: ["let", "param", "require", "tie", "forward", "checkpoint", "return"],
  adapter: ["rewrite", "let", "param", "require", "forward", "merge", "return"],
  template: ["for", "if", "learn"],
  adapt: ["train", "freeze"],
};

export function statementNames({ opensLine, open, item }: Cursor): readonly CompletionItem[] {
  if (!opensLine || open?.tokenType !== LCurly || item === undefined) return [];
  const own = Object.hasOwn(words, item.image) ? words[item.image] : [];
  return own.map((label) => ({ label, kind: CompletionItemKind.Keyword, sortText: `0${label}` }));
}

/** `on` after what an adapter is called with, `from` after the block of a model: nothing else can follow. */
export function connectingNames(
  _: Analysis,
  { before, item, open, opensLine }: Cursor,
): readonly CompletionItem[] | undefined {
  const last = before.at(-1)?.tokenType;
  const isCalled = last === RParen && !opensLine;
  const word = (label: string) => [{ label, kind: CompletionItemKind.Keyword }];
  if (item?.tokenType === AdaptItem && open?.tokenType === LCurly && isCalled) return word("on");
  const isBlock = before.at(-2)?.tokenType === Equals && last === Name;
  return item?.tokenType === ModelItem && open === undefined && isBlock ? word("from") : undefined;
}

const languageTypes: Readonly<Record<string, string>> = {
  float: "a float of the precision that the run chooses; `float[B, T]` is a tensor",
  f32: "a float of 32 bits",
  f16: "a float of 16 bits",
  int: "a whole number; `int[B, T]` is a tensor",
  bool: "true or false",
  dim: "a whole number from 1 on: a size",
  string: "text",
  marked: "text with what is to be learned marked",
  mean: "a sum and a count: what a loss gives",
  list: "`list[Message]`: several of a type",
  seq: "`seq[int]`: one value a token",
  tokenizer: "what makes tokens of text",
  template: "what makes text of rows",
  dataset: "rows",
  span: "a time of the run: steps, epochs, tokens or a ratio of it",
};

/** After a colon of a declaration, and after `->`. Colons of slices and axes are in other brackets. */
export function typeNames(
  { program }: Analysis,
  { before, open }: Cursor,
): readonly CompletionItem[] | undefined {
  const last = before.at(-1);
  if (last?.tokenType !== Colon && last?.tokenType !== Arrow) return undefined;
  if (open !== undefined && !isDeclaring(before, open)) return undefined;
  const { entry } = program;
  const named = [
    ...[...entry.items.values()].map((item) => [item.name.text, item] as const),
    ...[...entry.imports].flatMap(([name, found]) =>
      found.kind === "item" ? [[name, found.item] as const] : [],
    ),
  ].filter(([, item]) => item.kind === "record" || item.kind === "enum");
  const units = Object.keys(numberTypes).filter((name) => !Object.hasOwn(languageTypes, name));
  return [
    ...named.map(([label, item]) => ({
      label,
      kind: item.kind === "enum" ? CompletionItemKind.Enum : CompletionItemKind.Struct,
      documentation: item.doc,
      sortText: `0${label}`,
    })),
    ...Object.entries(languageTypes).map(([label, detail]) => ({
      label,
      kind: CompletionItemKind.Keyword,
      detail,
    })),
    ...units.map((label) => ({
      label,
      kind: CompletionItemKind.Unit,
      detail: `a number of ${label}`,
    })),
  ];
}

/** Braces of records and rows, and parentheses whose names stand right before their colons. */
function isDeclaring(before: Cursor["before"], open: NonNullable<Cursor["open"]>): boolean {
  if (open.tokenType === LCurly) return true;
  const previous = before.at(-3)?.tokenType;
  const isParameter = previous === open.tokenType || previous === Comma;
  const isCall = before[before.indexOf(open) - 1]?.image.match(
    /^(einsum|rearrange|repeat|reduce)$/,
  );
  return open.tokenType.CATEGORIES?.includes(LParen) === true && isParameter && !isCall;
}
