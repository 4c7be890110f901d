/**
 * What this folder adds, with no line of TypeScript: an architecture, an adapter, an optimizer, a schedule and a
 * template. They are checked, differentiated, trained, merged, saved and read back as those of std/ are.
 */

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import type { TrainStep } from "../../compiler/core/pipeline.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import {
  accumulateGraph,
  gradientName,
  stateName,
  sums,
  updateGraph,
} from "../../compiler/graph/programs.ts";
import { runPasses } from "../../compiler/passes.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";
import { initialStates } from "../../compiler/types/apply.ts";
import { checking } from "../../compiler/types/check.ts";
import { emptySums } from "../support/empty-sums.ts";
import { sharedFolder } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { mergedDifference } from "../support/merged.ts";
import { randomTensors } from "../support/random-tensors.ts";
import { type Ran, runPipeline } from "../support/run-pipeline.ts";
import { batch, columns, folder, modelIn, pipelineIn, randomModel } from "./models.ts";

const teach = pipelineIn("teach.ftp");
const twice = pipelineIn("twice.ftp");

test.each([
  ["teach.ftp", teach],
  ["twice.ftp", twice],
])("%s and what it imports have no fault", (_, { diagnostics }) => {
  expect(diagnostics.map(({ title }) => title)).toEqual([]);
});

describe("gradients are those of finite differences", () => {
  test.each([
    ["of a layer with attention and MLP side by side", modelIn(teach, "base")],
    ["of what rescales activations", modelIn(teach, "scaled")],
    ["of a layer that is passed through twice, and a tied head", modelIn(twice, "looped")],
  ])("%s", (_, named) => {
    const { root, nameOf, weights, trained } = randomModel(named);
    const loss = stepOf(teach, "tune").loss;
    const graph = accumulateGraph(
      "accumulate",
      { root, nameOf },
      loss,
      { sequences: 2, columns },
      trained,
    );
    const empty = emptySums(trained);
    const lossAt = (changed: Readonly<Record<string, NdArray>>) =>
      interpret(graph, { ...weights, ...changed, ...empty, ...batch }, { exact: true });
    const found = lossAt({});
    const random = randomTensors("directions");
    for (const { name, type } of trained) {
      const direction = random.float(type.shape, [-1, 1]).data;
      const slope = total(found[gradientName(name)].data.map((one, at) => one * direction[at]));
      const moved = (by: number) =>
        lossAt({
          [name]: {
            ...weights[name],
            data: weights[name].data.map((one, at) => one + by * direction[at]),
          },
        })[sums.loss].data[0];
      // Central differences in doubles err by the square of the step, and by 1e-16 over the step.
      const step = 1e-5;
      expect(slope / ((moved(step) - moved(-step)) / (2 * step)), name).toBeCloseTo(1, 5);
    }
  });
});

test("a rescaled layer is a layer of the merged weight", () => {
  const scaled = modelIn(teach, "scaled");
  const found = mergedDifference(scaled, randomModel(scaled), {
    sequences: 2,
    columns,
    rows: batch,
  });
  expect(found).toBeLessThan(1e-12);
});

test("what is passed through twice learns, by a momentum of signs", () => {
  const step = stepOf(twice, "learn");
  const { root, nameOf, weights, trained } = randomModel(step.start);
  const states = initialStates(checking([]), step.optimizer);
  const accumulate = runPasses(
    accumulateGraph("accumulate", { root, nameOf }, step.loss, { sequences: 2, columns }, trained),
    { verify: true },
  );
  const update = runPasses(
    updateGraph("update", {
      trained,
      optimizer: step.optimizer,
      schedule: step.learningRate,
      length: { steps: 6, spanSteps: (_, amount) => amount },
      clip: undefined,
      states,
    }),
    { verify: true },
  );
  let held: Record<string, NdArray> = { ...weights, ...emptySums(trained) };
  for (const { name, type } of trained)
    for (const state of states.keys()) held[stateName(name, state)] = ndarray("f32", type.shape);
  const losses: number[] = [];
  for (let at = 0; at < 6; at++) {
    held = { ...held, ...interpret(accumulate, { ...held, ...batch }) };
    losses.push(held[sums.loss].data[0]);
    const before = held[trained[0].name];
    held = { ...held, ...interpret(update, { ...held, step: ndarray("f32", [], [at]) }) };
    const moves = held[trained[0].name].data.map((one, place) =>
      Math.abs(one - before.data[place]),
    );
    // Rows of words that no text has stay where they are; all others move by the learning rate.
    for (const move of moves) expect(Math.min(move, Math.abs(move - 0.03))).toBeLessThan(1e-6);
  }
  expect(losses).toEqual([...losses].sort((a, b) => b - a));
});

describe("on the device", () => {
  const copy = sharedFolder();
  cpSync(folder, copy, { recursive: true });
  let taught: Ran;
  let again: Ran;
  beforeAll(async () => {
    taught = await runPipeline(copy, "teach");
    again = await runPipeline(copy, "reload");
    // A software adapter takes tenths of a second for each kernel that it has not seen before.
  }, 180_000);

  test("training makes the loss less at every step", () => {
    const losses = taught.losses("tune");
    expect(losses).toHaveLength(6);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(taught.perplexity("after", "scaled")).toBeLessThan(taught.perplexity("after", "base"));
  });

  test("the rate goes down the steps of its staircase", () => {
    const rates = linesOf(join(copy, "out/tune/metrics.jsonl")).map((line) => line.learning_rate);
    expect(rates).toEqual([0.2, 0.2, 0.1, 0.1, 0.05, 0.05]);
  });

  test("config.json has a field by the name that the checkpoint clause gives it", () => {
    const config = JSON.parse(readFileSync(join(copy, "out/merged/config.json"), "utf8"));
    expect(config).toMatchObject({ model_type: "parallel", hidden_size: 8 });
    expect(config).not.toHaveProperty("width");
  });

  test("the merged model, read back, is the adapted one", () => {
    // The merged product is rounded once more: 1e-7 of each weight.
    expect(again.perplexity("again", "merged") / taught.perplexity("after", "scaled")).toBeCloseTo(
      1,
      5,
    );
  });

  test("the merged model writes what the adapted one writes, and that is not the base's", () => {
    const [base, scaled, merged] = [
      written(taught.stdout, "base"),
      written(taught.stdout, "scaled"),
      written(again.stdout, "merged"),
    ];
    expect(merged).toEqual(scaled);
    expect(scaled).not.toEqual(base);
  });
});

test("a template with a preamble writes it once, and marks what the assistant says", async () => {
  const io = recordingIo(folder);
  expect(await runCommandLine(["preview", "teach.ftp", "turns"], io)).toBe(0);
  const [, first] = io.written.stdout.split(/^window \d/m);
  expect(first).toContain(`
  [You add numbers.]↵
  |user| one and one?<|end|>↵
  |assistant| two<|end|>↵
             ^^^^^^^^^^^
`);
});

/** What an evaluation shows of a model's writing. */
function written(stdout: string, model: string): string {
  const [, sample] = new RegExp(`^${model} writes\n((?: {2}.*\n)+)`, "m").exec(stdout) ?? [];
  if (sample === undefined) throw new Error(`${model} writes nothing`);
  return sample;
}

function stepOf({ steps }: typeof teach, name: string): TrainStep {
  const found = steps.find((step) => step.item.name.text === name);
  if (found?.kind !== "train") throw new Error(`no step trains ${name}`);
  return found;
}

function total(numbers: Float64Array): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

function linesOf(file: string): readonly { readonly learning_rate: number }[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
