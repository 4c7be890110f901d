/**
 * Index expressions: whole numbers made of loop variables, by which tensors are read and written. Kept in a
 * normal form (a constant and a sum of atoms times numbers), so that views composed of views come out as the
 * plain strides that they are, equal places have equal keys, and bounds can be proved.
 */

import type { IndexArithmetic } from "../ops/op.ts";

export interface Index {
  readonly constant: number;
  /** Sorted by key; no coefficient is 0. */
  readonly terms: readonly Term[];
  /** Equal for equal expressions. */
  readonly key: string;
  /** Bounds, both included. */
  readonly low: number;
  readonly high: number;
}

export interface Term {
  readonly atom: Atom;
  readonly by: number;
}

/** A loop variable from 0 to extent − 1, or a quotient or remainder that does not come apart. */
export type Atom = Variable | Ratio;

interface Variable {
  readonly kind: "variable";
  readonly name: string;
  readonly extent: number;
  readonly key: string;
}

interface Ratio {
  readonly kind: "divide" | "remainder";
  readonly of: Index;
  readonly by: number;
  readonly key: string;
}

export function constantIndex(value: number): Index {
  return { constant: value, terms: [], key: String(value), low: value, high: value };
}

export function variable(name: string, extent: number): Index {
  if (extent === 1) return constantIndex(0);
  return sum(0, [{ atom: { kind: "variable", name, extent, key: name }, by: 1 }]);
}

export const indexArithmetic: IndexArithmetic<Index> = {
  constant: constantIndex,
  add: (a, b) => sum(a.constant + b.constant, [...a.terms, ...b.terms]),
  multiply: scaled,
  divide: quotient,
  remainder: rest,
};

/** Row-major place of an element. */
export function flatten(indices: readonly Index[], shape: readonly number[]): Index {
  let flat = constantIndex(0);
  for (const [axis, index] of indices.entries()) {
    flat = indexArithmetic.add(scaled(flat, shape[axis]), index);
  }
  return flat;
}

/** The coordinates of a row-major place. */
export function unflatten(flat: Index, shape: readonly number[]): Index[] {
  const indices: Index[] = [];
  let left = flat;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    indices.unshift(rest(left, shape[axis]));
    left = quotient(left, shape[axis]);
  }
  if (shape.length > 0) indices.unshift(left);
  return indices;
}

/** The names of the variables that the index depends on. */
export function variablesOf(index: Index): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = ({ terms }: Index): void => {
    for (const { atom } of terms) {
      if (atom.kind === "variable") names.add(atom.name);
      else visit(atom.of);
    }
  };
  visit(index);
  return names;
}

/**
 * How far a step of the variable moves the index, inside blocks of four steps that begin at multiples of four:
 * undefined where it is not by the same distance each.
 */
export function strideBy(index: Index, name: string): number | undefined {
  let stride = 0;
  for (const { atom, by } of index.terms) {
    const own = atom.kind === "variable" ? Number(atom.name === name) : strideOfRatio(atom, name);
    if (own === undefined) return undefined;
    stride += own * by;
  }
  return stride;
}

function strideOfRatio(atom: Ratio, name: string): number | undefined {
  const inner = strideBy(atom.of, name);
  if (inner === 0) return 0;
  // A block of four neighbours that begins at a multiple of four does not cross a multiple of `by`.
  if (inner !== 1 || atom.by % 4 !== 0 || !isAligned(atom.of, name)) return undefined;
  return atom.kind === "divide" ? 0 : 1;
}

/** Whether the index is a multiple of four wherever the variable is. */
export function isAligned(index: Index, name: string): boolean {
  return index.constant % 4 === 0 && index.terms.every((term) => isAlignedTerm(term, name));
}

function isAlignedTerm({ atom, by }: Term, name: string): boolean {
  if (by % 4 === 0) return true;
  if (atom.kind === "variable") return atom.name === name;
  return atom.kind === "remainder" && atom.by % 4 === 0 && isAligned(atom.of, name);
}

/**
 * As WGSL, of type u32. `atomText` gives what stands for a variable, and for a quotient or remainder if the
 * caller has bound one.
 */
export function indexText(index: Index, atomText: (atom: Atom) => string): string {
  const product = ({ atom, by }: Term): string => {
    const size = Math.abs(by);
    return size === 1 ? atomText(atom) : `${atomText(atom)} * ${size}u`;
  };
  const plus = index.terms.filter((term) => term.by > 0).map(product);
  const minus = index.terms.filter((term) => term.by < 0).map(product);
  if (index.constant > 0 || plus.length === 0) plus.push(`${Math.max(0, index.constant)}u`);
  if (index.constant < 0) minus.push(`${-index.constant}u`);
  const text = [plus.join(" + "), ...minus].join(" - ");
  return text.includes(" ") ? `(${text})` : text;
}

/** A quotient or remainder as WGSL, in terms of `atomText` for what is inside. */
export function ratioText(atom: Ratio, atomText: (atom: Atom) => string): string {
  return `${indexText(atom.of, atomText)} ${atom.kind === "divide" ? "/" : "%"} ${atom.by}u`;
}

// Normal form -----------------------------------------------------------------------------------

function scaled(a: Index, by: number): Index {
  return sum(
    a.constant * by,
    a.terms.map((term) => ({ atom: term.atom, by: term.by * by })),
  );
}

function quotient(a: Index, by: number): Index {
  if (by === 1) return a;
  // Terms that `by` divides come out; what is left must not be negative, or truncation would differ.
  const whole = a.terms.filter((term) => term.by % by === 0);
  const others = a.terms.filter((term) => term.by % by !== 0);
  const carried = Math.floor(a.constant / by);
  const inner = sum(a.constant - carried * by, others);
  if (inner.low < 0) return atomIndex("divide", a, by);
  const outer = sum(
    carried,
    whole.map((term) => ({ atom: term.atom, by: term.by / by })),
  );
  return indexArithmetic.add(outer, inner.high < by ? constantIndex(0) : divided(inner, by));
}

function divided(a: Index, by: number): Index {
  const only = soleRatio(a);
  // (x / c) / b is x / (c · b), and (x % (c · b)) / b is (x / b) % c.
  if (only?.kind === "divide") return quotient(only.of, only.by * by);
  if (only?.kind === "remainder" && only.by % by === 0) {
    return rest(quotient(only.of, by), only.by / by);
  }
  return atomIndex("divide", a, by);
}

function rest(a: Index, by: number): Index {
  if (by === 1) return constantIndex(0);
  const left = sum(
    ((a.constant % by) + by) % by,
    a.terms.filter((term) => term.by % by !== 0),
  );
  if (left.low < 0) return atomIndex("remainder", a, by);
  if (left.high < by) return left;
  const only = soleRatio(left);
  // (x % (c · b)) % b is x % b.
  if (only?.kind === "remainder" && only.by % by === 0) return rest(only.of, by);
  return atomIndex("remainder", left, by);
}

/** The quotient or remainder that is all there is of an index. */
function soleRatio({ constant, terms }: Index): Ratio | undefined {
  const [only] = terms;
  if (constant !== 0 || terms.length !== 1 || only.by !== 1) return undefined;
  return only.atom.kind === "variable" ? undefined : only.atom;
}

function atomIndex(kind: Ratio["kind"], of: Index, by: number): Index {
  const key = `(${of.key}${kind === "divide" ? "/" : "%"}${by})`;
  return sum(0, [{ atom: { kind, of, by, key }, by: 1 }]);
}

function sum(constant: number, terms: readonly Term[]): Index {
  const found = new Map<string, Term>();
  for (const { atom, by } of terms) addTerm(found, atom, by);
  const total = constant + rejoin(found);
  const kept = [...found.values()].sort((a, b) => (a.atom.key < b.atom.key ? -1 : 1));
  let [low, high] = [total, total];
  for (const { atom, by } of kept) {
    const [least, most] = boundsOf(atom);
    low += by > 0 ? by * least : by * most;
    high += by > 0 ? by * most : by * least;
  }
  const key = [...kept.map((term) => `${term.by}*${term.atom.key}`), total].join("+");
  return { constant: total, terms: kept, key, low, high };
}

function addTerm(terms: Map<string, Term>, atom: Atom, by: number): void {
  const total = by + (terms.get(atom.key)?.by ?? 0);
  if (total === 0) terms.delete(atom.key);
  else terms.set(atom.key, { atom, by: total });
}

/**
 * (x / m) · (c · m) + (x % m) · c is x · c, and with (x / m) % n it is (x % (m · n)) · c. Changes the terms, and
 * gives what that adds to the constant.
 */
function rejoin(terms: Map<string, Term>): number {
  for (const { atom, by } of [...terms.values()]) {
    if (atom.kind !== "remainder") continue;
    const quotientOf = quotient(atom.of, atom.by);
    const higher = [...terms.values()].find(
      (term) =>
        term.atom.kind === "remainder" &&
        term.by === by * atom.by &&
        term.atom.of.key === quotientOf.key,
    );
    if (higher?.atom.kind === "remainder") {
      const joined = rest(atom.of, atom.by * higher.atom.by);
      addTerm(terms, atom, -by);
      addTerm(terms, higher.atom, -higher.by);
      for (const term of joined.terms) addTerm(terms, term.atom, term.by * by);
      return joined.constant * by + rejoin(terms);
    }
    const over = scaled(quotientOf, by * atom.by);
    const isThere = over.terms.every((term) => terms.get(term.atom.key)?.by === term.by);
    if (!isThere || over.terms.length === 0) continue;
    addTerm(terms, atom, -by);
    for (const term of over.terms) addTerm(terms, term.atom, -term.by);
    for (const term of atom.of.terms) addTerm(terms, term.atom, term.by * by);
    return atom.of.constant * by - over.constant + rejoin(terms);
  }
  return 0;
}

function boundsOf(atom: Atom): [number, number] {
  switch (atom.kind) {
    case "variable":
      return [0, atom.extent - 1];
    case "remainder":
      return [0, Math.min(atom.by - 1, Math.max(0, atom.of.high))];
    case "divide":
      return [
        Math.max(0, Math.floor(atom.of.low / atom.by)),
        Math.max(0, Math.floor(atom.of.high / atom.by)),
      ];
    default:
      return atom satisfies never;
  }
}
