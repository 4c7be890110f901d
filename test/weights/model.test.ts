/** A model's folder as it is written. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadTokenizer, tokenizerFrom } from "../../runtime/tokenizer/tokenizer.ts";
import { trainBpe } from "../../runtime/tokenizer/train.ts";
import { openCheckpoint } from "../../runtime/weights/checkpoint.ts";
import { writeModel } from "../../runtime/weights/model.ts";
import { bytesOf } from "../../runtime/weights/write.ts";
import { folderWith } from "../support/folder.ts";

const json = trainBpe(["some words"], 257, ["<end>"]);
const tensors = [
  { name: "w", dtype: "F32", shape: [1], data: () => [bytesOf(Float32Array.of(2))] } as const,
];

test("a model is written with its config and what stands beside its tokenizer", async () => {
  const source = folderWith({
    "tokenizer.json": json,
    "tokenizer_config.json": '{"eos_token":"<end>"}',
    "generation_config.json": '{"eos_token_id":256}',
    "model.safetensors": "not this one",
  });
  const folder = join(folderWith(), "deep", "model");
  const tokenizer = await loadTokenizer(source);
  await writeModel(folder, { tensors, config: { model_type: "llama" }, tokenizer });
  expect(readdirSync(folder).sort()).toEqual([
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  expect(readFileSync(join(folder, "config.json"), "utf8")).toBe('{\n  "model_type": "llama"\n}\n');
  const checkpoint = await openCheckpoint(folder);
  expect([...(await checkpoint.singles("w"))]).toEqual([2]);
  await checkpoint.close();
});

test("a tokenizer that was trained in the run is written too", async () => {
  const folder = folderWith();
  const tokenizer = tokenizerFrom(json, { end: "<end>" });
  await writeModel(folder, { tensors, config: {}, tokenizer });
  expect((await loadTokenizer(folder)).specials.end).toEqual({ id: 256, text: "<end>" });
});
