/**
 * What an operation is: one record that says everything about itself. Shared code looks a record up and asks
 * it; no code outside a record asks which operation it has in hand. The kernel level reads `form` alone.
 */

import type { Dtype } from "../tensor/dtype.ts";
import type { NdArray } from "../tensor/ndarray.ts";

/** A value of a graph: see graph/graph.ts. */
export type ValueId = number;

/** Attributes are plain data, so that a graph prints and parses. */
export type Attr = number | string | boolean | readonly number[];
export type Attrs = Readonly<Record<string, Attr>>;

export interface TensorType {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** What a gradient rule writes with. Names are those of table.ts; types are inferred as each is applied. */
export interface Emit {
  apply(op: string, args: readonly ValueId[], attrs?: Attrs): readonly ValueId[];
  typeOf(value: ValueId): TensorType;
}

/** What a gradient rule knows of the node it differentiates. */
export interface Site {
  readonly args: readonly ValueId[];
  readonly attrs: Attrs;
  readonly results: readonly ValueId[];
  /** The loss by each result; undefined where nothing used the result. */
  readonly gradients: readonly (ValueId | undefined)[];
  /** By argument: whether its gradient is asked for. A rule builds nothing that is not. */
  readonly wanted: readonly boolean[];
}

/** What elements an operation works on: `number` is floats and whole numbers, `signed` the same without `u32`. */
export type Elements = "float" | "signed" | "number" | "bool" | "any";

/** One operation; made by `operation` in define.ts, which checks attributes before a rule sees them. */
export interface Op {
  /** Its key in table.ts, and what graphs print. */
  readonly name: string;
  /** How it is computed, as far as the kernel level must know. */
  readonly form: Form;
  /** The elements of its arguments, where it acts on each by itself and all its arguments are alike. */
  readonly elements?: Elements;
  /** Types of the results. Ends with a bug, both sides shown, where the arguments break a rule. */
  infer(args: readonly TensorType[], attrs: Attrs): readonly TensorType[];
  /**
   * The loss by each argument; undefined where it is not wanted, or zero everywhere (floor, comparisons).
   * Absent where a float result depends on float arguments and no rule is known: a bug if one is asked for.
   */
  gradient?(emit: Emit, site: Site): readonly (ValueId | undefined)[];
  /** The meaning, on the CPU. Float results are rounded by the caller. */
  reference(
    args: readonly NdArray[],
    attrs: Attrs,
    results: readonly TensorType[],
  ): readonly NdArray[];
}

/**
 * Forms. Where a result's element at index `i` depends on the arguments' elements at:
 * - `pointwise`: the same `i` of every argument (all shapes equal the result's)
 * - `view`: one place of one argument, found from `i`; see `ViewOf`
 * - `generate`: none; a constant is its attr `value` everywhere, an iota the index along its attr `axis`
 * - `reduce`: every element along the axes that the result lacks
 * - the rest: as each comment says
 */
export type Form =
  | { readonly kind: "pointwise"; readonly scalar: ScalarOp }
  | { readonly kind: "view"; readonly view: ViewOf }
  | { readonly kind: "generate"; readonly generate: "constant" | "iota" }
  | { readonly kind: "reduce"; readonly by: ReduceBy }
  /**
   * attrs `left`, `right`, `out`: integer labels of the axes; labels that `out` lacks are summed, in f32. The
   * operands may be floats of different widths; the result's type says what the sum is rounded to.
   */
  | { readonly kind: "contract" }
  /** (table[V, ..D], index[..S]) → [..S, ..D]; an index outside 0 … V − 1 gives zeros. */
  | { readonly kind: "gather" }
  /**
   * (index[..S], updates[..S, ..D]) → [rows, ..D], attr `rows`; sums in the order of the updates, and leaves
   * out those whose index is outside 0 … rows − 1.
   */
  | { readonly kind: "scatter-add" }
  /** (target, piece, at: i32[]) → target with `piece` from position `at` along attr `axis`. All of it fits. */
  | { readonly kind: "write" }
  /** (seed: u32[]) → f32 of attr `shape`: `uniform(seed, attr stream, flat index)`; see random.ts. */
  | { readonly kind: "random" }
  /** Attrs `causal`, `scale`; arguments and results of each part are in attention.ts. */
  | { readonly kind: "attention"; readonly part: "forward" | "query" | "key-value" }
  /** Arguments and results of each part are in loss.ts. */
  | { readonly kind: "cross-entropy"; readonly part: "forward" | "gradient" };

export type ReduceBy = "sum" | "max" | "min";

/** Scalar operations of pointwise kernels; WGSL text in wgsl/operations.ts, meaning in ops/scalar.ts. */
export type ScalarOp =
  | "negate"
  | "absolute"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "sin"
  | "cos"
  | "tanh"
  | "sigmoid"
  | "floor"
  | "sign"
  | "finite"
  | "not"
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "remainder"
  | "power"
  | "minimum"
  | "maximum"
  | "and"
  | "or"
  | "equal"
  | "notEqual"
  | "less"
  | "lessEqual"
  | "select"
  | "cast";

/**
 * Where a view's element comes from. Generic over what an index is, so that the interpreter passes numbers and
 * the kernel level passes index expressions.
 */
export type ViewOf = <I>(
  arithmetic: IndexArithmetic<I>,
  index: readonly I[],
  args: readonly TensorType[],
  attrs: Attrs,
  result: TensorType,
) => readonly Source<I>[];

/**
 * One place that an element may come from. Exactly one source of a list applies: the first whose `inside`
 * bounds all hold (`lower ≤ index < upper`); where none does the element is 0. Guarded indices are only in
 * range when the bounds hold.
 */
export interface Source<I> {
  readonly argument: number;
  readonly index: readonly I[];
  readonly inside: readonly { readonly index: I; readonly lower: number; readonly upper: number }[];
}

/** Whole numbers; `divide` and `remainder` are by a positive constant and of non-negative numbers. */
export interface IndexArithmetic<I> {
  constant(value: number): I;
  add(a: I, b: I): I;
  multiply(a: I, by: number): I;
  divide(a: I, by: number): I;
  remainder(a: I, by: number): I;
}
