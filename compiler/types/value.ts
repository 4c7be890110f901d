/**
 * What an expression stands for. One evaluator serves two readers: the checker, for which most contents are
 * unknown (`undefined`) and sizes are symbols, and lowering, where every static value is known and tensors
 * are nodes of a graph. A value whose fault was already reported is `error`, which silences consequences.
 */

import type { ColumnType, DataStage } from "../../runtime/data/plan.ts";
import type { Slug } from "../diagnostics/codes.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import type { ValueId } from "../ops/op.ts";
import type {
  AdapterItem,
  BlockItem,
  CallExpr,
  EnumItem,
  Expr,
  Field,
  FnItem,
  MetricItem,
  OptimizerItem,
  RecordItem,
  Rewrite,
  ScheduleItem,
  TemplateItem,
  TransformItem,
} from "../syntax/ast.ts";
import type { Dtype } from "../tensor/dtype.ts";
import type { Size } from "../tensor/size.ts";
import type { Unit } from "./unit.ts";

export type Value =
  | TensorValue
  | NumberValue
  | BoolValue
  | StringValue
  | CaseValue
  | RecordValue
  | ListValue
  | MeanValue
  | Instance
  | Stack
  | Closure
  | Definition
  | DatasetValue
  | OpaqueValue
  | OptionalValue
  | { readonly kind: "none" }
  | { readonly kind: "error" };

/** `float` is a float of the precision that the run chooses; lowering has only real dtypes. */
export type ElementType = Dtype | "float";

/** One axis, or a run of axes of unknown number (`..S`), which two shapes share if its key is the same. */
export type Axis =
  | { readonly kind: "axis"; readonly size: Size }
  | { readonly kind: "run"; readonly key: string };

export interface TensorValue {
  readonly kind: "tensor";
  readonly dtype: ElementType;
  readonly shape: readonly Axis[];
  readonly node: ValueId | undefined;
}

/** A number without axes. Whole numbers have a `size`, others a `value`; one that changes by step has a `node`. */
export interface NumberValue {
  readonly kind: "number";
  readonly unit: Unit;
  readonly size: Size | undefined;
  readonly value: number | undefined;
  readonly node: ValueId | undefined;
}

export interface BoolValue {
  readonly kind: "bool";
  readonly value: boolean | undefined;
  readonly node: ValueId | undefined;
}

export interface StringValue {
  readonly kind: "string";
  readonly value: string | undefined;
}

export interface CaseValue {
  readonly kind: "case";
  readonly item: EnumItem;
  readonly name: string | undefined;
}

/** What may be absent: while checking, a value of this type or none. Where all is known there is one of the two. */
export interface OptionalValue {
  readonly kind: "optional";
  readonly of: Value;
}

export interface RecordValue {
  readonly kind: "record";
  readonly item: RecordItem;
  readonly fields: ReadonlyMap<string, Value>;
}

export interface ListValue {
  readonly kind: "list";
  readonly items: readonly Value[];
  /** What an item is like, where the items are not known. */
  readonly element?: Value;
}

/** A sum and a count, both rank 0: what a loss gives. */
export interface MeanValue {
  readonly kind: "mean";
  readonly sum: ValueId | undefined;
  readonly count: ValueId | undefined;
}

/** A block with its sizes and arguments: part of a model, at a path. */
export interface Instance {
  readonly kind: "instance";
  /** `Linear`, or the adapter's name for a rewritten block. */
  readonly name: string;
  readonly item: BlockItem | Rewrite;
  readonly module: Module;
  /** From the model's root, which is "". */
  readonly path: string;
  /** The sizes by the block's own names, for messages and rewrites. */
  readonly sizes: readonly (readonly [string, Size])[];
  /** Names that `forward` sees: sizes, arguments, lets. Parameters and children are found by path. */
  readonly scope: Scope;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly children: ReadonlyMap<string, Instance | Stack>;
  readonly ties: readonly TieValue[];
  /** Equalities of sizes that its `require`s state, for what is checked inside it. */
  readonly facts: readonly Fact[];
  /** What a rewrite wraps. */
  readonly base: Instance | undefined;
  /** The adapter that brought it, with its arguments. */
  readonly adapter: Closure | undefined;
}

/** `stack(n, Layer(c))`: copies numbered from 0. The checker has one copy and a count that is a symbol. */
export interface Stack {
  readonly kind: "stack";
  readonly path: string;
  readonly count: Size;
  readonly copies: readonly Instance[];
}

/** Two sizes that a `require` states to be equal. */
export interface Fact {
  readonly left: Size;
  readonly right: Size;
}

export interface Parameter {
  readonly path: string;
  readonly dtype: ElementType;
  readonly shape: readonly Axis[];
  readonly init: Initial;
}

/** How a fresh parameter begins. */
export type Initial =
  | { readonly kind: "fill"; readonly value: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "uniform"; readonly bound: number };

export interface TieValue {
  readonly path: string;
  readonly to: string;
}

/** A value and the expression that it was written as. */
export interface Given<Kind extends Value = Value> {
  readonly value: Kind;
  readonly expr: Expr;
}

/** Names in reach of an expression: local ones innermost first, then the module's. */
export interface Scope {
  readonly module: Module;
  readonly names: ReadonlyMap<string, Value>;
  readonly outer: Scope | undefined;
}

export type ClosureItem =
  | AdapterItem
  | OptimizerItem
  | ScheduleItem
  | TemplateItem
  | TransformItem
  | MetricItem;

/** A definition with its arguments, to be run later: `cosine(peak = 2e-4)`, `Lora(rank = 8)`. */
export interface Closure {
  readonly kind: "closure";
  readonly item: ClosureItem;
  readonly module: Module;
  readonly arguments: ReadonlyMap<string, Value>;
  /** Where each argument was written, for messages. */
  readonly written: ReadonlyMap<string, Expr>;
}

/** A definition by its name, not called. */
export interface Definition {
  readonly kind: "definition";
  readonly item: FnItem | BlockItem | RecordItem | EnumItem | ClosureItem;
  readonly module: Module;
}

/** A dataset as far as its stages make it. */
export interface DatasetValue {
  readonly kind: "dataset";
  /** The record that a reader's rows are checked against, for messages; its name is that of the type. */
  readonly row: string | undefined;
  readonly columns: ReadonlyMap<string, Column>;
  readonly stages: readonly DataStage[];
  /** Where each of the stages is written. */
  readonly calls: readonly CallExpr[];
  /** Where there are several, one must be chosen by name before anything goes on: `chats.train`. */
  readonly outputs: ReadonlyMap<string, DatasetValue>;
}

/** A column: one value a row, text with learn spans, one value a token, or a window of `length` of them. */
export type Column =
  | { readonly kind: "value"; readonly of: ColumnType }
  | { readonly kind: "marked" }
  | { readonly kind: "tokens"; readonly of: ColumnType }
  | { readonly kind: "window"; readonly of: string; readonly length: number | undefined };

/** Why a member is not there. */
export interface Lack {
  readonly slug: Slug;
  readonly title: string;
  readonly notes: readonly string[];
  readonly fixes: readonly Fix[];
}

/** What the language only hands on: a tokenizer, a chat template, an initialiser; `type` is its name in signatures. */
export interface OpaqueValue {
  readonly kind: "opaque";
  readonly type: string;
  /** For members: `chats.train`, `base.tokenizer`. */
  readonly members: ReadonlyMap<string, Value>;
  /** Members that such a value mostly has and this one has not, with what is said of it. */
  readonly lacks?: ReadonlyMap<string, Lack>;
  /** What it is, as data for the plan. */
  readonly data: unknown;
  /** The columns, where it is a dataset. */
  readonly columns: ReadonlyMap<string, Field> | undefined;
}

export const errorValue: Value = { kind: "error" };
export const none: Value = { kind: "none" };

export function axis(size: Size): Axis {
  return { kind: "axis", size };
}

export function tensor(dtype: ElementType, shape: readonly Axis[], node?: ValueId): TensorValue {
  return { kind: "tensor", dtype, shape, node };
}

export function bool(value: boolean | undefined, node?: ValueId): BoolValue {
  return { kind: "bool", value, node };
}
