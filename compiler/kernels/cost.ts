/** What computing an element takes, to choose between computing it again and keeping it. */

import type { ScalarOp } from "../ops/op.ts";
import { type Load, type Pick, partsOf, type Scalar } from "./kernel.ts";

/** A pointwise value at most this dear, of one load, is computed by whoever reads it. */
export const cheap = 8;

/** The same where one kernel computes it, and no more than once. */
export const bearable = 24;

/** The same for operands that a kernel loads once for each of its tiles. */
export const cheapOperand = 2;

export interface Cost {
  readonly operations: number;
  /** Each place once. */
  readonly loads: readonly (Load | Pick)[];
}

/** Of all the expressions together; what they share counts once. */
export function costOf(...scalars: readonly Scalar[]): Cost {
  const parts = partsOf(scalars);
  const loads = new Map<string, Load | Pick>();
  for (const part of parts) {
    if (part.kind === "pick") loads.set(`pick ${loads.size}`, part);
    if (part.kind === "load") loads.set(`${part.value}@${part.index.key}`, part);
  }
  const operations = parts.reduce((total, part) => total + operationsOf(part), 0);
  return { operations, loads: [...loads.values()] };
}

/**
 * How much of a load each of `count` elements has: all of one, or its share of one number a row. What is small
 * beside the rest decides nothing.
 */
export function shareOf(loaded: number, count: number): number {
  const share = Math.min(1, loaded / count);
  return share < 0.1 ? 0 : share;
}

/** Whether a kernel may compute the element each time it needs it, where that is more than once. */
export function isOperand(scalar: Scalar): boolean {
  const isPlain = partsOf([scalar]).every(
    (part) => part.kind !== "guard" && part.kind !== "pick" && part.kind !== "random",
  );
  const { operations, loads } = costOf(scalar);
  const moving = loads.filter((load) => load.index.terms.length > 0);
  return isPlain && moving.length <= 1 && operations <= cheapOperand;
}

function operationsOf(part: Scalar): number {
  switch (part.kind) {
    case "operation":
      return operationCosts[part.op] ?? 1;
    case "guard":
      return part.bounds.length;
    // A dozen operations on integers.
    case "random":
      return 4;
    case "pick":
      return 2;
    case "load":
    case "constant":
    case "index":
    case "fold":
    case "accumulator":
      return 0;
    default:
      return part satisfies never;
  }
}

/** Those that take more than one instruction. */
const operationCosts: Readonly<Partial<Record<ScalarOp, number>>> = {
  exp: 4,
  log: 4,
  sin: 4,
  cos: 4,
  tanh: 4,
  sigmoid: 5,
  power: 8,
  divide: 2,
  remainder: 2,
  sqrt: 2,
  rsqrt: 2,
};
