/** Kernels' texts: what is loaded by four, what is computed once a row, what is never in a text. */

import { describe, expect, test } from "vitest";
import { parseGraph } from "../../compiler/graph/parse.ts";
import { stepsOf } from "../../compiler/plan/steps.ts";
import { plainTarget, softwareTarget, type Target } from "../../compiler/plan/target.ts";
import { KernelWriter } from "../../compiler/wgsl/emit.ts";

function textsOf(body: string, target: Target = softwareTarget): string[] {
  const graph = parseGraph(`graph "test" {\n${body}\n}\n`);
  return stepsOf(graph, target, new KernelWriter(target)).steps.map((step) => step.stage.wgsl);
}

const norm = (width: number) => `
  %0 = weight "x" : f32[512,${width}]
  %1 = multiply %0, %0 : f32[512,${width}]
  %2 = reduceSum %1 {axes = [1]} : f32[512]
  %3 = rsqrt %2 : f32[512]
  %4 = broadcast %3 {axes = [0], shape = [512,${width}]} : f32[512,${width}]
  %5 = multiply %0, %4 : f32[512,${width}]
  return y = %5`;

const lines = (text: string) => text.split("\n").map((line) => line.trim());

describe("a row", () => {
  test("is read by four where it is a whole number of fours", () => {
    const [text] = textsOf(norm(32));
    expect(text).toContain("array<vec4<f32>>");
    expect(text).not.toContain("array<f32>");
  });

  test("is read one by one where it is not", () => {
    const [text] = textsOf(norm(33));
    expect(text).not.toContain("vec4");
  });

  test("has its factor computed once, between its two passes", () => {
    const [text] = textsOf(norm(32));
    const all = lines(text);
    const loops = all.flatMap((line, at) => (line.startsWith("for (") ? [at] : []));
    const factor = all.findIndex((line) => line.includes("inverseSqrt"));
    expect(loops).toHaveLength(2);
    expect(factor).toBeGreaterThan(loops[0]);
    expect(factor).toBeLessThan(loops[1]);
  });

  test("is shared by the threads of a workgroup on a graphics card", () => {
    const [text] = textsOf(norm(32), plainTarget);
    expect(text).toContain("workgroupBarrier();");
  });
});

test("what is used twice is computed once", () => {
  const [text] = textsOf(`
    %0 = weight "x" : f32[64]
    %1 = exp %0 : f32[64]
    %2 = multiply %1, %1 : f32[64]
    return y = %2`);
  expect(text.match(/exp\(/g)).toHaveLength(1);
  expect(text.match(/= m1\[/g)).toHaveLength(1);
});

test("what is guarded is read inside its guard", () => {
  const [text] = textsOf(`
    %0 = weight "x" : f32[6]
    %1 = pad %0 {after = [1], before = [2]} : f32[9]
    return y = %1`);
  const all = lines(text);
  const guard = all.findIndex((line) => line.startsWith("if (i >= 2u"));
  expect(all.findIndex((line) => line.includes("m1["))).toBeGreaterThan(guard);
});

test("halves enable what they need", () => {
  const [text] = textsOf(`
    %0 = weight "x" : f16[64]
    %1 = add %0, %0 : f16[64]
    return y = %1`);
  expect(text.startsWith("enable f16;\n")).toBe(true);
});

test("more workgroups than one dimension holds are folded into two", () => {
  const graph = parseGraph(`graph "test" {
    %0 = weight "x" : f32[16777219]
    %1 = exp %0 : f32[16777219]
    return y = %1
  }
`);
  const [{ stage }] = stepsOf(graph, softwareTarget, new KernelWriter(softwareTarget)).steps;
  expect(Math.max(...stage.grid)).toBeLessThanOrEqual(65_535);
  expect(stage.grid[0] * stage.grid[1] * 64).toBeGreaterThanOrEqual(16_777_219);
});
