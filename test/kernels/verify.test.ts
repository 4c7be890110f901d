/** Fused kernels are sound, and the verifier says what is wrong with others. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { fuse } from "../../compiler/kernels/fuse.ts";
import { constantIndex, indexArithmetic, variable } from "../../compiler/kernels/index.ts";
import {
  type Kernel,
  type Load,
  type MapKernel,
  readsIn,
  type Scalar,
  scalarsOf,
} from "../../compiler/kernels/kernel.ts";
import { givenValues, verifyKernels } from "../../compiler/kernels/verify.ts";
import type { TensorType } from "../../compiler/ops/op.ts";
import { hostValues } from "../../compiler/plan/host.ts";
import { cases, graphOf as graphOfCase } from "../ops/cases.ts";
import { blocks } from "./blocks.ts";
import { chosenSteps, graphOf } from "./random-graphs.ts";

function faultsOf(graph: Graph, mostBindings = 8): string[] {
  const given = new Set(hostValues(graph).keys());
  const { kernels, streams } = fuse(graph, { given, mostBindings });
  const inputs = new Map(graph.inputs.map(({ name, value }) => [name, value]));
  const replaced = new Map<number, number>();
  for (const { value, replaces } of graph.outputs) {
    const state = inputs.get(replaces ?? "");
    if (state !== undefined) replaced.set(value, state);
  }
  const typeOf = (value: number): TensorType => graph.types[value] ?? { dtype: "u32", shape: [] };
  return verifyKernels({
    kernels,
    typeOf,
    given: givenValues(graph, [...given, ...streams.values()]),
    mostBindings,
    replaced,
  });
}

describe("kernels are sound", () => {
  test.each(blocks)("of $title", ({ graph }) => {
    expect(faultsOf(graph)).toEqual([]);
  });

  test.each(blocks)("of $title, without a clamp", ({ graph }) => {
    const reads = readsIn(fuse(graph).kernels.flatMap(scalarsOf));
    expect(reads.filter((read) => read.kind === "load" && read.most !== undefined)).toEqual([]);
  });

  test("of every operation", () => {
    expect(cases.flatMap((one) => faultsOf(graphOfCase(one), 16))).toEqual([]);
  });

  test("of graphs that nobody wrote", () => {
    fc.assert(
      fc.property(chosenSteps, (steps) => {
        expect(faultsOf(graphOf(steps))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the verifier", () => {
  const { add, multiply } = indexArithmetic;
  const i = variable("i", 8);
  const load = (value: number, index = i): Load => ({ kind: "load", value, index, dtype: "f32" });
  const map = (body: Scalar, value = 1): MapKernel => ({
    kind: "map",
    label: "test",
    count: 8,
    results: [{ value, dtype: "f32", place: i, body }],
  });
  const verify = (...kernels: Kernel[]) =>
    verifyKernels({
      kernels,
      typeOf: () => ({ dtype: "f32", shape: [8] }),
      given: new Set([0]),
      mostBindings: 2,
    });
  const place = (text: string) => [`kernel 0, map test: ${text}`];

  test("lets a sound kernel pass", () => {
    expect(verify(map(load(0)))).toEqual([]);
  });

  test("finds a read behind the end", () => {
    expect(verify(map(load(0, add(i, constantIndex(1)))))).toEqual(
      place("%0 is read from 1 to 8, and has 8 elements"),
    );
  });

  test("finds a read before the beginning", () => {
    expect(verify(map(load(0, add(i, constantIndex(-1)))))).toEqual(
      place("%0 is read from -1 to 6, and has 8 elements"),
    );
  });

  test("believes guards", () => {
    const bounds = [{ index: i, lower: 1, upper: 8 }];
    const inside = load(0, add(i, constantIndex(-1)));
    const zero: Scalar = { kind: "constant", value: 0, dtype: "f32" };
    expect(verify(map({ kind: "guard", bounds, inside, otherwise: zero, dtype: "f32" }))).toEqual(
      [],
    );
  });

  test("believes guards of no more than they say", () => {
    const bounds = [{ index: i, lower: 1, upper: 8 }];
    const inside = load(0, add(multiply(i, 2), constantIndex(-2)));
    const zero: Scalar = { kind: "constant", value: 0, dtype: "f32" };
    expect(verify(map({ kind: "guard", bounds, inside, otherwise: zero, dtype: "f32" }))).toEqual(
      place("%0 is read from 0 to 12, and has 8 elements"),
    );
  });

  test("finds a value that is read before it is written", () => {
    expect(verify(map(load(3)))).toEqual(place("reads %3 before it is written"));
  });

  test("finds a value that is written twice", () => {
    expect(verify(map(load(0)), map(load(0)))).toEqual(["kernel 1, map test: writes %1 again"]);
  });

  test("finds too many bindings", () => {
    const sum: Scalar = { kind: "operation", op: "add", args: [load(0), load(1)], dtype: "f32" };
    expect(verify(map(load(0)), map(sum, 2))).toEqual([
      "kernel 1, map test: binds 3 values, and 2 is the most",
    ]);
  });

  test("finds a fold where there is none", () => {
    expect(verify(map({ kind: "fold", fold: 0, dtype: "f32" }))).toEqual(
      place("uses fold 0 before it is found"),
    );
  });
});
