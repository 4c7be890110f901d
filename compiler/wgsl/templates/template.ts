/**
 * What the heavy kernels (matmul, attention, cross-entropy) ask of their caller and give back. A template
 * is a pure function from a spec to WGSL. It knows tiling and the order of sums; the caller knows where
 * tensors lie, so reading and writing are closures from index expressions to WGSL, and whatever is fused
 * before or after (casts, bias, activations) is inside them.
 *
 * Contract of every closure:
 * - Index arguments are WGSL expressions of type u32 without side effects, and names or literals, so that a
 *   closure may repeat them. Results of loads are expressions of type f32 unless said otherwise.
 * - A template calls no closure with an index outside the sizes in its spec, also on edge tiles: kernels
 *   are right with Dawn's `disable_robustness`.
 * - Templates keep every name they declare in front of a closure's text unlike `caller` names: they all
 *   start with `t_`. So callers may name anything else.
 */

export interface KernelTarget {
  /** Threads of a subgroup; 0 where it is not fixed or the adapter has none. */
  readonly subgroupSize: number;
  readonly hasSubgroups: boolean;
  /** Bytes of workgroup memory. */
  readonly workgroupStorage: number;
  /** Threads of a workgroup. */
  readonly maxInvocations: number;
  /** A software adapter: loads cost far more than arithmetic, and large bodies take seconds to compile. */
  readonly software: boolean;
}

export interface KernelText {
  readonly wgsl: string;
  readonly workgroup: readonly [number, number, number];
  readonly grid: readonly [number, number, number];
}

/** Bindings and whatever else the closures use, as WGSL. Extensions apart, since WGSL wants them first. */
export interface Declarations {
  /** `f16`; a template adds its own. */
  readonly enables: readonly string[];
  /** Bindings, constants and functions at module scope. */
  readonly text: string;
}

// Matmul ----------------------------------------------------------------------------------------

/** out[b, m, n] = Σk left[b, m, k] · right[b, k, n]. */
export interface MatmulShape {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** `row` steps along rows: elements of one column's neighbours in a row lie side by side. */
export type Contiguous = "row" | "column" | "neither";

/**
 * A matrix a batch. The left one has m rows and k columns, the right one k rows and n columns, whatever
 * their layouts: a transposed right operand is one whose columns are contiguous.
 */
export interface MatmulOperand {
  /**
   * Which elements are neighbours in memory: `row`, those of one row (index of the column + 1 is the next
   * address); `column`, those of one column.
   */
  readonly contiguous: Contiguous;
  readonly load: (batch: string, row: string, column: string) => string;
  /**
   * A vec4<f32> of the element and the three after it along the contiguous axis. Given only if that is
   * one aligned load wherever the index along that axis is a multiple of four and all four exist.
   */
  readonly loadVector?: (batch: string, row: string, column: string) => string;
}

/**
 * `whole` is a matmul in one kernel. One that splits k is two: `partial` writes sums of parts of k to
 * scratch, `combine` adds them in a fixed order.
 */
export type MatmulStage = "whole" | "partial" | "combine";

export interface MatmulSpec extends MatmulShape {
  readonly left: MatmulOperand;
  readonly right: MatmulOperand;
  /** Statements that write one element; `value` is f32. */
  readonly store: (batch: string, row: string, column: string, value: string) => string;
  /** Statements that write four of a row: `column` is a multiple of four, `value` a vec4<f32>. */
  readonly storeVector?: (batch: string, row: string, column: string, value: string) => string;
  /**
   * What a stage's closures use: `whole` loads both operands and stores; `partial` loads both operands and
   * writes scratch; `combine` reads scratch and stores.
   */
  readonly declarations: (stage: MatmulStage) => Declarations;
  /** An array of f32 of at least `scratchElements(spec, choice)` elements. */
  readonly scratch: ScratchArray;
}

export interface ScratchArray {
  readonly load: (index: string) => string;
  readonly store: (index: string, value: string) => string;
}

// Attention -------------------------------------------------------------------------------------

/**
 * Query head h uses key head h / (heads / groups). Key j is visible to query t of a batch row iff their
 * segments are equal and not negative, and, if causal, j ≤ t + offset.
 */
export interface AttentionShape {
  readonly batch: number;
  readonly heads: number;
  readonly groups: number;
  readonly queries: number;
  readonly keys: number;
  readonly channels: number;
}

/** One tensor of rank 4 (batch, head, position, channel); f32 whatever the storage. */
export interface HeadTensor {
  readonly load: (batch: string, head: string, position: string, channel: string) => string;
  /** vec4<f32> of four channels. Given only if it is one aligned load wherever `channel` is a multiple of four. */
  readonly loadVector?: (batch: string, head: string, position: string, channel: string) => string;
}

export type HeadStore = (
  batch: string,
  head: string,
  position: string,
  channel: string,
  value: string,
) => string;

/** f32[batch, heads, queries] */
export interface RowTensor {
  readonly load: (batch: string, head: string, position: string) => string;
}

export type RowStore = (batch: string, head: string, position: string, value: string) => string;

/** What the forward and both backward kernels share. */
export interface AttentionSpec extends AttentionShape {
  readonly causal: boolean;
  /** Scores are (q·k) × scale. */
  readonly scale: number;
  readonly query: HeadTensor;
  readonly key: HeadTensor;
  readonly value: HeadTensor;
  /** i32 expressions. */
  readonly querySegment: (batch: string, position: string) => string;
  readonly keySegment: (batch: string, position: string) => string;
  /** An i32 expression that is the same in the whole dispatch; read only if causal. */
  readonly offset: string;
  readonly declarations: Declarations;
}

export interface AttentionForwardSpec extends AttentionSpec {
  readonly storeOut: HeadStore;
  /** Log of the sum of exp(score), natural; −3e38 for a query that sees nothing. */
  readonly storeLse: RowStore;
}

/** Gradients by dOut recompute the probabilities from lse; out and dOut give Σ dOut·out a query. */
export interface AttentionBackwardSpec extends AttentionSpec {
  readonly out: HeadTensor;
  readonly outGradient: HeadTensor;
  readonly lse: RowTensor;
}

export interface AttentionQueryGradientSpec extends AttentionBackwardSpec {
  readonly storeQueryGradient: HeadStore;
}

/** Sums over the query heads of each key head. */
export interface AttentionKeyValueGradientSpec extends AttentionBackwardSpec {
  readonly storeKeyGradient: HeadStore;
  readonly storeValueGradient: HeadStore;
}

// Cross-entropy ---------------------------------------------------------------------------------

/** Rows of logits and one class each. */
export interface CrossEntropySpec {
  readonly rows: number;
  readonly classes: number;
  readonly logit: (row: string, column: string) => string;
  /** vec4<f32> of four classes. Given only if it is one aligned load wherever `column` is a multiple of four. */
  readonly logitVector?: (row: string, column: string) => string;
  /** An i32 expression. Read as a class only where `learns`; elsewhere it may be anything. */
  readonly label: (row: string) => string;
  /** A bool expression: does the row count? Rows that do not have loss 0 and gradient 0. */
  readonly learns: (row: string) => string;
  readonly declarations: Declarations;
}

export interface CrossEntropyForwardSpec extends CrossEntropySpec {
  /** lse − logit[label], 0 where the row does not learn. */
  readonly storeLoss: (row: string, value: string) => string;
  /** Log of Σ exp(logit), natural, of every row. */
  readonly storeLse: (row: string, value: string) => string;
}

/** dLogit[row, c] = (exp(logit − lse) − [c = label]) · dLoss[row]. */
export interface CrossEntropyGradientSpec extends CrossEntropySpec {
  readonly lse: (row: string) => string;
  readonly lossGradient: (row: string) => string;
  readonly storeGradient: (row: string, column: string, value: string) => string;
  /** Statements that write four classes: `column` is a multiple of four, `value` a vec4<f32>. */
  readonly storeGradientVector?: (row: string, column: string, value: string) => string;
}
