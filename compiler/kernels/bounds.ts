/** Between which numbers an index lies where guards hold. */

import { type Atom, constantIndex, type Index, indexArithmetic } from "./index.ts";
import type { Bound } from "./kernel.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

type Ratio = Exclude<Atom, { readonly kind: "variable" }>;

/** Both ends included. What the guards say of parts of the index counts wherever the parts are found in it. */
export function boundsOf(index: Index, guards: readonly Bound[]): Interval {
  const joined = new Map<string, Bound>();
  const ratios = new Map<string, Ratio>();
  for (const guard of guards) {
    const { constant } = guard.index;
    const moving = indexArithmetic.add(guard.index, constantIndex(-constant));
    const [lower, upper] = [guard.lower - constant, guard.upper - constant];
    const known = joined.get(moving.key) ?? { index: moving, lower, upper };
    joined.set(moving.key, {
      index: moving,
      lower: Math.max(known.lower, lower),
      upper: Math.min(known.upper, upper),
    });
    for (const { atom } of moving.terms) {
      if (atom.kind !== "variable") ratios.set(`${atom.of.key} by ${atom.by}`, atom);
    }
  }
  return new Bounds([...joined.values()]).of(index, [...ratios.values()]);
}

class Bounds {
  readonly #guards: readonly Bound[];
  readonly #known = new Map<string, Interval>();

  constructor(guards: readonly Bound[]) {
    this.#guards = guards;
  }

  /** `ratios` are those by which the index may still be taken apart. */
  of(index: Index, ratios: readonly Ratio[]): Interval {
    const key = [index.key, ...ratios.map((ratio) => ratio.key)].join(";");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let best = this.#whole(index, ratios);
    for (const [at, ratio] of ratios.entries()) {
      const pieces = takenApart(index, ratio);
      if (pieces === undefined) continue;
      const others = ratios.filter((_, other) => other !== at);
      const apart = pieces
        .map(([piece, times]) => scaled(this.of(piece, others), times))
        .reduce(sum);
      best = { low: Math.max(best.low, apart.low), high: Math.min(best.high, apart.high) };
    }
    this.#known.set(key, best);
    return best;
  }

  #whole(index: Index, ratios: readonly Ratio[]): Interval {
    let left = index;
    let found: Interval = { low: 0, high: 0 };
    for (const guard of this.#guards) {
      const times = timesIn(left, guard.index);
      if (times === 0) continue;
      found = sum(found, scaled(guarded(guard), times));
      left = indexArithmetic.add(left, indexArithmetic.multiply(guard.index, -times));
    }
    for (const { atom, by } of left.terms) found = sum(found, scaled(this.#atom(atom, ratios), by));
    return { low: found.low + left.constant, high: found.high + left.constant };
  }

  #atom(atom: Atom, ratios: readonly Ratio[]): Interval {
    if (atom.kind === "variable") return { low: 0, high: atom.extent - 1 };
    const inner = this.of(
      atom.of,
      ratios.filter((ratio) => ratio.of.key !== atom.of.key),
    );
    const quotient = (value: number) => Math.floor(value / atom.by);
    if (atom.kind === "divide") return { low: quotient(inner.low), high: quotient(inner.high) };
    const wraps = quotient(inner.low) !== quotient(inner.high) || inner.low < 0;
    if (wraps) return { low: 0, high: atom.by - 1 };
    return { low: inner.low % atom.by, high: inner.high % atom.by };
  }
}

type Piece = readonly [Index, times: number];

/**
 * The index as a sum of parts of which one is the ratio: x is (x / by) · by + x % by, and x % m is that of
 * remainders. Undefined where x is not in it.
 */
function takenApart(index: Index, { of, by }: Ratio): Piece[] | undefined {
  const { add, multiply, divide, remainder } = indexArithmetic;
  const times = timesIn(index, of);
  if (times !== 0) {
    const others = add(index, multiply(of, -times));
    return [
      [others, 1],
      [divide(of, by), times * by],
      [remainder(of, by), times],
    ];
  }
  const inner = of.terms.length === 1 && of.constant === 0 ? of.terms[0].atom : undefined;
  for (const term of index.terms) {
    const { atom } = term;
    if (atom.kind !== "remainder") continue;
    const [x, most] = [atom.of, atom.by];
    const others = add(index, multiply(remainder(x, most), -term.by));
    if (x.key === of.key && most % by === 0) {
      return [
        [others, 1],
        [remainder(divide(x, by), most / by), term.by * by],
        [remainder(x, by), term.by],
      ];
    }
    if (inner?.kind !== "divide" || inner.of.key !== x.key || most % (inner.by * by) !== 0)
      continue;
    return [
      [others, 1],
      [remainder(divide(x, inner.by * by), most / (inner.by * by)), term.by * inner.by * by],
      [remainder(divide(x, inner.by), by), term.by * inner.by],
      [remainder(x, inner.by), term.by],
    ];
  }
  return undefined;
}

function guarded({ index, lower, upper }: Bound): Interval {
  return { low: Math.max(index.low, lower), high: Math.min(index.high, upper - 1) };
}

/** How many times the terms of the part are all in the index; 0 if they are not. */
function timesIn(index: Index, part: Index): number {
  const [first] = part.terms;
  if (first === undefined) return 0;
  const coefficients = new Map(index.terms.map(({ atom, by }) => [atom.key, by]));
  const times = (coefficients.get(first.atom.key) ?? 0) / first.by;
  const isThere = part.terms.every(({ atom, by }) => coefficients.get(atom.key) === by * times);
  return Number.isInteger(times) && isThere ? times : 0;
}

function sum(a: Interval, b: Interval): Interval {
  return { low: a.low + b.low, high: a.high + b.high };
}

function scaled({ low, high }: Interval, by: number): Interval {
  return { low: Math.min(by * low, by * high), high: Math.max(by * low, by * high) };
}
