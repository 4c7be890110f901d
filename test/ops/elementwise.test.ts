/** What each elementwise operation gives, by hand, and who has the gradient where two are equal. */

import { describe, expect, test } from "vitest";
import { gradients } from "../../compiler/graph/autodiff.ts";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import type { Attrs } from "../../compiler/ops/op.ts";
import { type OpName, opNames, opOf } from "../../compiler/ops/table.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";

const f32 = (...values: number[]) => ndarray("f32", [values.length], values);
const i32 = (...values: number[]) => ndarray("i32", [values.length], values);
const bool = (...values: number[]) => ndarray("bool", [values.length], values);

/** Less, equal and greater; for bools, every pair. */
const pair = [f32(1, 2, 3), f32(2, 2, 2)];
const truths = [bool(0, 0, 1, 1), bool(0, 1, 0, 1)];

const byHand: readonly (readonly [OpName, readonly NdArray[], readonly number[]])[] = [
  ["negate", [f32(2, -3)], [-2, 3]],
  ["absolute", [f32(2, -3)], [2, 3]],
  ["exp", [f32(0, 1)], [1, Math.E]],
  ["log", [f32(1, Math.E)], [0, 1]],
  ["sqrt", [f32(0, 9)], [0, 3]],
  ["rsqrt", [f32(1, 4)], [1, 0.5]],
  ["sin", [f32(0, Math.PI / 2)], [0, 1]],
  ["cos", [f32(0, Math.PI)], [1, -1]],
  ["tanh", [f32(0, Math.log(2))], [0, 0.6]],
  ["sigmoid", [f32(0, Math.log(3))], [0.5, 0.75]],
  ["floor", [f32(1.5, -1.5)], [1, -2]],
  ["sign", [f32(-3, 0, 0.5)], [-1, 0, 1]],
  ["finite", [f32(3.4e38, -Infinity, Number.NaN)], [1, 0, 0]],
  ["not", [bool(0, 1)], [1, 0]],
  ["add", pair, [3, 4, 5]],
  ["subtract", pair, [-1, 0, 1]],
  ["multiply", pair, [2, 4, 6]],
  ["divide", pair, [0.5, 1, 1.5]],
  ["remainder", [f32(5.5, -5.5), f32(2, 2)], [1.5, -1.5]],
  ["power", [f32(3, 4, 0), f32(2, 0.5, 2)], [9, 2, 0]],
  ["minimum", pair, [1, 2, 2]],
  ["maximum", pair, [2, 2, 3]],
  ["and", truths, [0, 0, 0, 1]],
  ["or", truths, [0, 1, 1, 1]],
  ["equal", pair, [0, 1, 0]],
  ["notEqual", pair, [1, 0, 1]],
  ["less", pair, [1, 0, 0]],
  ["lessEqual", pair, [1, 1, 0]],
  ["select", [bool(1, 0), f32(1, 2), f32(3, 4)], [1, 4]],
];

test.each(byHand)("%s", (op, args, expected) => {
  const types = opOf(op).infer(args, {});
  const [{ data }] = opOf(op).reference(args, {}, types);
  // The library's functions are correct to a few units in the last place.
  expected.forEach((value, at) => {
    expect(data[at]).toBeCloseTo(value, 14);
  });
  expect(data).toHaveLength(expected.length);
});

test("every elementwise operation but cast is here", () => {
  const elementwise = opNames.filter((name) => opOf(name).form.kind === "pointwise");
  const tested = new Set<string>(["cast", ...byHand.map(([op]) => op)]);
  expect(elementwise.filter((name) => !tested.has(name))).toEqual([]);
});

// Where no finite difference tells: a choice between equals ---------------------------------------

describe("the gradient of a choice between equals", () => {
  test("is all the first one's, of a maximum", () => {
    expect(slopes("maximum", [f32(2), f32(2)])).toEqual([[1], [0]]);
  });

  test("is all the first one's, of a minimum", () => {
    expect(slopes("minimum", [f32(2), f32(2)])).toEqual([[1], [0]]);
  });

  test("is shared evenly by the greatest of a row, and no other has any", () => {
    const row = ndarray("f32", [1, 4], [5, 1, 5, 2]);
    expect(slopes("reduceMax", [row], { axes: [1] })).toEqual([[0.5, 0, 0.5, 0]]);
  });

  test("is shared evenly by the least of a column", () => {
    const column = ndarray("f32", [3, 1], [1, 1, 4]);
    expect(slopes("reduceMin", [column], { axes: [0] })).toEqual([[0.5, 0.5, 0]]);
  });
});

test("the gradient of an absolute value is 0 at 0", () => {
  expect(slopes("absolute", [f32(0, -2)])).toEqual([[0, -1]]);
});

test("the gradient of a power is finite at 0, by the base and by the exponent", () => {
  expect(slopes("power", [f32(0, 0), f32(1, 2)])).toEqual([
    [1, 0],
    [0, 0],
  ]);
});

test("the gradient by an integer is not asked for", () => {
  expect(slopes("cast", [i32(3)], { to: "f32" })).toEqual([undefined]);
});

/** The gradient of the sum of all results' elements, by argument. */
function slopes(op: OpName, args: readonly NdArray[], attrs: Attrs = {}) {
  const builder = new GraphBuilder(op);
  const values = args.map((arg, at) => builder.input(`argument${at}`, "weight", arg));
  const [result] = builder.apply(op, values, attrs);
  const axes = builder.typeOf(result).shape.map((_, axis) => axis);
  const [sum] = builder.apply("reduceSum", [result], { axes });
  gradients(builder, sum, values).forEach((gradient, at) => {
    if (gradient !== undefined) builder.output(`gradient${at}`, gradient);
  });
  const inputs = Object.fromEntries(args.map((arg, at) => [`argument${at}`, arg]));
  const found: Record<string, NdArray | undefined> = interpret(builder.build(), inputs);
  // + 0 makes −0 a plain 0, which toEqual tells apart.
  return args
    .map((_, at) => found[`gradient${at}`]?.data)
    .map((data) => data && [...data].map((value) => value + 0));
}
