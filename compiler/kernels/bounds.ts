/**
 * Between which numbers an index lies where guards hold. Quotients and remainders of one expression are written
 * in its digits: of `x` cut at 8 and 24 they are x % 8, (x / 8) % 3 and x / 24, and x is the sum of them times 1,
 * 8 and 24. In digits, what a guard says of a part counts for all that the part is in.
 */

import { type Atom, type Index, indexArithmetic } from "./index.ts";
import type { Bound } from "./kernel.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Both ends included. */
export function boundsOf(index: Index, guards: readonly Bound[]): Interval {
  // Guards may cut one expression in ways that do not fit together, so each is also tried by itself.
  const choices = guards.length > 1 ? [guards, ...guards.map((guard) => [guard])] : [guards];
  const found = choices.map((cutting) => boundsBy(index, guards, cutting));
  return {
    low: Math.max(...found.map(({ low }) => low)),
    high: Math.min(...found.map(({ high }) => high)),
  };
}

/** What holds where not all of the bounds do, as far as it is one bound. */
export function complement([only, ...others]: readonly Bound[], guards: readonly Bound[]): Bound[] {
  if (others.length > 0) return [];
  const { index, lower, upper } = only;
  const { low, high } = boundsOf(index, guards);
  if (low >= lower) return [{ index, lower: upper, upper: high + 1 }];
  return high < upper ? [{ index, lower: low, upper: lower }] : [];
}

/** With digits that are cut as the index and some of the guards are. */
function boundsBy(index: Index, guards: readonly Bound[], cutting: readonly Bound[]): Interval {
  const numerals = numeralsOf([index, ...cutting.map((guard) => guard.index)]);
  const linear = (of: Index) => inDigits(of, numerals);
  const known = guards.map((guard): Known => {
    const { constant, low, high } = guard.index;
    return {
      terms: linear(guard.index).terms,
      low: Math.max(low, guard.lower) - constant,
      high: Math.min(high, guard.upper - 1) - constant,
    };
  });
  const { constant, terms } = linear(index);
  const found = boundTerms(terms, known);
  return { low: found.low + constant, high: found.high + constant };
}

// Linear forms ----------------------------------------------------------------------------------

interface Digit {
  readonly high: number;
  readonly times: number;
}

/** By the digit's name. */
type Terms = ReadonlyMap<string, Digit>;

interface Linear {
  readonly constant: number;
  readonly terms: Terms;
}

interface Known extends Interval {
  readonly terms: Terms;
}

function boundTerms(terms: Terms, known: readonly Known[]): Interval {
  let left = terms;
  let found: Interval = { low: 0, high: 0 };
  // The narrowest first: of what two guards say of one part, that is what counts.
  for (const one of [...known].sort((a, b) => a.high - a.low - (b.high - b.low))) {
    const times = timesIn(left, one.terms);
    if (times === 0) continue;
    found = sum(found, scaled(one, times));
    left = without(left, one.terms, times);
  }
  for (const { high, times } of left.values()) found = sum(found, scaled({ low: 0, high }, times));
  return found;
}

/** How many times the part is in the whole, with all of its terms; 0 if it is not. */
function timesIn(whole: Terms, part: Terms): number {
  const [first] = part;
  if (first === undefined) return 0;
  const times = (whole.get(first[0])?.times ?? 0) / first[1].times;
  const isThere = [...part].every(
    ([name, digit]) => whole.get(name)?.times === digit.times * times,
  );
  return Number.isInteger(times) && isThere ? times : 0;
}

function without(whole: Terms, part: Terms, times: number): Terms {
  const left = new Map(whole);
  for (const [name, digit] of part) add(left, name, { ...digit, times: -digit.times * times });
  return left;
}

function add(terms: Map<string, Digit>, name: string, { high, times }: Digit): void {
  const total = times + (terms.get(name)?.times ?? 0);
  if (total === 0) terms.delete(name);
  else terms.set(name, { high, times: total });
}

// Digits ----------------------------------------------------------------------------------------

/** An expression that is cut into digits; each cut divides the next, and the first is 1. */
interface Numeral {
  readonly of: Index;
  readonly cuts: readonly number[];
}

/** x % by, x / by, and (x / from) % n of one x. */
interface Cut {
  readonly of: Index;
  readonly from: number;
  /** Undefined where nothing is cut off above. */
  readonly to: number | undefined;
}

function cutOf(atom: Exclude<Atom, { kind: "variable" }>): Cut {
  const { of, by } = atom;
  const inner =
    of.terms.length === 1 && of.constant === 0 && of.terms[0].by === 1
      ? of.terms[0].atom
      : undefined;
  const under = inner?.kind === "divide" ? cutOf(inner) : { of, from: 1 };
  return atom.kind === "divide"
    ? { of: under.of, from: under.from * by, to: undefined }
    : { of: under.of, from: under.from, to: under.from * by };
}

function numeralsOf(indices: readonly Index[]): ReadonlyMap<string, Numeral> {
  const cuts = new Map<string, { of: Index; cuts: Set<number> }>();
  for (const { terms } of indices) {
    for (const { atom } of terms) {
      if (atom.kind === "variable") continue;
      const { of, from, to } = cutOf(atom);
      const known = cuts.get(of.key) ?? { of, cuts: new Set([1]) };
      cuts.set(of.key, known);
      for (const cut of to === undefined ? [from] : [from, to]) known.cuts.add(cut);
    }
  }
  const numerals = new Map<string, Numeral>();
  for (const [key, { of, cuts: all }] of cuts) {
    const sorted = [...all].sort((a, b) => a - b);
    const isChain = sorted.every((cut, at) => at === 0 || cut % sorted[at - 1] === 0);
    if (isChain && of.low >= 0) numerals.set(key, { of, cuts: sorted });
  }
  return numerals;
}

function inDigits(index: Index, numerals: ReadonlyMap<string, Numeral>): Linear {
  const { multiply } = indexArithmetic;
  const terms = new Map<string, Digit>();
  let left = index;
  for (const { of, cuts } of numerals.values()) {
    const times = wholesIn(left, of);
    if (times === 0) continue;
    left = indexArithmetic.add(left, multiply(of, -times));
    addDigits(terms, { of, from: 1, to: undefined }, cuts, times);
  }
  for (const { atom, by } of left.terms) {
    const cut = atom.kind === "variable" ? undefined : cutOf(atom);
    const numeral = cut === undefined ? undefined : numerals.get(cut.of.key);
    if (cut !== undefined && numeral !== undefined) addDigits(terms, cut, numeral.cuts, by);
    else add(terms, atom.key, { high: highestOf(atom), times: by });
  }
  return { constant: left.constant, terms };
}

function addDigits(
  terms: Map<string, Digit>,
  { of, from, to }: Cut,
  cuts: readonly number[],
  times: number,
): void {
  for (const [at, cut] of cuts.entries()) {
    if (cut < from || (to !== undefined && cut >= to)) continue;
    const next = cuts[at + 1];
    const top = Math.floor(of.high / cut);
    const high = next === undefined ? top : Math.min(top, next / cut - 1);
    if (high > 0) add(terms, `${of.key} by ${cut}`, { high, times: (times * cut) / from });
  }
}

/** How many times all of an expression is in an index. */
function wholesIn(index: Index, part: Index): number {
  const [first] = part.terms;
  const coefficients = new Map(index.terms.map(({ atom, by }) => [atom.key, by]));
  const times = (coefficients.get(first.atom.key) ?? 0) / first.by;
  const isThere = part.terms.every(({ atom, by }) => coefficients.get(atom.key) === by * times);
  return Number.isInteger(times) && isThere ? times : 0;
}

function highestOf(atom: Atom): number {
  if (atom.kind === "variable") return atom.extent - 1;
  const most = Math.max(0, atom.of.high);
  return atom.kind === "divide" ? Math.floor(most / atom.by) : Math.min(atom.by - 1, most);
}

function sum(a: Interval, b: Interval): Interval {
  return { low: a.low + b.low, high: a.high + b.high };
}

function scaled({ low, high }: Interval, by: number): Interval {
  return { low: Math.min(by * low, by * high), high: Math.max(by * low, by * high) };
}
