/** What an evaluation carries along: where faults go, and, when lowering, where nodes go. */

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import type { Attrs, ValueId } from "../ops/op.ts";
import type { OpName } from "../ops/table.ts";
import type { Span } from "../source/file.ts";
import type { Expr, Field } from "../syntax/ast.ts";
import type { Size } from "../tensor/size.ts";
import { type Comparison, compare, knownSize, reduced, subtract } from "../tensor/size.ts";
import type { Findings } from "./findings.ts";
import type { Fact, Parameter, Scope, Value } from "./value.ts";

export interface Context {
  report(diagnostic: Diagnostic): void;
  /** The evaluator itself, so that its families of rules need not import one another. */
  evaluate(context: Context, scope: Scope, expr: Expr): Value;
  /** Undefined while checking: then tensors have types and no nodes. */
  readonly emit: Emitter | undefined;
  /** Equalities that a `require` in reach states. */
  readonly facts: readonly Fact[];
  /** Whether parameters with a default have it, as for a caller who gives nothing: otherwise they may be anything. */
  readonly takesDefaults?: boolean;
  /** The rows that readers check against, while a dataset that says what they are is evaluated. */
  readonly rows?: RowsAsked;
  /** Where values are kept for an editor, if one asks. */
  readonly findings?: Findings | undefined;
  /** Nobody hears what is reported: only the value matters. */
  readonly isSilent?: boolean;
}

/** A context for what is evaluated for its value, and whose faults are told elsewhere. */
export function silenced(context: Context): Context {
  return context.isSilent === true ? context : { ...context, report: () => {}, isSilent: true };
}

export interface RowsAsked {
  /** The record's name, for messages. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** Where the fields' types are found. */
  readonly module: Module;
}

/** What lowering offers. */
export interface Emitter {
  /** The same, for what the `forward` of the part at this path computes. */
  inside(part: string): Emitter;
  apply(op: OpName, args: readonly ValueId[], attrs: Attrs, origin: Span): readonly ValueId[];
  /** The node that holds a parameter's data. */
  parameter(parameter: Parameter): ValueId;
  /** Attention over what this program sees: the batch's own keys, or a cache. */
  attend(call: AttentionCall): ValueId;
  /** Uniform numbers in [0, 1), new in every step. */
  random(shape: readonly number[], origin: Span): ValueId;
  /** Whether this program trains: dropout is on. */
  readonly training: boolean;
}

export interface AttentionCall {
  readonly query: ValueId;
  readonly key: ValueId;
  readonly value: ValueId;
  readonly segment: ValueId;
  readonly causal: boolean;
  readonly scale: number;
  readonly origin: Span;
}

/** Whether two sizes are equal, given the facts. */
export function compareSizes(context: Context, a: Size, b: Size): Comparison {
  const plain = compare(a, b);
  if (plain === "equal" || context.facts.length === 0) return plain;
  const zeros = context.facts.map((fact) => subtract(fact.left, fact.right));
  return knownSize(reduced(subtract(a, b), zeros)) === 0 ? "equal" : plain;
}

export function withFact(context: Context, left: Size, right: Size): Context {
  return { ...context, facts: [...context.facts, { left, right }] };
}
