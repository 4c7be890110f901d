/** The types that the language has of its own, with what each is. */

import { numberTypes } from "../types/unit.ts";

const described: Readonly<Record<string, string>> = {
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

/** Numbers of a unit are described by it. */
export const languageTypes: readonly (readonly [name: string, doc: string])[] = [
  ...Object.entries(described),
  ...Object.keys(numberTypes)
    .filter((name) => !Object.hasOwn(described, name))
    .map((name) => [name, `a number of ${name}`] as const),
];

export function typeDoc(name: string): string | undefined {
  return languageTypes.find(([known]) => known === name)?.[1];
}
