/** Adapters and merged models as ftc writes them, against what PEFT and Transformers read from the same bytes. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";
import { Device } from "../../runtime/device.ts";
import { llama, logitColumns, tensorsOf } from "../parity/llama.ts";
import { sharedFolder } from "../support/folder.ts";
import { logitsGraph } from "../support/merged.ts";
import { writeAdapted, written } from "./written.ts";

const kept = fileURLToPath(new URL("../fixtures/written/", import.meta.url));
const base = fileURLToPath(new URL("../fixtures/llama-grouped/model/", import.meta.url));
const files = ["adapter_config.json", "adapter_model.safetensors"];

/** Two orders above what the order of sums makes of f32 in a model this small, as in scripts/fixtures. */
const tolerance = 1e-4;

const folder = sharedFolder();

beforeAll(async () => {
  const device = await Device.open();
  for (const name of written) await writeAdapted(name, device, join(folder, name));
  device.close();
}, 60_000);

describe.each(written)("%s", (name) => {
  const { sha256, config, keys } = JSON.parse(readFileSync(join(kept, name, "peft.json"), "utf8"));

  test.each(files)("%s has the bytes that PEFT read", (file) => {
    const bytes = readFileSync(join(folder, name, "adapter", file));
    expect(bytes.equals(readFileSync(join(kept, name, "adapter", file)))).toBe(true);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256[file]);
  });

  test("PEFT found in the config what we wrote", () => {
    const own = jsonIn(join(folder, name, "adapter/adapter_config.json"));
    // PEFT holds them as a set.
    expect({ ...own, target_modules: [...own.target_modules].sort() }).toEqual(config);
  });

  test("PEFT has a place for every tensor, and none is missing", async () => {
    const tensors = await tensorsOf([join(folder, name, "adapter/adapter_model.safetensors")]);
    expect([...tensors.keys()].sort()).toEqual(keys);
  });

  test("our logits under the adapter are PEFT's", async () => {
    const ours = await tensorsOf([join(folder, name, "claimed.safetensors")]);
    const { logits } = await logitsOfPeft();
    expect(largestDifference(withoutPadding(ours), logits)).toBeLessThan(tolerance);
  });

  test("the merged model has those logits without the adapter", async () => {
    const weights = await tensorsOf([join(folder, name, "merged/model.safetensors")]);
    const { logits, columns } = await logitsOfPeft();
    const { model, nameOf, fileNames } = await llama("llama-grouped", "full");
    const graph = logitsGraph(
      { root: model.root, nameOf: (path) => fileNames.get(nameOf(path)) ?? path },
      { sequences: 2, columns: logitColumns },
    );
    const found = interpret(graph, { ...Object.fromEntries(weights), ...columns });
    const all = new Map([...Object.entries(columns), ["logits", found.logits] as const]);
    expect(largestDifference(withoutPadding(all), logits)).toBeLessThan(tolerance);
  });

  test("the merged model is in the layout of its base", async () => {
    const merged = await tensorsOf([join(folder, name, "merged/model.safetensors")]);
    const whole = await tensorsOf([join(base, "model.safetensors")]);
    const shapes = (tensors: ReadonlyMap<string, NdArray>) =>
      [...tensors].map(([tensor, { shape }]) => [tensor, shape]).sort();
    expect(shapes(merged)).toEqual(shapes(whole));
    const config = { ...jsonIn(join(base, "config.json")), torch_dtype: "float32" };
    expect(jsonIn(join(folder, name, "merged/config.json"))).toEqual(config);
  });

  test("what no adapter is on keeps its bits when merged", async () => {
    const merged = await tensorsOf([join(folder, name, "merged/model.safetensors")]);
    const whole = await tensorsOf([join(base, "model.safetensors")]);
    const changed = [...whole].filter(
      ([tensor, { data }]) => largestDifference(merged.get(tensor)?.data, data) > 0,
    );
    const adapted = keys.map((key: string) =>
      key.replace("base_model.model.", "").replace(/\.(lora_[AB]|ia3_l)(\.weight)?$/, ".weight"),
    );
    expect(changed.map(([tensor]) => tensor).sort()).toEqual([...new Set(adapted)].sort());
  });

  async function logitsOfPeft() {
    const tensors = await tensorsOf([join(kept, name, "logits.safetensors")]);
    const { logits, ...columns } = Object.fromEntries(tensors);
    return { logits: logits.data, columns };
  }
});

function jsonIn(file: string) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Zeros at padding, as in the fixtures: what stands there means nothing. */
function withoutPadding(tensors: ReadonlyMap<string, NdArray>): Float64Array {
  const [logits, segment] = ["logits", "segment"].map((name) => tensors.get(name));
  if (logits === undefined || segment === undefined) throw new Error("no logits or no segments");
  const [, , vocabulary] = logits.shape;
  return logits.data.map((value, place) =>
    segment.data[Math.floor(place / vocabulary)] < 0 ? 0 : value,
  );
}

/** Infinite where there is nothing to compare. */
function largestDifference(found: Float64Array | undefined, wanted: Float64Array): number {
  if (found?.length !== wanted.length) return Number.POSITIVE_INFINITY;
  const differences = found.map((one, at) => Math.abs(one - wanted[at]));
  return differences.reduce((most, one) => Math.max(most, one), 0);
}
