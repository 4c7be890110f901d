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
import { languageTypes } from "./language-types.ts";
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
  return [
    ...named.map(([label, item]) => ({
      label,
      kind: item.kind === "enum" ? CompletionItemKind.Enum : CompletionItemKind.Struct,
      documentation: item.doc,
      sortText: `0${label}`,
    })),
    ...languageTypes.map(([label, detail]) => ({
      label,
      kind: Object.hasOwn(numberTypes, label)
        ? CompletionItemKind.Unit
        : CompletionItemKind.Keyword,
      detail,
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
