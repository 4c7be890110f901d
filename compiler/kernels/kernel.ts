/**
 * The kernel level: what one dispatch computes, as data. A kernel's elements are scalar expressions over loop
 * variables; reads are loads of values that an earlier kernel wrote, or that live between programs.
 */

import type { Attrs, ReduceBy, ScalarOp, ValueId } from "../ops/op.ts";
import type { Dtype } from "../tensor/dtype.ts";
import type { Index } from "./index.ts";

export type Scalar =
  | { readonly kind: "load"; readonly value: ValueId; readonly index: Index; readonly dtype: Dtype }
  | { readonly kind: "constant"; readonly value: number; readonly dtype: Dtype }
  | {
      readonly kind: "operation";
      readonly op: ScalarOp;
      readonly args: readonly Scalar[];
      readonly dtype: Dtype;
    }
  /** A whole number of the loop itself. */
  | { readonly kind: "index"; readonly index: Index; readonly dtype: Dtype }
  /** `then` where every index is within its bounds; only there is it read. */
  | {
      readonly kind: "guard";
      readonly bounds: readonly Bound[];
      readonly then: Scalar;
      readonly otherwise: Scalar;
      readonly dtype: Dtype;
    }
  | {
      readonly kind: "random";
      readonly seed: Scalar;
      readonly stream: number;
      readonly index: Index;
      readonly dtype: Dtype;
    }
  /** What a reduction or a template has just computed, in an epilogue. */
  | { readonly kind: "accumulator"; readonly dtype: Dtype };

export interface Bound {
  readonly index: Index;
  readonly lower: number;
  readonly upper: number;
}

interface KernelParts {
  /** What it computes, in the words of the source. */
  readonly label: string;
  readonly result: ValueId;
  readonly dtype: Dtype;
  /** The result's axes; the loop variables are `i0`, `i1`, … */
  readonly shape: readonly number[];
}

/** One element of the result from expressions alone. */
export interface MapKernel extends KernelParts {
  readonly kind: "map";
  readonly body: Scalar;
}

/** Elements folded over the variables `r0`, `r1`, …; then an epilogue. */
export interface ReduceKernel extends KernelParts {
  readonly kind: "reduce";
  readonly by: ReduceBy;
  readonly extents: readonly number[];
  readonly body: Scalar;
  readonly epilogue: Scalar;
}

/**
 * Sums of products. Variables: `b`, `m`, `n`, `k`, each the row-major place in its group of axes; `shape` is
 * [batch, m, n], and `place` the result's element for them.
 */
export interface ContractKernel extends KernelParts {
  readonly kind: "contract";
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly left: Scalar;
  readonly right: Scalar;
  readonly place: Index;
  readonly epilogue: Scalar;
}

/** Rows of a table by an index; variables as of a map. */
export interface GatherKernel extends KernelParts {
  readonly kind: "gather";
  readonly table: ValueId;
  readonly rows: number;
  /** Elements of a row. */
  readonly width: number;
  /** Over `i0`, the place in the index tensor. */
  readonly index: Scalar;
}

/** Sums of rows of updates into the rows that an index names, in order. */
export interface ScatterAddKernel extends KernelParts {
  readonly kind: "scatter-add";
  readonly rows: number;
  readonly width: number;
  readonly count: number;
  /** Over `r0`. */
  readonly index: Scalar;
  /** Over `r0` and `i1`, the place in the row. */
  readonly update: Scalar;
}

/** A piece stored into a target that stays as it is elsewhere: the target's data become the result's. */
export interface WriteKernel extends KernelParts {
  readonly kind: "write";
  readonly target: ValueId;
  readonly axis: number;
  readonly piece: readonly number[];
  readonly at: Scalar;
  /** Over `i0`, … of the piece. */
  readonly body: Scalar;
}

/** One of the heavy templates: operands are expressions over the variables its template names. */
export interface TemplateKernel {
  readonly kind: "template";
  readonly label: string;
  readonly template: "attention" | "cross-entropy";
  readonly part: string;
  readonly attrs: Attrs;
  /** Over `i0`, `i1`, … of each argument. */
  readonly operands: readonly { readonly shape: readonly number[]; readonly body: Scalar }[];
  readonly results: readonly {
    readonly value: ValueId;
    readonly shape: readonly number[];
    readonly dtype: Dtype;
  }[];
}

export type Kernel =
  | MapKernel
  | ReduceKernel
  | ContractKernel
  | GatherKernel
  | ScatterAddKernel
  | WriteKernel
  | TemplateKernel;

/** Every load of an expression. */
export function loadsOf(scalar: Scalar): Extract<Scalar, { kind: "load" }>[] {
  switch (scalar.kind) {
    case "load":
      return [scalar];
    case "operation":
      return scalar.args.flatMap(loadsOf);
    case "guard":
      return [...loadsOf(scalar.then), ...loadsOf(scalar.otherwise)];
    case "random":
      return loadsOf(scalar.seed);
    case "constant":
    case "index":
    case "accumulator":
      return [];
    default:
      return scalar satisfies never;
  }
}

/** Every expression of a kernel. */
export function scalarsOf(kernel: Kernel): readonly Scalar[] {
  switch (kernel.kind) {
    case "map":
      return [kernel.body];
    case "reduce":
      return [kernel.body, kernel.epilogue];
    case "contract":
      return [kernel.left, kernel.right, kernel.epilogue];
    case "gather":
      return [kernel.index];
    case "scatter-add":
      return [kernel.index, kernel.update];
    case "write":
      return [kernel.at, kernel.body];
    case "template":
      return kernel.operands.map((operand) => operand.body);
    default:
      return kernel satisfies never;
  }
}

/** Values that a kernel reads, each once, in the order of first use. */
export function readsOf(kernel: Kernel): ValueId[] {
  const reads = scalarsOf(kernel)
    .flatMap(loadsOf)
    .map((load) => load.value);
  if (kernel.kind === "gather") reads.unshift(kernel.table);
  return [...new Set(reads)];
}

export function resultsOf(kernel: Kernel): ValueId[] {
  return kernel.kind === "template"
    ? kernel.results.map((result) => result.value)
    : [kernel.result];
}
