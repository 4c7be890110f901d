/** The models of a pipeline as text, and the verifier on trees that are not sound. */

import { expect, test } from "vitest";
import { loadPipeline } from "../../compiler/commands/load.ts";
import type { NamedModel } from "../../compiler/core/pipeline.ts";
import { printModel } from "../../compiler/core/print.ts";
import { verifyModel } from "../../compiler/core/verify.ts";
import { task } from "../faults/task.ts";
import { recordingIo } from "../support/io.ts";

async function models(): Promise<readonly NamedModel[]> {
  const { pipeline, diagnostics } = await loadPipeline(recordingIo(task().folder), "task.ftp");
  expect(diagnostics).toEqual([]);
  return pipeline.models;
}

/** The base with other members of its root. */
async function changed(root: Partial<NamedModel["model"]["root"]>): Promise<NamedModel> {
  const [base] = await models();
  return { ...base, model: { ...base.model, root: { ...base.model.root, ...root } } };
}

test("models are printed with their parameters, what is trained and where it comes from", async () => {
  const [base, tuned] = await models();
  expect(printModel(base).split("\n").slice(0, 2)).toEqual([
    'model base, a Reader from "model"',
    '  embed.weight     float[258, 16]  trained  "embed.weight"',
  ]);
  expect(printModel(tuned).split("\n").slice(0, 6)).toEqual([
    "model tuned, adapted from base",
    "  embed.weight     float[258, 16]  frozen   of base",
    "  places.weight    float[64, 16]   frozen   of base",
    "  layers.0.weight  float[16, 16]   frozen   of base",
    "  layers.0.lora_A  float[2, 16]    trained  uniform(0.25)",
    "  layers.0.lora_B  float[16, 2]    trained  0",
  ]);
});

test("sound models have no fault", async () => {
  expect((await models()).flatMap(verifyModel)).toEqual([]);
});

test("two parameters of one path are a fault", async () => {
  const [base] = await models();
  const embed = base.model.root.children.get("embed");
  if (embed === undefined) throw new Error("the task has changed");
  const twice = await changed({
    children: new Map([...base.model.root.children, ["again", embed]]),
  });
  expect(verifyModel(twice)).toEqual(["base: two parameters are called embed.weight"]);
});

test("a tie to a tie, or to nothing, is a fault", async () => {
  const tied = await changed({
    ties: [
      { path: "head.weight", to: "embed.weight" },
      { path: "embed.weight", to: "head.weight" },
      { path: "layers.0.weight", to: "layers.9.weight" },
    ],
  });
  expect(verifyModel(tied)).toEqual([
    "base: head.weight is tied to embed.weight, which is tied itself",
    "base: embed.weight is tied to head.weight, which is tied itself",
    "base: the tie of layers.0.weight to layers.9.weight is of what is not there",
  ]);
});

test("training what is not there is a fault", async () => {
  const [base] = await models();
  const model = { ...base.model, trained: new Set(["layers.9.weight"]) };
  expect(verifyModel({ ...base, model })).toEqual([
    "base: layers.9.weight is trained and not there",
  ]);
});
