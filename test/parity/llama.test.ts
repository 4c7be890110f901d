/**
 * Logits, losses and every gradient of tiny llamas against PyTorch, Transformers and PEFT: as the interpreter
 * computes them, and as this machine's device does.
 */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { accumulateGraph, gradientName, sums } from "../../compiler/graph/programs.ts";
import { runPasses } from "../../compiler/passes.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";
import { Device } from "../../runtime/device.ts";
import { runOnDevice } from "../device/run-graph.ts";
import { emptySums } from "../support/empty-sums.ts";
import { logitsGraph, mergedWeights } from "../support/merged.ts";
import {
  batchOf,
  columns,
  definition,
  expectedOf,
  folderOf,
  llama,
  logitColumns,
  tensorsOf,
  weightsOf,
} from "./llama.ts";

/**
 * Two orders of the same f32 sums differ by up to 7e-6 here (`noise` in the fixtures), and WGSL allows the
 * functions of attention and of the loss, such as `exp`, a few units in the last place more than C has.
 */
const tolerance = 1e-4;

type Arrays = Readonly<Record<string, NdArray>>;

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

const machines = {
  "the interpreter": async (graph: Graph, inputs: Arrays) => interpret(graph, inputs),
  "the device": (graph: Graph, inputs: Arrays) => runOnDevice(device, graph, inputs),
} as const;

const cases = [
  ["llama-grouped", "full"],
  ["llama-grouped", "lora"],
  ["llama-tied", "full"],
  ["llama-tied", "lora"],
] as const;

// Gradients need the logits of the base, and a device's driver takes seconds for each kernel that is new to it.
const adapted = cases.filter(([, tuning]) => tuning === "lora");

describe.each(Object.entries(machines))("on %s", { timeout: 120_000 }, (machine, run) => {
  const cold = machine === "the device" ? adapted : cases;

  test.each(cold)("%s, %s: the logits are those of Transformers", async (name, tuning) => {
    const { model, nameOf } = await llama(name, tuning);
    const { weights, batches, expected } = await fixturesOf(name, tuning);
    const asked = { sequences: 2, columns: logitColumns };
    const graph = runPasses(logitsGraph({ root: model.root, nameOf }, asked), { verify: true });
    for (const at of [0, 1]) {
      const { logits } = await run(graph, { ...weights, ...batchOf(batches, at) });
      const wanted = expectedOf(expected, `${tuning}.${at}.logits`);
      expect(distance(withoutPadding(logits, batches, at), wanted.data)).toBeLessThan(tolerance);
    }
  });

  test.each(cases)("%s, %s: loss and every gradient are PyTorch's", async (name, tuning) => {
    const { module, model, nameOf, trained, fileNames } = await llama(name, tuning);
    const { weights, batches, expected, losses } = await fixturesOf(name, tuning);
    const loss = definition(module, "next_token");
    const batch = { sequences: 2, columns };
    const graph = runPasses(
      accumulateGraph("accumulate", { root: model.root, nameOf }, loss, batch, trained),
      { verify: true },
    );
    const empty = emptySums(trained);
    for (const at of [0, 1]) {
      const outputs = await run(graph, { ...weights, ...empty, ...batchOf(batches, at) });
      const [sum, count] = losses[at];
      expect(outputs[sums.count].data[0]).toBe(count);
      expect(Math.abs(outputs[sums.loss].data[0] / sum - 1)).toBeLessThan(tolerance);
      const prefix = `${tuning}.${at}.gradient.`;
      const compared: string[] = [];
      for (const one of trained) {
        const key = `${prefix}${fileNames.get(one.name) ?? ""}`;
        if (!expected.has(key)) continue;
        compared.push(key);
        const found = outputs[gradientName(one.name)].data.map((value) => value / count);
        expect(distance(found, expectedOf(expected, key).data), key).toBeLessThan(tolerance);
      }
      expect(compared.sort()).toEqual(
        [...expected.keys()].filter((key) => key.startsWith(prefix)).sort(),
      );
    }
  });
});

test.each(["llama-grouped", "llama-tied"])("%s: merged weights are PEFT's", async (name) => {
  const { model, nameOf, fileNames } = await llama(name, "lora");
  const { weights, expected } = await fixturesOf(name, "lora");
  const merged = mergedWeights({ root: model.root, nameOf }, weights);
  const compared = Object.entries(merged).flatMap(([path, found]) => {
    const wanted = expected.get(`merged.${fileNames.get(path) ?? ""}`);
    return wanted === undefined ? [] : [distance(found.data, wanted.data)];
  });
  expect(compared).toHaveLength(2);
  // Rounding to f32, once or twice.
  for (const one of compared) expect(one).toBeLessThan(1e-6);
});

/** What the fixture's files hold: weights by the names of our tensors, and PyTorch's numbers. */
async function fixturesOf(name: string, tuning: "full" | "lora") {
  const folder = folderOf(name);
  const { losses } = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
  return {
    weights: await weightsOf(name, await llama(name, tuning)),
    batches: await tensorsOf([`${folder}batches.safetensors`]),
    expected: await tensorsOf([`${folder}expected.safetensors`]),
    losses: losses[tuning],
  };
}

/** Zeros at padding, as in the fixtures: what stands there means nothing. */
function withoutPadding(
  { shape, data }: NdArray,
  batches: ReadonlyMap<string, NdArray>,
  at: number,
): Float64Array {
  const { segment } = batchOf(batches, at);
  const [, , vocabulary] = shape;
  return data.map((value, place) => (segment.data[Math.floor(place / vocabulary)] < 0 ? 0 : value));
}

/** The length of the difference, relative to the length of what is expected. */
function distance(found: Float64Array, wanted: Float64Array): number {
  let [difference, length] = [0, 0];
  for (const [at, value] of wanted.entries()) {
    difference += (found[at] - value) ** 2;
    length += value ** 2;
  }
  return Math.sqrt(difference / length);
}
