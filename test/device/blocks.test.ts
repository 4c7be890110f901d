/** Parts of models, fused, against the interpreter. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";
import { Device } from "../../runtime/device.ts";
import { blocks } from "../kernels/blocks.ts";
import { differences } from "../support/close.ts";
import { randomTensors } from "../support/random-tensors.ts";
import { runOnDevice } from "./run-graph.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

test.each(blocks)("$title", async ({ title, graph }) => {
  const inputs = inputsFor(title, graph);
  const found = await runOnDevice(device, graph, inputs);
  expect(differences(found, interpret(graph, inputs))).toEqual([]);
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
