/** Folds axes away: each result element is the sum, the greatest or the least along `axes`. */

import { isFloat } from "../tensor/dtype.ts";
import { elementsOf, placesOf, stridesOf, taken } from "../tensor/ndarray.ts";
import { roundTo } from "../tensor/round.ts";
import { wholes } from "./attrs.ts";
import { demand, demandCount, operation } from "./define.ts";
import type { Nodes } from "./nodes.ts";
import type { Op, ReduceBy, TensorType, ValueId } from "./op.ts";

interface ReduceSite {
  readonly x: ValueId;
  readonly y: ValueId;
  readonly dy: ValueId;
  /** A result-shaped value, repeated along the axes that were folded. */
  readonly spread: (value: ValueId) => ValueId;
  readonly axes: readonly number[];
}

export const reduceSum = reduction("reduceSum", "sum", (_, { dy, spread }) => spread(dy));
export const reduceMax = reduction("reduceMax", "max", shared);
export const reduceMin = reduction("reduceMin", "min", shared);

/** Elements that are all the greatest share the gradient evenly. */
function shared(nodes: Nodes, { x, y, dy, spread, axes }: ReduceSite): ValueId {
  const { cast, divide, equal, multiply, reduceSum, typeOf } = nodes;
  const isChosen = cast(equal(x, spread(y)), typeOf(x).dtype);
  return multiply(isChosen, spread(divide(dy, reduceSum(isChosen, axes))));
}

function reduction(
  name: string,
  by: ReduceBy,
  rule: (nodes: Nodes, site: ReduceSite) => ValueId,
): Op {
  return operation(name, {
    attrs: { axes: wholes },
    form: { kind: "reduce", by },
    infer(args, { axes }) {
      demandCount(name, args, 1);
      const [{ dtype, shape }] = args;
      demand(dtype !== "bool", name, "its argument holds numbers", args);
      const inOrder = axes.every((axis, at) => at === 0 || axes[at - 1] < axis);
      const there = axes.every((axis) => axis < shape.length);
      demand(inOrder && there, name, `axes [${axes}] are axes of it, in order`, args);
      return [{ dtype, shape: without(shape, axes) }];
    },
    gradient(nodes, { args: [x], results: [y], attrs: { axes }, dy }) {
      const { shape } = nodes.typeOf(x);
      const kept = keptAxes(shape, axes);
      const spread = (value: ValueId) => nodes.broadcast(value, shape, kept);
      return [() => rule(nodes, { x, y, dy, spread, axes })];
    },
    reference([x], { axes }, [result]) {
      const kept = keptAxes(x.shape, axes);
      const strides = stridesOf(x.shape);
      const pick = (of: readonly number[], which: readonly number[]) => which.map((at) => of[at]);
      const order = [...kept, ...axes];
      const rows = taken(x.data, placesOf(pick(x.shape, order), pick(strides, order)));
      return [fold(rows, elementsOf(pick(x.shape, axes)), by, result)];
    },
  });
}

function fold(rows: Float64Array, length: number, by: ReduceBy, result: TensorType) {
  const data = new Float64Array(elementsOf(result.shape));
  for (let row = 0; row < data.length; row++) {
    let value = firstOf(by);
    const end = (row + 1) * length;
    for (let at = row * length; at < end; at++) {
      if (by === "sum") value += rows[at];
      else if (by === "max") value = Math.max(rows[at], value);
      else value = Math.min(rows[at], value);
    }
    data[row] = isFloat(result.dtype) ? value : roundTo(result.dtype, value);
  }
  return { ...result, data };
}

function firstOf(by: ReduceBy): number {
  if (by === "sum") return 0;
  return by === "max" ? -Infinity : Infinity;
}

function keptAxes(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
}

function without(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.filter((_, axis) => !axes.includes(axis));
}
