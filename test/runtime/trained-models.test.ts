/** A model is a value: training it makes another, and the model as it was is still there for who asks. */

import { beforeAll, expect, test } from "vitest";
import { sharedFolder } from "../support/folder.ts";
import {
  evaluateStep,
  type Ran,
  runPipeline,
  tinyFiles,
  tinyLlama,
  trainingPipeline,
  trainStep,
} from "../support/run-pipeline.ts";

const imports = `import std/llama.{Llama, LlamaConfig}
import std/optim.{adamw}`;

const fields = "optimizer = adamw(weight_decay = 0.0)\n  learning_rate = 1e-2";
const sft = trainStep("sft", "base", fields);
const more = trainStep("more", "sft.model", fields);

/** Each model is asked for after it was trained on. */
const apart = [
  evaluateStep("before", ["base"]),
  sft,
  evaluateStep("after", ["base", "sft.model"]),
  more,
  evaluateStep("last", ["base", "sft.model", "more.model"]),
].join("\n");

/** Nobody asks for a model that was trained on. */
const inPlace = [sft, more, evaluateStep("last", ["more.model"])].join("\n");

const folder = sharedFolder({
  ...tinyFiles,
  "apart.ftp": trainingPipeline(imports, tinyLlama, apart),
  "in-place.ftp": trainingPipeline(imports, tinyLlama, inPlace),
});

let together: Ran;
let alone: Ran;
beforeAll(async () => {
  together = await runPipeline(folder, "apart");
  alone = await runPipeline(folder, "in-place");
  // A software adapter compiles each kernel that it has not seen before in tenths of a second.
}, 180_000);

test("the base is after a training in full what it was before", () => {
  expect(together.perplexity("after", "base")).toBe(together.perplexity("before", "base"));
  expect(together.perplexity("after", "sft.model")).toBeLessThan(
    together.perplexity("after", "base"),
  );
});

test("a trained model is after a training that goes on from it what it was before", () => {
  expect(together.perplexity("last", "sft.model")).toBe(together.perplexity("after", "sft.model"));
  expect(together.perplexity("last", "base")).toBe(together.perplexity("before", "base"));
});

test("a training goes on from where another ended", () => {
  const [first] = together.losses("more");
  expect(first).toBeLessThan(Math.min(...together.losses("sft")));
});

test("going on in a model's place gives what going on beside it gives", () => {
  expect(alone.losses("more")).toEqual(together.losses("more"));
  expect(alone.perplexity("last", "base")).toBe(together.perplexity("last", "more.model"));
});
