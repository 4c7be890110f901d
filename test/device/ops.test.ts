/** Every operation on the device against its reference, on the list of cases that all levels share. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import { Device } from "../../runtime/device.ts";
import { cases, graphOf, inputsOf } from "../ops/cases.ts";
import { differences } from "../support/close.ts";
import { runOnDevice } from "./run-graph.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

test.each(cases.map((one) => ({ title: one.title, one })))("$title", async ({ one }) => {
  const graph = graphOf(one);
  const inputs = inputsOf(one);
  const found = await runOnDevice(device, graph, inputs);
  expect(differences(found, interpret(graph, inputs))).toEqual([]);
});
