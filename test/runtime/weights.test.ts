/** Weights on their way between files and the device. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Device } from "../../runtime/device.ts";
import { MachineError } from "../../runtime/errors.ts";
import { Executor } from "../../runtime/execute.ts";
import { exportAdapters, exportModel } from "../../runtime/export.ts";
import { loadTensors } from "../../runtime/load.ts";
import type { Dtype, ModelPlan, PersistentTensor, Plan } from "../../runtime/plan.ts";
import { openCheckpoint, openFiles } from "../../runtime/weights/checkpoint.ts";
import { singleToBrain } from "../../runtime/weights/float.ts";
import { bytesOf, writeSafetensors } from "../../runtime/weights/write.ts";
import { folderWith } from "../support/folder.ts";
import { linearPlan } from "./linear-plan.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

const values = Float32Array.of(1, -2.5, 3.140625);
const resolve = async (address: string): Promise<string> => address;

/** A folder with `w` of three elements in bf16, which holds `values` exactly. */
async function checkpoint(): Promise<string> {
  const folder = folderWith({ "config.json": "{}" });
  const bits = new Uint16Array(3);
  singleToBrain(values, bits);
  await writeSafetensors(join(folder, "model.safetensors"), [
    { name: "w", dtype: "BF16", shape: [3], data: () => [bytesOf(bits)] },
  ]);
  return folder;
}

const adapter = {
  name: "Lora",
  arguments: { rank: 1, alpha: 2 },
  modules: ["layer"],
  peft: {
    config: { peft_type: "LORA", r: 1, lora_alpha: 2 },
    weights: { lora_A: "lora_A.weight", lora_B: "lora_B.weight" },
  },
};

/** A frozen weight of a checkpoint, and an adapter of two tensors beside it. */
function adaptedPlan(folder: string, dtype: Dtype, shape: readonly number[] = [3]): Plan {
  const tensor = (
    place: number,
    size: readonly number[],
    source: PersistentTensor["source"],
  ): PersistentTensor => ({
    dtype: "f32",
    shape: size,
    slice: { buffer: 0, offset: 256 * place, bytes: 16 },
    source,
  });
  const model: ModelPlan = {
    checkpoint: folder,
    tokenizer: undefined,
    config: { model_type: "line" },
    parameters: [
      { name: "w", tensor: "w", trained: false },
      {
        name: "layer.lora_A",
        tensor: "a",
        trained: true,
        adapter: { module: "layer", parameter: "lora_A" },
      },
      {
        name: "layer.lora_B",
        tensor: "b",
        trained: true,
        adapter: { module: "layer", parameter: "lora_B" },
      },
      { name: "head.weight", tensor: "head", trained: true },
    ],
    generate: undefined,
    adapters: [adapter],
  };
  return {
    ...linearPlan(),
    tensors: {
      w: { ...tensor(0, shape, { kind: "checkpoint", model: "line", name: "w" }), dtype },
      a: tensor(1, [1, 3], { kind: "uniform", bound: 1, seed: 1, stream: "layer.lora_A" }),
      b: tensor(2, [2, 1], { kind: "zeros" }),
      head: tensor(3, [2], { kind: "fill", value: 0.5 }),
    },
    programs: {},
    models: { line: model },
    jobs: [],
  };
}

async function loaded(plan: Plan): Promise<Executor> {
  const executor = await Executor.open(device, plan);
  await loadTensors(executor, resolve);
  return executor;
}

describe("loading", () => {
  test("widens a checkpoint's weights to single precision", async () => {
    const executor = await loaded(adaptedPlan(await checkpoint(), "f32"));
    expect(await executor.read("w")).toEqual(values);
    executor.close();
  });

  test("converts a checkpoint's weights to half precision", async () => {
    const executor = await loaded(adaptedPlan(await checkpoint(), "f16"));
    expect(await executor.read("w")).toEqual(Uint16Array.of(0x3c00, 0xc100, 0x4248));
    executor.close();
  });

  test("gives tensors without a checkpoint their first values", async () => {
    const executor = await loaded(adaptedPlan(await checkpoint(), "f32"));
    expect(await executor.read("head")).toEqual(Float32Array.of(0.5, 0.5));
    const first = await executor.read("a");
    expect(new Set(first).size).toBe(3);
    expect(await executor.read("b")).toEqual(Float32Array.of(0, 0));
    executor.close();
  });

  test("refuses a checkpoint whose tensor has another shape than the plan's", async () => {
    const loading = loaded(adaptedPlan(await checkpoint(), "f32", [2]));
    await expect(loading).rejects.toThrow(MachineError);
    await expect(loading).rejects.toThrow(/holds w as \[3\], and the plan was made for \[2\]/);
  });
});

describe("exporting", () => {
  test("copies what nothing changed from the checkpoint, though the device holds it less exactly", async () => {
    const executor = await loaded(adaptedPlan(await checkpoint(), "f32"));
    await executor.write("w", new Float32Array(3));
    const folder = folderWith();
    const model = executor.plan.models.line;
    const files = { executor, model, tokenizer: undefined, resolve };
    await exportModel(files, folder, "bf16", []);
    const written = await openCheckpoint(folder);
    expect([...written.tensors.keys()].sort()).toEqual(["head.weight", "w"]);
    expect(await written.singles("w")).toEqual(values);
    expect(await written.singles("head.weight")).toEqual(Float32Array.of(0.5, 0.5));
    await written.close();
    executor.close();
  });

  test("writes adapters in PEFT's layout, and beside them what else was trained", async () => {
    const executor = await loaded(adaptedPlan(await checkpoint(), "f32"));
    const folder = folderWith();
    const model = { ...executor.plan.models.line, checkpoint: "hf:org/line@main" };
    await exportAdapters({ executor, model, tokenizer: undefined, resolve }, folder);
    const adapters = await openFiles([join(folder, "adapter_model.safetensors")]);
    expect([...adapters.tensors.keys()].sort()).toEqual([
      "base_model.model.layer.lora_A.weight",
      "base_model.model.layer.lora_B.weight",
    ]);
    expect(await adapters.singles("base_model.model.layer.lora_A.weight")).toEqual(
      await executor.read("a"),
    );
    await adapters.close();
    const config = JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
    expect(config.base_model_name_or_path).toBe("org/line");
    const others = await openFiles([join(folder, "trained.safetensors")]);
    expect([...others.tensors.keys()]).toEqual(["head.weight"]);
    await others.close();
    executor.close();
  });

  test("refuses half precision for a weight that it cannot hold", async () => {
    const executor = await loaded(adaptedPlan(await checkpoint(), "f32"));
    await executor.write("head", Float32Array.of(1, 1e6));
    const model = executor.plan.models.line;
    const files = { executor, model, tokenizer: undefined, resolve };
    await expect(exportModel(files, folderWith(), "f16", [])).rejects.toThrow(
      /head\.weight holds numbers beyond 65504/,
    );
    executor.close();
  });
});
