/** Graphs that nobody wrote, of smooth and bounded operations, so that rounding stays rounding. */

import fc from "fast-check";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import type { Graph, ValueId } from "../../compiler/graph/graph.ts";
import { type Nodes, nodesOf } from "../../compiler/ops/nodes.ts";
import { elementsOf, type NdArray } from "../../compiler/tensor/ndarray.ts";
import { randomTensors } from "../support/random-tensors.ts";

/** The numbers that a step chooses by: an operation, two arguments, a detail. */
export type Step = readonly [number, number, number, number];

export const chosenSteps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), {
  minLength: 2,
  maxLength: 24,
});

const shapes = { x: [4, 6], y: [6], z: [2, 3, 8], s: [4, 6], t: [8] } as const;
const states: readonly string[] = ["s", "t"];
const indices = [3, 0, 5, 3];

export function graphOf(steps: readonly Step[]): Graph {
  const builder = new GraphBuilder("random");
  const nodes = nodesOf(builder);
  const inputs = Object.entries(shapes).map(([name, shape]) =>
    builder.input(name, states.includes(name) ? "state" : "weight", { dtype: "f32", shape }),
  );
  const index = builder.input("index", "batch", { dtype: "i32", shape: [indices.length] });
  const rate = builder.input("rate", "scalar", { dtype: "f32", shape: [] });
  const seed = builder.input("seed", "scalar", { dtype: "u32", shape: [] });
  const values = [...inputs, rate];
  for (const step of steps) {
    const made = next({ nodes, values, index, seed }, step);
    if (made !== undefined) values.push(made);
  }
  const made = values.slice(inputs.length + 1);
  for (const [at, value] of made.slice(-3).entries()) builder.output(`out${at}`, value);
  for (const [at, name] of Object.keys(shapes).entries()) {
    const fitting = made.filter((value) => sameShape(nodes, value, inputs[at]));
    const [replacing] = fitting.slice(-1);
    const isState = states.includes(name) && replacing !== undefined;
    if (isState) builder.output(`new ${name}`, replacing, name);
  }
  return builder.build();
}

export function inputsFor(seed: number): Record<string, NdArray> {
  const random = randomTensors(`random graph ${seed}`);
  const floats = Object.entries(shapes).map(
    ([name, shape]) => [name, random.float(shape)] as const,
  );
  return {
    ...Object.fromEntries(floats),
    index: { dtype: "i32", shape: [indices.length], data: Float64Array.from(indices) },
    rate: random.float([], [0.5, 1]),
    seed: random.whole([], [0, 1000], "u32"),
  };
}

interface Place {
  readonly nodes: Nodes;
  readonly values: readonly ValueId[];
  readonly index: ValueId;
  readonly seed: ValueId;
}

/** A new value, or undefined where the choice does not fit. */
function next(
  { nodes, values, index, seed }: Place,
  [which, first, second, detail]: Step,
): ValueId | undefined {
  const a = values[first % values.length];
  const { shape } = nodes.typeOf(a);
  const alike = values.filter((value) => sameShape(nodes, value, a));
  const b = alike[second % alike.length];
  const rank = shape.length;
  const axis = rank === 0 ? 0 : detail % rank;
  const choices: readonly (() => ValueId | undefined)[] = [
    () => nodes.add(a, b),
    () => nodes.one("tanh", [nodes.multiply(a, b)]),
    () => nodes.one("sigmoid", [a]),
    () => nodes.scale(a, 0.75),
    () => nodes.one("maximum", [a, b]),
    () => nodes.one("rsqrt", [nodes.add(nodes.multiply(a, a), nodes.constant(1, nodes.typeOf(a)))]),
    () => (rank > 0 ? nodes.scale(nodes.reduceSum(a, [axis]), 1 / shape[axis]) : undefined),
    () => (rank > 0 ? nodes.one("reduceMax", [a], { axes: [rank - 1] }) : undefined),
    () => (rank > 1 ? nodes.scale(nodes.reduceSum(a, [0, rank - 1]), 0.1) : undefined),
    () => broadcastTo(nodes, a, values[second % values.length]),
    () => nodes.transpose(a, rotated(rank, detail)),
    () => reshaped(nodes, a, detail),
    () =>
      rank > 0 && shape[axis] > 2
        ? nodes.slice(a, at(rank, axis, 1), shape.with(axis, shape[axis] - 2))
        : undefined,
    () => (rank > 0 ? nodes.pad(a, at(rank, axis, detail % 3), at(rank, axis, 1)) : undefined),
    () => (rank > 0 ? nodes.one("concat", [a, nodes.negate(b)], { axis }) : undefined),
    () => product(nodes, a, values[second % values.length]),
    () => (rank > 0 && shape[0] >= 6 ? nodes.one("gather", [a, index]) : undefined),
    () =>
      rank > 0 && shape[0] === 4 ? nodes.one("scatterAdd", [index, a], { rows: 7 }) : undefined,
    () => (rank > 0 ? nodes.add(a, nodes.scale(counted(nodes, a, axis, "f32"), 0.05)) : undefined),
    () => (rank > 0 ? masked(nodes, a, b, axis, detail) : undefined),
    () => nodes.multiply(a, nodes.one("random", [seed], { shape, stream: detail % 5 })),
    () => (rank > 0 && shape[axis] > 2 ? written(nodes, a, b, axis) : undefined),
  ];
  const made = choices[which % choices.length]();
  return made !== undefined && elementsOf(nodes.typeOf(made).shape) <= 2048 ? made : undefined;
}

/** `a` repeated to the shape of `like`, where its axes are the last ones of it, or all but the last. */
function broadcastTo(nodes: Nodes, a: ValueId, like: ValueId): ValueId | undefined {
  const [own, shape] = [nodes.typeOf(a).shape, nodes.typeOf(like).shape];
  const starts = own.length < shape.length ? [0, shape.length - own.length] : [];
  const start = starts.find((from) => own.every((size, axis) => size === shape[from + axis]));
  return start === undefined
    ? undefined
    : nodes.broadcast(
        a,
        shape,
        own.map((_, axis) => start + axis),
      );
}

/** 0, 1, 2, … along an axis. */
function counted(nodes: Nodes, like: ValueId, axis: number, dtype: "f32" | "i32"): ValueId {
  return nodes.one("iota", [], { shape: nodes.typeOf(like).shape, axis, dtype });
}

/** The first few of `a` along an axis, and then `b`. */
function masked(nodes: Nodes, a: ValueId, b: ValueId, axis: number, count: number): ValueId {
  const places = counted(nodes, a, axis, "i32");
  const isFirst = nodes.less(places, nodes.constant(count % 5, nodes.typeOf(places)));
  return nodes.select(isFirst, a, b);
}

/** `a` with all but two of `b` written into it, from the second place on. */
function written(nodes: Nodes, a: ValueId, b: ValueId, axis: number): ValueId {
  const { shape } = nodes.typeOf(a);
  const piece = nodes.slice(b, at(shape.length, axis, 0), shape.with(axis, shape[axis] - 2));
  const place = nodes.constant(1, { dtype: "i32", shape: [] });
  return nodes.one("write", [a, piece, place], { axis });
}

function reshaped(nodes: Nodes, a: ValueId, detail: number): ValueId | undefined {
  const count = elementsOf(nodes.typeOf(a).shape);
  const factor = [2, 3, 4, 6].find((size, at) => count % size === 0 && at >= detail % 3);
  return factor === undefined
    ? nodes.reshape(a, [count])
    : nodes.reshape(a, [factor, count / factor]);
}

/** The last axis of one with an axis of the other that is as long. */
function product(nodes: Nodes, a: ValueId, b: ValueId): ValueId | undefined {
  const [left, right] = [nodes.typeOf(a).shape, nodes.typeOf(b).shape];
  const shared = right.indexOf(left[left.length - 1]);
  if (left.length === 0 || shared < 0) return undefined;
  const leftLabels = left.map((_, axis) => axis);
  const summed = left.length - 1;
  const rightLabels = right.map((_, axis) => (axis === shared ? summed : left.length + axis));
  const out = [...leftLabels.slice(0, -1), ...rightLabels.filter((label) => label !== summed)];
  return nodes.one("tanh", [
    nodes.one("contract", [a, b], { left: leftLabels, right: rightLabels, out }),
  ]);
}

function rotated(rank: number, by: number): number[] {
  return Array.from({ length: rank }, (_, axis) => (axis + by) % rank);
}

/** Zeros but for one axis. */
function at(rank: number, axis: number, value: number): number[] {
  return Array.from({ length: rank }, (_, other) => (other === axis ? value : 0));
}

function sameShape(nodes: Nodes, a: ValueId, b: ValueId): boolean {
  return nodes.typeOf(a).shape.join() === nodes.typeOf(b).shape.join();
}
