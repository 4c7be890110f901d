/** Graphs as text, and back. */

import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import { parseGraph } from "../../compiler/graph/parse.ts";
import { printGraph } from "../../compiler/graph/print.ts";
import { sourceFile } from "../../compiler/source/file.ts";

const everything = `graph "train" {
  %0 = weight "layers.0.up" : f32[8,4]
  %1 = state "m \\"quoted\\"" : f16[]
  %2 = batch "tokens" : i32[2]
  %3 = scalar "seed" : u32[]
  %4 = transpose %0 {order = [1, 0]} : f32[4,8]  // std/nn.ftp:44
  %5 = constant {dtype = "f32", shape = [], value = 1e-30} : f32[]  // a file.ftp:3
  %6 = constant {dtype = "f32", shape = [], value = -0} : f32[]
  %7 = random %3 {shape = [2], stream = 7} : f32[2]
  %8, %9 = attention %0, %0, %0, %2, %2, %2 {causal = true, scale = 0.125} : f32[8,4], f32[8]
  return loss = %5
  return state "m \\"quoted\\"" = %1
  return "a name" = %9 replaces "m \\"quoted\\""
  return "state" = %6
}
`;

test("what is printed reads back and prints the same", () => {
  expect(printGraph(parseGraph(everything))).toBe(everything);
});

test("a graph that was built prints with the lines it came from", () => {
  const file = sourceFile("std/nn.ftp", "one\ntwo\nthree\n");
  const builder = new GraphBuilder("forward");
  const x = builder.input("x", "batch", { dtype: "f32", shape: [2, 3] });
  builder.at({ span: { file, start: 9, end: 10 }, part: "layers.0.mlp" });
  const [y] = builder.apply("add", [x, x]);
  builder.output("y", y);
  const text = printGraph(builder.build());
  expect(text).toContain("  %1 = add %0, %0 : f32[2,3]  // std/nn.ftp:3 in layers.0.mlp\n");
  expect(printGraph(parseGraph(text))).toBe(text);
});

test("inputs come first, whenever they were added", () => {
  const builder = new GraphBuilder("late");
  const type = { dtype: "f32", shape: [2] } as const;
  const [a] = builder.apply("exp", [builder.input("a", "batch", type)]);
  const [sum] = builder.apply("add", [a, builder.input("b", "batch", type)]);
  builder.output("sum", sum);
  expect(printGraph(builder.build())).toBe(`graph "late" {
  %0 = batch "a" : f32[2]
  %1 = batch "b" : f32[2]
  %2 = exp %0 : f32[2]
  %3 = add %2, %1 : f32[2]
  return sum = %3
}
`);
});

describe("text of another form is refused with its line", () => {
  test.each([
    ["an unknown operation", "%1 = melt %0 : f32[]", "line 2 .* an operation instead of melt"],
    ["an unknown dtype", "%1 = exp %0 : f31[]", "line 2 .* a dtype instead of f31"],
    ["a missing type", "%1, %2 = exp %0 : f32[]", "line 2 .* a type for each result"],
    ["a strange character", "%1 = exp %0; : f32[]", "line 2 .* known characters"],
    ["something after the end", "%1 = exp %0 : f32[] x", "line 2 .* the end of the line"],
    ["a missing number", "%1 = exp %0 : f32[2,]", "line 2 .* a number"],
    ["an open quote", '%1 = weight "x : f32[]', "line 2 .* known characters"],
  ])("%s", (_, line, message) => {
    expect(() => parseGraph(`graph "g" {\n  ${line}\n}\n`)).toThrow(new RegExp(message));
  });

  test("no header", () => {
    expect(() => parseGraph("")).toThrow("a graph begins with its name");
  });
});
