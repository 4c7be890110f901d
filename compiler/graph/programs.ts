/**
 * The programs of a run as graphs: adding up the gradients of a micro-batch, updating the weights by the sums,
 * evaluating a batch, and writing on with a cache. What lives between them is shared by name.
 */

import { bug } from "../bug.ts";
import type { ValueId } from "../ops/op.ts";
import {
  applyForward,
  applyMeasure,
  applyOptimizer,
  applySchedule,
  type RunLength,
} from "../types/apply.ts";
import type { Context } from "../types/context.ts";
import { changing } from "../types/number.ts";
import type { Closure, Definition, Instance, Value } from "../types/value.ts";
import { gradients } from "./autodiff.ts";
import { GraphBuilder } from "./builder.ts";
import type { Graph, TensorType } from "./graph.ts";
import {
  type Attend,
  attendBatch,
  GraphEmitter,
  type LowerOptions,
  lowering,
  tensorValue,
} from "./lower.ts";

/** A column of a batch: its element type, and its axes after the sequences. */
export interface BatchColumn {
  readonly dtype: "i32" | "f32" | "bool";
  readonly shape: readonly number[];
}

export interface ModelToLower {
  readonly root: Instance;
  /** The name of the tensor that holds a parameter, by its path. */
  readonly nameOf: (path: string) => string;
  /** Hears of requirements that do not hold; without it one is a bug. */
  readonly broken?: LowerOptions["broken"];
}

export interface BatchToLower {
  readonly sequences: number;
  readonly columns: ReadonlyMap<string, BatchColumn>;
}

/** A trained parameter: the tensor's name and type. */
export interface Trained {
  readonly name: string;
  readonly type: TensorType;
}

const scalarOfOne: TensorType = { dtype: "f32", shape: [1] };

/** Sums are kept as [1], so that reading one as a result is a copy and not the sum that is then cleared. */
export const sums = { loss: "sum.loss", count: "sum.count" } as const;

export function gradientName(parameter: string): string {
  return `gradient.${parameter}`;
}

export function stateName(parameter: string, state: string): string {
  return `${state}.${parameter}`;
}

// Accumulate ------------------------------------------------------------------------------------

export function accumulateGraph(
  name: string,
  model: ModelToLower,
  loss: Definition,
  batch: BatchToLower,
  trained: readonly Trained[],
): Graph {
  const builder = new GraphBuilder(name);
  const emitter = new GraphEmitter(builder, {
    nameOf: model.nameOf,
    broken: model.broken,
    training: true,
    attend: attendBatch,
  });
  const { sum, count } = meanOf(loss, forwardOverBatch(emitter, model, batch));
  const values = trained.map((one) => emitter.parameters().get(one.name));
  const wanted = values.filter((value) => value !== undefined);
  const found = gradients(builder, sum, wanted);
  for (const [place, one] of trained.entries()) {
    const value = values[place];
    const gradient = value === undefined ? undefined : found[wanted.indexOf(value)];
    // A parameter that the loss does not depend on has a gradient of 0, and its sum stays as it is.
    if (gradient === undefined) continue;
    addTo(builder, gradientName(one.name), one.type, gradient);
  }
  addTo(builder, sums.loss, scalarOfOne, builder.apply("reshape", [sum], { shape: [1] })[0]);
  addTo(builder, sums.count, scalarOfOne, builder.apply("reshape", [count], { shape: [1] })[0]);
  return builder.build();
}

function addTo(builder: GraphBuilder, name: string, type: TensorType, value: ValueId): void {
  const before = builder.input(name, "state", type);
  builder.output(name, builder.apply("add", [before, value])[0], name);
}

/** A loss or a metric of a batch, whose columns are bound by name to its parameters after the first. */
function meanOf(
  { module, item }: Definition,
  { context, columns, output }: ForwardOverBatch,
): { sum: ValueId; count: ValueId } {
  if (item.kind !== "fn" && item.kind !== "metric") return bug(`a ${item.kind} gives no mean`);
  const value = applyMeasure(context, { module, item }, columns, output);
  if (value.kind !== "mean" || value.sum === undefined || value.count === undefined)
    return bug(`${item.name.text} gave no sum and count`);
  return { sum: value.sum, count: value.count };
}

export interface ForwardOverBatch {
  readonly context: Context;
  readonly columns: ReadonlyMap<string, Value>;
  readonly output: Value;
}

/** What the model's `forward` gives for the batch, whose columns become inputs of their own names. */
export function forwardOverBatch(
  emitter: GraphEmitter,
  model: ModelToLower,
  batch: BatchToLower,
): ForwardOverBatch {
  const context = lowering(emitter);
  const columns = new Map<string, Value>();
  for (const [name, column] of batch.columns) {
    const shape = [batch.sequences, ...column.shape];
    const node = emitter.builder.input(name, "batch", { dtype: column.dtype, shape });
    const dtype = column.dtype === "f32" ? "float" : column.dtype;
    columns.set(name, tensorValue(dtype, shape, node));
  }
  return { context, columns, output: applyForward(context, model.root, columns) };
}

// Update ----------------------------------------------------------------------------------------

export interface UpdateToLower {
  readonly trained: readonly Trained[];
  readonly optimizer: Closure;
  readonly schedule: Closure | number;
  readonly length: RunLength;
  /** The longest gradient that is used as it is; undefined for no limit. */
  readonly clip: number | undefined;
  readonly states: ReadonlyMap<string, number>;
  readonly broken?: LowerOptions["broken"];
}

export function updateGraph(name: string, update: UpdateToLower): Graph {
  const builder = new GraphBuilder(name);
  const emitter = new GraphEmitter(builder, {
    nameOf: (path) => path,
    broken: update.broken,
    training: true,
    attend: attendBatch,
  });
  const context = lowering(emitter);
  const one = (...call: Parameters<GraphEmitter["one"]>) => emitter.one(...call);
  const scalar = (value: number) => one("constant", [], { value, dtype: "f32", shape: [] });
  const step = builder.input("step", "scalar", { dtype: "f32", shape: [] });
  const rate =
    typeof update.schedule === "number"
      ? changing(scalar(update.schedule))
      : applySchedule(context, update.schedule, step, update.length, undefined);
  const loss = builder.input(sums.loss, "state", scalarOfOne);
  const counted = builder.input(sums.count, "state", scalarOfOne);
  const count = one("maximum", [one("reshape", [counted], { shape: [] }), scalar(1)]);
  const means = update.trained.map((trained) => {
    const sum = builder.input(gradientName(trained.name), "state", trained.type);
    return { trained, sum, mean: one("divide", [sum, spread(emitter, count, trained.type)]) };
  });
  const squares = means.map(({ trained, mean }) =>
    one("reduceSum", [one("multiply", [mean, mean])], {
      axes: trained.type.shape.map((_, axis) => axis),
    }),
  );
  const norm = one("sqrt", [squares.reduce((total, next) => one("add", [total, next]), scalar(0))]);
  // As PyTorch clips: min(1, limit / (norm + 1e-6)).
  const share =
    update.clip === undefined
      ? undefined
      : one("minimum", [
          scalar(1),
          one("divide", [scalar(update.clip), one("add", [norm, scalar(1e-6)])]),
        ]);
  const sound = one("and", [
    one("finite", [norm]),
    one("finite", [one("reshape", [loss], { shape: [] })]),
  ]);
  // A step that went wrong changes nothing, and neither do those after it, since its sums stay: so the state in
  // which it did is there for whoever looks for the reason.
  const replace = (name: string, before: ValueId, next: ValueId): void => {
    const type = builder.typeOf(before);
    builder.output(name, one("select", [spread(emitter, sound, type), next, before]), name);
  };
  const clear = (name: string, sum: ValueId): void => {
    replace(name, sum, spread(emitter, scalar(0), builder.typeOf(sum)));
  };
  for (const { trained, sum, mean } of means) {
    const gradient =
      share === undefined ? mean : one("multiply", [mean, spread(emitter, share, trained.type)]);
    const { shape } = trained.type;
    const weight = builder.input(trained.name, "state", trained.type);
    const states = new Map(
      [...update.states.keys()].map((state) => [
        state,
        builder.input(stateName(trained.name, state), "state", trained.type),
      ]),
    );
    const stateOf = (state: string) => states.get(state) ?? bug(`no state ${state}`);
    const next = applyOptimizer(context, update.optimizer, {
      weight: tensorValue("float", shape, weight),
      grad: tensorValue("float", shape, gradient),
      learningRate: rate,
      step: changing(step, "steps"),
      state: (state) => tensorValue("float", shape, stateOf(state)),
    });
    for (const [state, value] of next) {
      const after = nodeOf(emitter, value, trained.type);
      if (state === "weight") replace(trained.name, weight, after);
      else replace(stateName(trained.name, state), stateOf(state), after);
    }
    clear(gradientName(trained.name), sum);
  }
  builder.output("loss.sum", one("reshape", [loss], { shape: [] }));
  builder.output("loss.count", one("reshape", [counted], { shape: [] }));
  builder.output("norm", norm);
  builder.output("learning_rate", nodeOf(emitter, rate, { dtype: "f32", shape: [] }));
  clear(sums.loss, loss);
  clear(sums.count, counted);
  return builder.build();
}

/** A rank-0 value in every place of a tensor of this shape. */
function spread(emitter: GraphEmitter, scalar: ValueId, { shape }: TensorType): ValueId {
  return emitter.one("broadcast", [scalar], { shape, axes: [] });
}

/** A tensor's node, or a plain number as one of the type. */
function nodeOf(emitter: GraphEmitter, value: Value, type: TensorType): ValueId {
  if ((value.kind === "tensor" || value.kind === "number") && value.node !== undefined)
    return value.node;
  const amount = value.kind === "number" ? value.value : undefined;
  if (amount === undefined) return bug("an optimizer or schedule gave no number");
  return emitter.one("constant", [], { value: amount, dtype: "f32", shape: type.shape });
}

// Evaluate --------------------------------------------------------------------------------------

/** `measures` are losses and metrics, by the names that their results begin with. */
export function evaluateGraph(
  name: string,
  model: ModelToLower,
  measures: ReadonlyMap<string, Definition>,
  batch: BatchToLower,
): Graph {
  const builder = new GraphBuilder(name);
  const emitter = new GraphEmitter(builder, {
    nameOf: model.nameOf,
    broken: model.broken,
    training: false,
    attend: attendBatch,
  });
  const forward = forwardOverBatch(emitter, model, batch);
  for (const [measure, definition] of measures) {
    const { sum, count } = meanOf(definition, forward);
    builder.output(`${measure}.sum`, sum);
    builder.output(`${measure}.count`, count);
  }
  return builder.build();
}

// Generate --------------------------------------------------------------------------------------

export interface GenerateToLower {
  readonly rows: number;
  readonly chunk: number;
  readonly context: number;
  /** A prefix for the names of the caches. */
  readonly caches: string;
}

/** Reads `chunk` tokens of every row into the caches; leaves the logits of the last. */
export function generateGraph(name: string, model: ModelToLower, plan: GenerateToLower): Graph {
  const builder = new GraphBuilder(name);
  const { rows, chunk, context: slots } = plan;
  let layer = 0;
  let segments: ValueId | undefined;
  const offset = builder.input("offset", "scalar", { dtype: "i32", shape: [] });
  const store = (cache: string, type: TensorType, piece: ValueId, axis: number): ValueId => {
    const before = builder.input(cache, "state", type);
    const [after] = builder.apply("write", [before, piece, offset], { axis });
    builder.output(cache, after, cache);
    return after;
  };
  const attend: Attend = (emitter, { query, key, value, segment, causal, scale, origin }) => {
    const own = layer++;
    const [batch, groups, , channels] = builder.typeOf(key).shape;
    const type: TensorType = { dtype: "f32", shape: [batch, groups, slots, channels] };
    segments ??= store(
      `${plan.caches}.segment`,
      { dtype: "i32", shape: [rows, slots] },
      segment,
      1,
    );
    const keys = store(`${plan.caches}.${own}.key`, type, key, 2);
    const values = store(`${plan.caches}.${own}.value`, type, value, 2);
    return emitter.apply(
      "attention",
      [query, keys, values, segment, segments, offset],
      { causal, scale },
      origin,
    )[0];
  };
  const emitter = new GraphEmitter(builder, {
    nameOf: model.nameOf,
    broken: model.broken,
    training: false,
    attend,
  });
  const column: BatchColumn = { dtype: "i32", shape: [chunk] };
  const columns = new Map(["tokens", "position", "segment"].map((one) => [one, column]));
  const { output } = forwardOverBatch(emitter, model, { sequences: rows, columns });
  if (output.kind !== "tensor" || output.node === undefined) return bug("a model gave no logits");
  const [, , vocabulary] = builder.typeOf(output.node).shape;
  const last = emitter.one("slice", [output.node], {
    starts: [0, chunk - 1, 0],
    sizes: [rows, 1, vocabulary],
  });
  builder.output("logits", emitter.one("reshape", [last], { shape: [rows, vocabulary] }));
  return builder.build();
}
