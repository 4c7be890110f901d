/** Losses and every gradient of tiny llamas against PyTorch, Transformers and PEFT. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import { accumulateGraph, gradientName, sums } from "../../compiler/graph/programs.ts";
import { runPasses } from "../../compiler/passes.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";
import { batchOf, columns, definition, folderOf, llama, tensorsOf } from "./llama.ts";

/** Two orders of the same f32 sums differ by up to 2e-6 here (`noise` in the fixtures). */
const tolerance = 1e-4;

for (const name of ["llama-grouped", "llama-tied"]) {
  for (const tuning of ["full", "lora"] as const) {
    test(`${name}, ${tuning}: loss and every gradient are PyTorch's`, async () => {
      const folder = folderOf(name);
      const { module, model, nameOf, trained, fileNames } = await llama(name, tuning);
      const weights = await tensorsOf([`${folder}model/model.safetensors`]);
      const adapter = await tensorsOf([`${folder}adapter/adapter_model.safetensors`]);
      const expected = await tensorsOf([`${folder}expected.safetensors`]);
      const batches = await tensorsOf([`${folder}batches.safetensors`]);
      const { losses } = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
      const loss = definition(module, "next_token");
      const batch = { sequences: 2, columns };
      const graph = runPasses(
        accumulateGraph("accumulate", { root: model.root, nameOf }, loss, batch, trained),
        { verify: true },
      );
      for (const at of [0, 1]) {
        const inputs: Record<string, NdArray> = batchOf(batches, at);
        for (const [path, file] of fileNames) {
          const tensor = weights.get(file) ?? adapter.get(file);
          if (tensor !== undefined) inputs[path] = tensor;
        }
        for (const one of trained) inputs[gradientName(one.name)] = ndarray("f32", one.type.shape);
        for (const sum of Object.values(sums)) inputs[sum] = ndarray("f32", [1]);
        const outputs = interpret(graph, inputs);
        const [sum, count] = losses[tuning][at];
        expect(outputs[sums.count].data[0]).toBe(count);
        expect(Math.abs(outputs[sums.loss].data[0] / sum - 1)).toBeLessThan(tolerance);
        const prefix = `${tuning}.${at}.gradient.`;
        const compared: string[] = [];
        for (const one of trained) {
          const file = fileNames.get(one.name) ?? "";
          const wanted = expected.get(`${prefix}${file}`);
          if (wanted === undefined) continue;
          compared.push(`${prefix}${file}`);
          const found = outputs[gradientName(one.name)].data.map((value) => value / count);
          expect(distance(found, wanted.data), file).toBeLessThan(tolerance);
        }
        expect(compared.sort()).toEqual(
          [...expected.keys()].filter((key) => key.startsWith(prefix)).sort(),
        );
      }
    });
  }
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
