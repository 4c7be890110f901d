/** Adapters in PEFT's layout. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AdapterPlan } from "../../runtime/plan.ts";
import {
  type AdapterToWrite,
  adapterConfig,
  readAdapter,
  writeAdapter,
} from "../../runtime/weights/peft.ts";
import { bytesOf } from "../../runtime/weights/write.ts";
import { folderWith } from "../support/folder.ts";

const modules = [0, 1].flatMap((layer) =>
  ["self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"].map(
    (name) => `model.layers.${layer}.${name}`,
  ),
);

const on = (name: string): readonly string[] => modules.filter((module) => module.endsWith(name));

function lora(rank: number, alpha: number, where: readonly string[], more = {}): AdapterPlan {
  return {
    name: "Lora",
    arguments: { rank, alpha },
    modules: where,
    peft: {
      config: {
        peft_type: "LORA",
        r: rank,
        lora_alpha: alpha,
        lora_dropout: 0,
        bias: "none",
        ...more,
      },
      weights: { lora_A: "lora_A.weight", lora_B: "lora_B.weight" },
    },
  };
}

function adapter(adapters: readonly AdapterPlan[]): AdapterToWrite {
  return {
    base: "org/base",
    adapters,
    modules,
    task: "CAUSAL_LM",
    tensors: adapters.flatMap((plan) =>
      plan.modules.flatMap((module) => {
        const rank = Number(plan.arguments.rank);
        const values = () => [bytesOf(new Float32Array(4 * rank).fill(rank))];
        return [
          { module, parameter: "lora_A", dtype: "F32", shape: [rank, 4], data: values } as const,
          { module, parameter: "lora_B", dtype: "F32", shape: [4, rank], data: values } as const,
        ];
      }),
    ),
  };
}

describe("the config", () => {
  test("names its targets by their last names where that means the same", () => {
    expect(adapterConfig(adapter([lora(8, 16, [...on("q_proj"), ...on("v_proj")])]))).toEqual({
      peft_type: "LORA",
      peft_version: "0.15.0",
      task_type: "CAUSAL_LM",
      base_model_name_or_path: "org/base",
      inference_mode: true,
      r: 8,
      lora_alpha: 16,
      lora_dropout: 0,
      bias: "none",
      target_modules: ["q_proj", "v_proj"],
    });
  });

  test("names its targets by their paths where only some of a name are adapted", () => {
    const config = adapterConfig(adapter([lora(8, 16, ["model.layers.1.self_attn.q_proj"])]));
    expect(config.target_modules).toEqual(["model.layers.1.self_attn.q_proj"]);
  });

  test("has patterns where ranks differ", () => {
    const config = adapterConfig(
      adapter([
        lora(16, 32, [...on("q_proj"), ...on("v_proj")]),
        lora(8, 16, ["model.layers.1.mlp.up_proj"]),
        lora(4, 32, ["model.layers.0.mlp.up_proj"]),
      ]),
    );
    expect(config).toMatchObject({
      r: 16,
      lora_alpha: 32,
      rank_pattern: { "model.layers.1.mlp.up_proj": 8, "model.layers.0.mlp.up_proj": 4 },
      alpha_pattern: { "model.layers.1.mlp.up_proj": 16 },
      target_modules: ["q_proj", "v_proj", "up_proj"],
    });
  });

  test.each([
    [
      "without a peft clause",
      [{ ...lora(8, 16, on("q_proj")), peft: undefined }],
      'Lora has no `checkpoint "peft"`',
    ],
    [
      "twice on a module",
      [lora(8, 16, on("q_proj")), lora(4, 8, on("q_proj"))],
      "two are on model.layers.0.self_attn.q_proj",
    ],
    [
      "of two dropouts",
      [lora(8, 16, on("q_proj")), lora(8, 16, on("v_proj"), { lora_dropout: 0.1 })],
      "lora_dropout is not the same everywhere",
    ],
  ])("cannot say an adapter %s", (_what, adapters, message) => {
    expect(() => adapterConfig(adapter(adapters as readonly AdapterPlan[]))).toThrow(message);
  });
});

test("an adapter is written with PEFT's keys, and a card that names its base", async () => {
  const folder = folderWith();
  await writeAdapter(folder, adapter([lora(2, 4, on("q_proj"))]));
  const read = await readAdapter(folder);
  expect([...read.weights.tensors.keys()].sort()).toEqual([
    "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
    "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
    "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight",
    "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight",
  ]);
  await read.weights.close();
  expect(readFileSync(join(folder, "README.md"), "utf8")).toContain("base_model: org/base\n");
});

test("an adapter that was written is read", async () => {
  const folder = folderWith();
  await writeAdapter(folder, adapter([lora(2, 4, on("q_proj")), lora(3, 9, on("up_proj"))]));
  const read = await readAdapter(folder);
  expect(read.base).toBe("org/base");
  const parameters = ["lora_A.weight", "lora_B.weight"];
  expect([...read.modules].sort((a, b) => (a.module < b.module ? -1 : 1))).toEqual([
    { module: "model.layers.0.mlp.up_proj", rank: 3, alpha: 9, parameters },
    { module: "model.layers.0.self_attn.q_proj", rank: 2, alpha: 4, parameters },
    { module: "model.layers.1.mlp.up_proj", rank: 3, alpha: 9, parameters },
    { module: "model.layers.1.self_attn.q_proj", rank: 2, alpha: 4, parameters },
  ]);
  const key = "base_model.model.model.layers.0.mlp.up_proj.lora_A.weight";
  expect([...(await read.weights.singles(key))]).toEqual(new Array(12).fill(3));
  await read.weights.close();
});

describe("reading refuses", () => {
  async function reading(change: Readonly<Record<string, unknown>>): Promise<unknown> {
    const folder = folderWith();
    await writeAdapter(folder, adapter([lora(2, 4, on("q_proj"))]));
    const path = join(folder, "adapter_config.json");
    const config = JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...change });
    return readAdapter(
      folderWith({
        "adapter_config.json": config,
        "adapter_model.safetensors": readFileSync(join(folder, "adapter_model.safetensors")),
      }),
    );
  }

  test.each([
    [{ peft_type: "IA3" }, /peft_type is "IA3", and we read LORA/],
    [{ r: "2" }, /r and lora_alpha are not numbers/],
    [{ r: 3 }, /has rank 2 in the weights and 3 here/],
    [{ rank_pattern: { "(": 2 } }, /Invalid regular expression/],
    [{ rank_pattern: { q_proj: "2" } }, /the pattern q_proj is no number/],
  ])("%j", async (change, message) => {
    await expect(reading(change)).rejects.toThrow(message);
  });

  test("a folder without an adapter", async () => {
    await expect(readAdapter(folderWith())).rejects.toThrow(/^there is no .*adapter_config\.json$/);
  });
});
