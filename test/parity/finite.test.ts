/** A step of a sound llama computes nothing that is not finite, so the first such tensor of a broken one is the fault. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { accumulateGraph } from "../../compiler/graph/programs.ts";
import { runPasses } from "../../compiler/passes.ts";
import { Device } from "../../runtime/device.ts";
import { notFiniteOnDevice } from "../device/run-graph.ts";
import { emptySums } from "../support/empty-sums.ts";
import { batchOf, columns, definition, folderOf, llama, tensorsOf, weightsOf } from "./llama.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

/** Labels of what is not finite in a step of LoRA, by batch; `breaking` changes a weight before. */
async function brokenLabels(
  batch: number,
  breaking?: { readonly weight: string; readonly value: number },
): Promise<string[]> {
  const name = "llama-grouped";
  const tuned = await llama(name, "lora");
  const { module, model, nameOf, trained } = tuned;
  const loss = definition(module, "next_token");
  const graph = runPasses(
    accumulateGraph(
      "accumulate",
      { root: model.root, nameOf },
      loss,
      { sequences: 2, columns },
      trained,
    ),
    { verify: true },
  );
  const inputs = {
    ...(await weightsOf(name, tuned)),
    ...emptySums(trained),
    ...batchOf(await tensorsOf([`${folderOf(name)}batches.safetensors`]), batch),
  };
  if (breaking !== undefined) inputs[breaking.weight].data[0] = breaking.value;
  return notFiniteOnDevice(device, graph, inputs);
}

test.each([
  ["padded", 0],
  ["packed", 1],
])(
  "a sound model leaves finite tensors alone, of a batch that is %s",
  {
    timeout: 120_000,
  },
  async (_, batch) => {
    expect(await brokenLabels(batch)).toEqual([]);
  },
);

test("a weight whose products overflow shows first where it is multiplied", {
  timeout: 120_000,
}, async () => {
  const weight = "layers.1.mlp.gate_proj.weight";
  const [first] = await brokenLabels(0, { weight, value: 3e38 });
  expect(first).toBe("contract in layers.1.mlp.gate_proj: einsum(x: .. i, weight: o i -> .. o)");
});
