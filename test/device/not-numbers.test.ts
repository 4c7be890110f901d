/** Powers that are no numbers, on the device as in the reference. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { ndarray } from "../../compiler/tensor/ndarray.ts";
import { Device } from "../../runtime/device.ts";
import { runOnDevice } from "./run-graph.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

// One at a time, and four at once.
test.each([3, 4])("broken powers of %d numbers below 0 are not numbers", async (count) => {
  const builder = new GraphBuilder("powers");
  const type = { dtype: "f32", shape: [count] } as const;
  const [a, b] = [builder.input("a", "batch", type), builder.input("b", "batch", type)];
  builder.output("y", builder.apply("power", [a, b])[0]);
  const inputs = {
    a: ndarray("f32", [count], [-2, -0.5, 4, -1].slice(0, count)),
    b: ndarray("f32", [count], [0.5, -1.5, 0.5, 2.5].slice(0, count)),
  };
  const graph = builder.build();
  const expected = [NaN, NaN, 2, NaN].slice(0, count);
  expect([...interpret(graph, inputs).y.data]).toEqual(expected);
  const { y } = await runOnDevice(device, graph, inputs);
  expect([...y.data]).toEqual(expected);
});
