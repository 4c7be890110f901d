/**
 * The graph level: one program over tensors as pure SSA. All sizes are numbers. Nothing is mutated: passes
 * build a new graph with `GraphBuilder`. Values are numbered densely, inputs first, in order of definition,
 * so `graph.types[value]` is the type of any value and every argument has a smaller number than its user.
 */

import type { Attrs, TensorType, ValueId } from "../ops/op.ts";
import type { OpName } from "../ops/table.ts";
import type { Span } from "../source/file.ts";

export type { Attrs, TensorType, ValueId };

/**
 * Where an input's data comes from:
 * - `weight`: a parameter that this program does not change (frozen, or trained by another program)
 * - `state`: persistent data that the program replaces: a trained weight, a moment, a gradient sum, a cache
 * - `batch`: a column of the batch, uploaded for each run of the program
 * - `scalar`: a rank-0 value that changes by step (step number, seed, count), uploaded for each run
 */
export type InputKind = "weight" | "state" | "batch" | "scalar";

export interface Input {
  readonly name: string;
  readonly kind: InputKind;
  readonly value: ValueId;
}

/** Where a node comes from: an expression, and the part of the model whose `forward` it stands in. */
export interface Origin {
  readonly span: Span;
  /** `layers.0.mlp`; "" at the root and outside of models. */
  readonly part: string;
}

export interface Node<Op extends OpName = OpName> {
  readonly op: Op;
  readonly args: readonly ValueId[];
  readonly attrs: Attrs;
  /** Most operations have one result. */
  readonly results: readonly ValueId[];
  /** Printed as a comment. */
  readonly origin: Origin | undefined;
}

export interface Output {
  readonly name: string;
  readonly value: ValueId;
  /** The `state` input whose data this value replaces when the program has run. */
  readonly replaces: string | undefined;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Output[];
  /** By value. */
  readonly types: readonly TensorType[];
}
