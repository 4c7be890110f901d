/** Parts of models, fused for this device and for others, against the interpreter. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { plainTarget, type Target } from "../../compiler/plan/target.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";
import { Device } from "../../runtime/device.ts";
import { compileKernels } from "../../runtime/pipelines.ts";
import { blocks } from "../kernels/blocks.ts";
import { differences } from "../support/close.ts";
import { randomTensors } from "../support/random-tensors.ts";
import { planOf, runOnDevice } from "./run-graph.ts";

let device: Device;
let proved: Device;
let front: Device;
beforeAll(async () => {
  device = await Device.open();
  proved = await Device.open({ proved: true });
  front = await Device.open({ backend: "null" });
});
afterAll(() => {
  device.close();
  proved.close();
  front.close();
});

/** A graphics card: many threads, and subgroups. */
const card: Target = {
  ...plainTarget,
  name: "card",
  subgroupSize: 32,
  hasSubgroups: true,
  hasHalf: true,
  workgroupStorage: 48 * 1024,
  maxInvocations: 1024,
};

const all = blocks.map(({ title, graph }) => {
  const inputs = inputsFor(title, graph);
  return { title, graph, inputs, wanted: interpret(graph, inputs) };
});
// The matmul of a graphics card takes a software adapter many seconds to compile; it has tests of its own.
const quick = all.filter(({ graph }) => graph.nodes.every(({ op }) => op !== "contract"));

describe("on this device", () => {
  test.each(all)("$title", async ({ graph, inputs, wanted }) => {
    expect(differences(await runOnDevice(device, graph, inputs), wanted)).toEqual([]);
  });
});

describe("as on any device, without bounds checks", () => {
  test.each(quick)("$title", async ({ graph, inputs, wanted }) => {
    const found = await runOnDevice(proved, graph, inputs, plainTarget);
    expect(differences(found, wanted)).toEqual([]);
  });
});

describe("for a graphics card, as far as the texts", () => {
  test.each(all)("$title", async ({ graph }) => {
    // The front end by itself binds no more than any device must.
    const mostBindings = front.description.limits.maxStorageBuffersPerShaderStage;
    const { kernels } = planOf(graph, { ...card, mostBindings });
    const pipelines = await compileKernels(front, kernels);
    expect(pipelines.size).toBeGreaterThan(0);
  });
});

function inputsFor(title: string, graph: Graph): Record<string, NdArray> {
  const random = randomTensors(title);
  return Object.fromEntries(
    graph.inputs.map(({ name, value }) => {
      const { dtype, shape } = graph.types[value];
      // Second moments are never negative.
      const range = name === "v" ? ([0, 2] as const) : undefined;
      const isFloat = dtype === "f32" || dtype === "f16";
      return [
        name,
        isFloat ? random.float(shape, range, dtype) : random.whole(shape, [0, 9], dtype),
      ];
    }),
  );
}
