/** Units, and what a quantity token means. A `span` is a time of a run: steps, epochs, tokens or a ratio of it. */

import { entryOf } from "./word-table.ts";

export type Unit =
  | "int"
  | "float"
  | "steps"
  | "epochs"
  | "tokens"
  | "seq"
  | "ratio"
  | "bytes"
  | "seconds"
  | "span";

/** Names of number types as signatures write them. `dim` is a whole number of at least 1. */
export const numberTypes: Readonly<Record<string, Unit>> = {
  int: "int",
  dim: "int",
  float: "float",
  steps: "steps",
  epochs: "epochs",
  tokens: "tokens",
  seq: "seq",
  ratio: "ratio",
  bytes: "bytes",
  seconds: "seconds",
  span: "span",
};

/** By suffix: the unit and how many of it one of the suffix is. */
const suffixes: Readonly<Record<string, readonly [Unit, number]>> = {
  "%": ["ratio", 0.01],
  step: ["steps", 1],
  steps: ["steps", 1],
  epoch: ["epochs", 1],
  epochs: ["epochs", 1],
  tok: ["tokens", 1],
  ktok: ["tokens", 1e3],
  Mtok: ["tokens", 1e6],
  Gtok: ["tokens", 1e9],
  seq: ["seq", 1],
  B: ["bytes", 1],
  KiB: ["bytes", 2 ** 10],
  MiB: ["bytes", 2 ** 20],
  GiB: ["bytes", 2 ** 30],
  s: ["seconds", 1],
  min: ["seconds", 60],
  h: ["seconds", 3600],
};

export const suffixNames: readonly string[] = Object.keys(suffixes);

export function quantityOf(suffix: string, amount: number): readonly [Unit, number] | undefined {
  const found = entryOf(suffixes, suffix);
  if (found === undefined) return undefined;
  // A percentage is divided, not multiplied: 3 / 100 is the double nearest to 0.03, and 3 * 0.01 is not.
  return suffix === "%" ? ["ratio", amount / 100] : [found[0], amount * found[1]];
}

/** Units whose numbers are whole. */
export function isWhole(unit: Unit): boolean {
  return (
    unit === "int" || unit === "steps" || unit === "tokens" || unit === "seq" || unit === "bytes"
  );
}

/** Units that arithmetic treats as plain numbers. */
export function isPlain(unit: Unit): boolean {
  return unit === "int" || unit === "float" || unit === "ratio";
}

export function isSpan(unit: Unit): boolean {
  return (
    unit === "span" ||
    unit === "steps" ||
    unit === "epochs" ||
    unit === "tokens" ||
    unit === "ratio"
  );
}

/** How messages write an amount: `3%`, `200steps`, `2048tok`. */
export function showQuantity(unit: Unit, amount: number): string {
  if (unit === "ratio") return `${round(amount * 100)}%`;
  if (unit === "tokens") return `${round(amount)}tok`;
  if (unit === "bytes") return `${round(amount)}B`;
  if (unit === "seconds") return `${round(amount)}s`;
  return unit === "int" || unit === "float" || unit === "span"
    ? String(amount)
    : `${round(amount)}${unit}`;
}

/** How a file has it: a plain number with its point. */
export function writeQuantity(unit: Unit, amount: number): string {
  return unit === "float" && Number.isInteger(amount)
    ? amount.toFixed(1)
    : showQuantity(unit, amount);
}

function round(amount: number): number {
  return Number(amount.toPrecision(6));
}
