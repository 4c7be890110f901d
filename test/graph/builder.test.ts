/** What a builder refuses, and how it numbers what it is given. */

import { expect, test } from "vitest";
import { Bug } from "../../compiler/bug.ts";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import { printGraph } from "../../compiler/graph/print.ts";

const pair = { dtype: "f32", shape: [2] } as const;

test("inputs that come late are numbered first", () => {
  const builder = new GraphBuilder("late");
  const x = builder.input("x", "batch", pair);
  const [y] = builder.apply("exp", [x]);
  const w = builder.input("w", "weight", pair);
  builder.output("z", builder.apply("multiply", [y, w])[0]);
  expect(printGraph(builder.build())).toBe(`graph "late" {
  %0 = batch "x" : f32[2]
  %1 = weight "w" : f32[2]
  %2 = exp %0 : f32[2]
  %3 = multiply %2, %1 : f32[2]
  return z = %3
}
`);
});

test("two inputs have two names", () => {
  const builder = new GraphBuilder("twice");
  builder.input("x", "batch", pair);
  expect(() => builder.input("x", "weight", pair)).toThrow("two inputs are named x");
});

test("an operation is one of the table", () => {
  const builder = new GraphBuilder("unknown");
  expect(() => builder.apply("convolve", [])).toThrow("no operation is named convolve");
});

test("an argument is there", () => {
  const builder = new GraphBuilder("missing");
  expect(() => builder.apply("exp", [3])).toThrow("graph missing has no value %3");
});

test("no tensor is empty", () => {
  const builder = new GraphBuilder("empty");
  const empty = { value: 0, dtype: "f32", shape: [2, 0] };
  expect(() => builder.apply("constant", [], empty)).toThrow(Bug);
  expect(() => builder.input("x", "batch", { dtype: "f32", shape: [0] })).toThrow(Bug);
});
