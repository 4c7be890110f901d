/** What an evaluation measures: metrics of a file's own and of std/, over as many windows as there are. */

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import { evaluateGraph } from "../../compiler/graph/programs.ts";
import { measuresOf } from "../../compiler/plan/metrics.ts";
import { ndarray } from "../../compiler/tensor/ndarray.ts";
import { sharedFolder } from "../support/folder.ts";
import { type Ran, runPipeline } from "../support/run-pipeline.ts";
import { folder, modelIn, pipelineFrom } from "./models.ts";

const table = pipelineFrom(
  "table.ftp",
  `import std/data.{text, tokenize, pad}
import std/loss.{next_token}
import std/metric.{token_accuracy}

/// What comes next is looked up.
block Table[V]() {
  param weight: float[V, V] init zeros()

  forward[B, T](tokens: int[B, T]) -> float[B, T, V] {
    return gather(weight, tokens)
  }
}

dataset words = text("words.txt")

let tokenizer = bpe(words, vocabulary = 258, special = ["<|pad|>"], padding = "<|pad|>")

model base = Table[258](tokenizer = tokenizer)

evaluate judge {
  models  = [base]
  dataset = words |> tokenize(tokenizer) |> pad(length = 8tok)
  loss    = next_token
  metrics = [token_accuracy]
}
`,
);

test("token_accuracy is the share of learned tokens that are the likeliest", () => {
  expect(table.diagnostics).toEqual([]);
  const step = table.steps.find(({ kind }) => kind === "evaluate");
  if (step?.kind !== "evaluate") throw new Error("the step is not sound");
  const column = (dtype: "i32" | "bool") => ({ dtype, shape: [8] });
  const graph = evaluateGraph(
    "judge",
    { root: modelIn(table, "base").model.root, nameOf: (path) => path },
    measuresOf(step.loss, step.metrics),
    {
      sequences: 2,
      columns: new Map([
        ["tokens", column("i32")],
        ["segment", column("i32")],
        ["learn", column("bool")],
      ]),
    },
  );
  // After each token comes the next; after 9 nothing is likelier than anything else.
  const weight = ndarray("f32", [258, 258]);
  for (let token = 0; token < 258; token++) {
    weight.data.fill(-2, token * 258, (token + 1) * 258);
    if (token !== 9) weight.data[token * 258 + ((token + 1) % 258)] = -1;
  }
  const shape = [2, 8];
  const found = interpret(graph, {
    weight,
    tokens: ndarray("i32", shape, [1, 2, 3, 5, 6, 7, 1, 0, 3, 4, 9, 2, 4, 5, 6, 7]),
    // The second document of the first window begins at 6; its last place is padding.
    segment: ndarray("i32", shape, [0, 0, 0, 0, 1, 1, 1, -1, 0, 0, 0, 0, 0, 0, 0, 0]),
    learn: ndarray("bool", shape, [0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0]),
  });
  // Right are 2 3 and 6 7 of the first window; 3 4, 9 2, since nothing is likelier, and 4 5 of the second.
  expect(found["metric.token_accuracy.count"].data).toEqual(Float64Array.of(4 + 5));
  expect(found["metric.token_accuracy.sum"].data).toEqual(Float64Array.of(2 + 3));
});

describe("a model that rates eleven texts, eight at a time", () => {
  const copy = sharedFolder();
  cpSync(folder, copy, { recursive: true });
  const scores = readFileSync(join(folder, "opinions.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line): number => JSON.parse(line).score);
  let rated: Ran;
  beforeAll(async () => {
    rated = await runPipeline(copy, "rate");
  }, 120_000);

  test("is judged by each text once, whatever its loss reads", () => {
    const content = scores.filter((score) => score > 0);
    const squares = scores.map((score) => score * score);
    expect(rated.metric("quality", "base", "close")).toBe(
      scores.filter((score) => Math.abs(score) < 1).length / scores.length,
    );
    expect(rated.metric("quality", "base", "loss")).toBeCloseTo(total(content) / content.length, 6);
    expect(Math.log(rated.perplexity("quality", "base"))).toBeCloseTo(
      total(squares) / scores.length,
      6,
    );
  });

  test("is judged alike by a training that reads two texts at a time", () => {
    const record = JSON.parse(readFileSync(join(copy, "rate.ftp.record"), "utf8"));
    const { loss } = record.trainings.sft.evaluations.at(-1).metrics;
    expect(Math.log(rated.perplexity("quality", "sft.model")) / loss).toBeCloseTo(1, 6);
  });
});

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
