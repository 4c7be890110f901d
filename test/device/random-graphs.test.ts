/** On graphs that nobody wrote, fused kernels compute what the interpreter does. */

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import { Device } from "../../runtime/device.ts";
import { chosenSteps, graphOf, inputsFor } from "../kernels/random-graphs.ts";
import { differences } from "../support/close.ts";
import { runOnDevice } from "./run-graph.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

test("random graphs", async () => {
  await fc.assert(
    fc.asyncProperty(chosenSteps, fc.nat({ max: 9 }), async (steps, seed) => {
      const graph = graphOf(steps);
      const inputs = inputsFor(seed);
      const found = await runOnDevice(device, graph, inputs);
      expect(differences(found, interpret(graph, inputs))).toEqual([]);
    }),
    { numRuns: Number(process.env.RUNS ?? 40) },
  );
}, 60_000);
