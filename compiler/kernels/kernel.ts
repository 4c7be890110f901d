/**
 * The kernel level: what one kernel computes, as data. Its elements are scalar expressions over loop variables;
 * reads are loads of values that an earlier kernel wrote, or that live between programs. Equal parts of
 * expressions are one object where fusing found them to be, so walks remember what they have seen.
 */

import type { Attrs, ReduceBy, ScalarOp, TensorType, ValueId } from "../ops/op.ts";
import type { Dtype } from "../tensor/dtype.ts";
import type { Index } from "./index.ts";

export type Scalar =
  | Load
  | Pick
  | { readonly kind: "constant"; readonly value: number; readonly dtype: Dtype }
  | Operation
  /** A whole number of the loop itself. */
  | { readonly kind: "index"; readonly index: Index; readonly dtype: Dtype }
  | Guard
  | Random
  /** What fold `fold` of a rows kernel has found for this row. */
  | { readonly kind: "fold"; readonly fold: number; readonly dtype: Dtype }
  /** The sum that a contraction has just computed, in its epilogue. */
  | { readonly kind: "accumulator"; readonly dtype: "f32" };

/** The element of a value at a place. */
export interface Load {
  readonly kind: "load";
  readonly value: ValueId;
  readonly index: Index;
  readonly dtype: Dtype;
  /** The last place there is, where the index could not be proved to be one: it is clamped. */
  readonly most?: number;
}

/** An element of the row that `row` names, at `index` in it; 0 where there is no such row. */
export interface Pick {
  readonly kind: "pick";
  readonly value: ValueId;
  readonly row: Scalar;
  readonly rows: number;
  readonly width: number;
  readonly index: Index;
  readonly dtype: Dtype;
}

export interface Operation {
  readonly kind: "operation";
  readonly op: ScalarOp;
  readonly args: readonly Scalar[];
  readonly dtype: Dtype;
}

/** `inside` where every index is within its bounds, and only there is it read; `otherwise` elsewhere. */
export interface Guard {
  readonly kind: "guard";
  readonly bounds: readonly Bound[];
  readonly inside: Scalar;
  readonly otherwise: Scalar;
  readonly dtype: Dtype;
}

export interface Bound {
  readonly index: Index;
  readonly lower: number;
  readonly upper: number;
}

export interface Random {
  readonly kind: "random";
  readonly seed: Scalar;
  readonly stream: Scalar;
  readonly index: Index;
  readonly dtype: Dtype;
}

/** What a kernel writes: `body` to each `place` of a value. */
export interface Result {
  readonly value: ValueId;
  readonly dtype: Dtype;
  readonly place: Index;
  readonly body: Scalar;
}

interface Labelled {
  /** What it computes, in the words of the source. */
  readonly label: string;
}

/** `count` elements, each by itself, over the variable `i`. */
export interface MapKernel extends Labelled {
  readonly kind: "map";
  readonly count: number;
  readonly results: readonly Result[];
}

/**
 * Rows, over the variable `i`, of elements, over `r`. The folds of a row are found in order, each over all of its
 * elements, and may use the folds before them. Then come the results: of each row, or of each element.
 */
export interface RowsKernel extends Labelled {
  readonly kind: "rows";
  readonly rows: number;
  readonly columns: number;
  readonly folds: readonly Fold[];
  readonly rowResults: readonly Result[];
  readonly elementResults: readonly Result[];
}

export interface Fold {
  readonly by: ReduceBy;
  readonly dtype: Dtype;
  readonly body: Scalar;
}

/**
 * Sums of products over the variables `b`, `m`, `n`, `k`, each the row-major place in its group of axes. Every
 * result has an element for each `b`, `m`, `n`.
 */
export interface ContractKernel extends Labelled {
  readonly kind: "contract";
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly left: Scalar;
  readonly right: Scalar;
  readonly results: readonly Result[];
}

/** Sums of rows of updates into the rows that an index names, in order; what it does not name is left out. */
export interface ScatterAddKernel extends Labelled {
  readonly kind: "scatter-add";
  readonly value: ValueId;
  readonly dtype: Dtype;
  readonly rows: number;
  readonly width: number;
  /** Updates. */
  readonly count: number;
  /** The row of update `u`. */
  readonly row: Scalar;
  /** Element `c` of update `u`. */
  readonly update: Scalar;
}

/** A piece stored into a target that stays as it is elsewhere: the target's memory becomes the result's. */
export interface WriteKernel extends Labelled {
  readonly kind: "write";
  readonly value: ValueId;
  readonly dtype: Dtype;
  readonly target: ValueId;
  /** Elements of the piece. */
  readonly count: number;
  /** Where the piece begins along the axis, and the last place where it may. */
  readonly at: Scalar;
  readonly last: number;
  /** Elements from one position along the axis to the next. */
  readonly stride: number;
  /** Over `i`, the place in the piece: its place in the target if it began at 0, and what is stored. */
  readonly place: Index;
  readonly body: Scalar;
}

/** One of the heavy templates. */
export interface TemplateKernel extends Labelled {
  readonly kind: "attention" | "cross-entropy";
  readonly part: string;
  readonly attrs: Attrs;
  /** Over `i0`, `i1`, … of each argument. */
  readonly operands: readonly Operand[];
  readonly results: readonly { readonly value: ValueId; readonly type: TensorType }[];
}

export interface Operand {
  readonly shape: readonly number[];
  readonly body: Scalar;
}

export type Kernel =
  | MapKernel
  | RowsKernel
  | ContractKernel
  | ScatterAddKernel
  | WriteKernel
  | TemplateKernel;

/** Loads and picks of expressions, each object once, in the order of first use. */
export function readsIn(scalars: Iterable<Scalar>): (Load | Pick)[] {
  return partsOf(scalars).filter((part) => part.kind === "load" || part.kind === "pick");
}

/** Expressions and all that is inside them, each object once. */
export function partsOf(scalars: Iterable<Scalar>): Scalar[] {
  const seen = new Set<Scalar>();
  const visit = (scalar: Scalar): void => {
    if (seen.has(scalar)) return;
    seen.add(scalar);
    for (const part of insideOf(scalar)) visit(part);
  };
  for (const scalar of scalars) visit(scalar);
  return [...seen];
}

/** The expressions that an expression is made of. */
export function insideOf(scalar: Scalar): readonly Scalar[] {
  switch (scalar.kind) {
    case "operation":
      return scalar.args;
    case "guard":
      return [scalar.inside, scalar.otherwise];
    case "random":
      return [scalar.seed, scalar.stream];
    case "pick":
      return [scalar.row];
    case "load":
    case "constant":
    case "index":
    case "fold":
    case "accumulator":
      return [];
    default:
      return scalar satisfies never;
  }
}

/** Every expression of a kernel, in the order of use. */
export function scalarsOf(kernel: Kernel): readonly Scalar[] {
  const bodies = (results: readonly Result[]) => results.map((result) => result.body);
  switch (kernel.kind) {
    case "map":
      return bodies(kernel.results);
    case "rows":
      return [
        ...kernel.folds.map((fold) => fold.body),
        ...bodies(kernel.rowResults),
        ...bodies(kernel.elementResults),
      ];
    case "contract":
      return [kernel.left, kernel.right, ...bodies(kernel.results)];
    case "scatter-add":
      return [kernel.row, kernel.update];
    case "write":
      return [kernel.at, kernel.body];
    case "attention":
    case "cross-entropy":
      return kernel.operands.map((operand) => operand.body);
    default:
      return kernel satisfies never;
  }
}

const readsKnown = new WeakMap<Kernel, readonly ValueId[]>();

/** Values that a kernel reads, each once, in the order of first use. */
export function readsOf(kernel: Kernel): readonly ValueId[] {
  const known = readsKnown.get(kernel);
  if (known !== undefined) return known;
  const reads = [...new Set(readsIn(scalarsOf(kernel)).map((read) => read.value))];
  readsKnown.set(kernel, reads);
  return reads;
}

/** Values that must be in memory before a kernel runs. */
export function needsOf(kernel: Kernel): readonly ValueId[] {
  const reads = readsOf(kernel);
  const hasAll = kernel.kind !== "write" || reads.includes(kernel.target);
  return hasAll ? reads : [kernel.target, ...reads];
}

export function resultsOf(kernel: Kernel): ValueId[] {
  switch (kernel.kind) {
    case "map":
    case "contract":
      return kernel.results.map((result) => result.value);
    case "rows":
      return [...kernel.rowResults, ...kernel.elementResults].map((result) => result.value);
    case "scatter-add":
    case "write":
      return [kernel.value];
    case "attention":
    case "cross-entropy":
      return kernel.results.map((result) => result.value);
    default:
      return kernel satisfies never;
  }
}
