/**
 * Index expressions: whole numbers made of loop variables, by which tensors are read and written. Kept in a
 * normal form (a constant and a sum of atoms times numbers), so that views composed of views come out as the
 * plain strides that they are, and bounds can be proved.
 */

import type { IndexArithmetic } from "../ops/op.ts";

export interface Index {
  readonly constant: number;
  /** Sorted by key; no coefficient is 0. */
  readonly terms: readonly Term[];
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
export type Atom =
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly extent: number;
      readonly key: string;
    }
  | {
      readonly kind: "divide" | "remainder";
      readonly of: Index;
      readonly by: number;
      readonly key: string;
    };

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
  multiply: (a, by) =>
    sum(
      a.constant * by,
      a.terms.map((term) => ({ atom: term.atom, by: term.by * by })),
    ),
  divide: (a, by) => quotient(a, by),
  remainder: (a, by) => rest(a, by),
};

/** Row-major place of an element. */
export function flatten(indices: readonly Index[], shape: readonly number[]): Index {
  let flat = constantIndex(0);
  for (const [axis, index] of indices.entries()) {
    flat = indexArithmetic.add(indexArithmetic.multiply(flat, shape[axis]), index);
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

/** How far a step of the variable moves the index; undefined if it is inside a quotient or remainder. */
export function strideBy(index: Index, name: string): number | undefined {
  let stride = 0;
  for (const { atom, by } of index.terms) {
    if (atom.kind === "variable") stride += atom.name === name ? by : 0;
    else if (mentions(atom.of, name)) return undefined;
  }
  return stride;
}

export function mentions(index: Index, name: string): boolean {
  return index.terms.some(({ atom }) =>
    atom.kind === "variable" ? atom.name === name : mentions(atom.of, name),
  );
}

/** Whether everything but the variable is a multiple of `by`, so that blocks of that many elements are aligned. */
export function isAligned(index: Index, name: string, by: number): boolean {
  return (
    index.constant % by === 0 &&
    index.terms.every(
      (term) => (term.atom.kind === "variable" && term.atom.name === name) || term.by % by === 0,
    )
  );
}

/** As WGSL, of type u32. `names` gives what stands for a variable. */
export function indexText(index: Index, names: (variable: string) => string): string {
  if (index.terms.length === 0) return `${index.constant}u`;
  const parts = index.terms
    .filter((term) => term.by > 0)
    .map(({ atom, by }) =>
      by === 1 ? atomText(atom, names) : `${atomText(atom, names)} * ${by}u`,
    );
  const minus = index.terms
    .filter((term) => term.by < 0)
    .map(({ atom, by }) =>
      by === -1 ? atomText(atom, names) : `${atomText(atom, names)} * ${-by}u`,
    );
  if (index.constant > 0 || parts.length === 0) parts.push(`${Math.max(0, index.constant)}u`);
  if (index.constant < 0) minus.push(`${-index.constant}u`);
  const text = [parts.join(" + "), ...minus].join(" - ");
  return parts.length + minus.length === 1 && !text.includes(" ") ? text : `(${text})`;
}

function atomText(atom: Atom, names: (variable: string) => string): string {
  if (atom.kind === "variable") return names(atom.name);
  return `(${indexText(atom.of, names)} ${atom.kind === "divide" ? "/" : "%"} ${atom.by}u)`;
}

function quotient(a: Index, by: number): Index {
  if (by === 1) return a;
  // Terms that `by` divides come out; what is left must not be negative, or truncation would differ.
  const whole = a.terms.filter((term) => term.by % by === 0);
  const left = sum(
    a.constant,
    a.terms.filter((term) => term.by % by !== 0),
  );
  const outside = sum(
    0,
    whole.map((term) => ({ atom: term.atom, by: term.by / by })),
  );
  const carried = Math.floor(left.constant / by);
  const inner = sum(left.constant - carried * by, left.terms);
  if (inner.low < 0) return atomIndex("divide", a, by);
  const base = indexArithmetic.add(outside, constantIndex(carried));
  if (inner.high < by) return base;
  if (whole.length === 0 && carried === 0) return divided(a, by);
  return indexArithmetic.add(base, divided(inner, by));
}

/** (x / a) / b is x / (a · b). */
function divided(a: Index, by: number): Index {
  const [only] = a.terms;
  if (a.terms.length === 1 && a.constant === 0 && only.by === 1 && only.atom.kind === "divide") {
    return quotient(only.atom.of, only.atom.by * by);
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
  return left.high < by ? left : atomIndex("remainder", left, by);
}

function atomIndex(kind: "divide" | "remainder", of: Index, by: number): Index {
  return sum(0, [
    { atom: { kind, of, by, key: `(${of.key}${kind === "divide" ? "/" : "%"}${by})` }, by: 1 },
  ]);
}

function sum(constant: number, terms: readonly Term[]): Index {
  const found = new Map<string, Term>();
  for (const { atom, by } of terms)
    found.set(atom.key, { atom, by: by + (found.get(atom.key)?.by ?? 0) });
  rejoin(found);
  const kept = [...found.values()].filter((term) => term.by !== 0);
  kept.sort((a, b) => (a.atom.key < b.atom.key ? -1 : 1));
  let [low, high] = [constant, constant];
  for (const { atom, by } of kept) {
    const [least, most] = boundsOf(atom);
    low += by > 0 ? by * least : by * most;
    high += by > 0 ? by * most : by * least;
  }
  const key = [...kept.map((term) => `${term.by}*${term.atom.key}`), constant].join("+");
  return { constant, terms: kept, key, low, high };
}

/** (x / d) · (c · d) + (x % d) · c is x · c. */
function rejoin(terms: Map<string, Term>): void {
  for (const { atom, by } of [...terms.values()]) {
    if (atom.kind !== "divide") continue;
    const other = terms.get(`(${atom.of.key}%${atom.by})`);
    if (other === undefined || other.by === 0 || other.by * atom.by !== by) continue;
    terms.delete(atom.key);
    terms.delete(other.atom.key);
    if (atom.of.constant !== 0) {
      // A constant inside would have to come out too; the pair stays as it is.
      terms.set(atom.key, { atom, by });
      terms.set(other.atom.key, other);
      continue;
    }
    for (const inner of atom.of.terms) {
      const key = inner.atom.key;
      terms.set(key, { atom: inner.atom, by: inner.by * other.by + (terms.get(key)?.by ?? 0) });
    }
  }
}

function boundsOf(atom: Atom): [number, number] {
  if (atom.kind === "variable") return [0, atom.extent - 1];
  if (atom.kind === "remainder") return [0, Math.min(atom.by - 1, Math.max(0, atom.of.high))];
  return [Math.max(0, Math.floor(atom.of.low / atom.by)), Math.floor(atom.of.high / atom.by)];
}
