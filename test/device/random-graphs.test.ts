/** On graphs that nobody wrote, kernels for this device and for others compute what the interpreter does. */

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import { plainTarget, targetOf } from "../../compiler/plan/target.ts";
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
      // The matmul of a graphics card takes a software adapter long to compile.
      const isQuick = graph.nodes.every(({ op }) => op !== "contract");
      const target = isQuick && seed % 2 === 0 ? plainTarget : targetOf(device.description);
      const found = await runOnDevice(device, graph, inputs, target);
      expect(differences(found, interpret(graph, inputs))).toEqual([]);
    }),
    { numRuns: 30 },
  );
}, 60_000);
