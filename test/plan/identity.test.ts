/** When a training is the same as one before, so that a checkpoint of it serves and a finished one is not done again. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rows, safetensors, type Task, task, weights } from "../faults/task.ts";

async function identityOf(change: (task: Task) => void = () => {}): Promise<unknown> {
  const changed = task();
  change(changed);
  const { code, stderr } = await changed.ftc("plan", "task.ftp", "-o", "plan.json");
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  const plan = JSON.parse(readFileSync(changed.path("plan.json"), "utf8"));
  return plan.jobs.find(({ kind }: { kind: string }) => kind === "train").identity;
}

const edit = (from: string, to: string) => (task: Task) => task.edit(from, to);

const evaluation = `evaluate before {
  models  = [base]
  dataset = training
  loss    = next_token
  metrics = [perplexity]
}

train fit {`;

test.each([
  ["the parts of its batch are", edit("seed ", "at_once = 2seq\n  seed ")],
  [
    "is evaluated before",
    (task: Task) => {
      task.edit("import std/loss", "import std/metric.{perplexity}\nimport std/loss");
      task.edit("train fit {", evaluation);
    },
  ],
  ["the folder is that it saves to", edit("out/fit", "out/other")],
  ["the times are when it saves", edit('"out/fit"', 'last(to = "out/fit", every = 2steps)')],
  ["comments say", edit("model base", "// The start.\n\nmodel base")],
])("the same training, whatever %s", async (_, change) => {
  expect(await identityOf(change)).toBe(await identityOf());
});

test.each<[string, (task: Task) => void]>([
  ["learning rate", edit("0.01", "0.02")],
  ["length", edit("6steps", "7steps")],
  ["seed", edit("seed          = 3", "seed          = 4")],
  ["batch", edit("batch         = 4seq", "batch         = 2seq")],
  ["decay", edit("weight_decay = 0.0", "weight_decay = 0.1")],
  ["clip", edit("seed ", "grad_clip = 1.0\n  seed ")],
  ["rank", edit("rank = 2", "rank = 4")],
  ["dropout", edit("alpha = 4.0", "alpha = 4.0, drop = 10%")],
  ["place of its adapters", edit("on layers.*", "on layers.0")],
  [
    "word in its data",
    ({ write }) => write("pairs.jsonl", rows.join("\n").replace("green", "olive")),
  ],
  [
    "weight of its base",
    ({ write }) => {
      const changed = weights();
      changed.get("layers.1.weight")?.data.fill(0.5, 0, 1);
      write("model/model.safetensors", safetensors(changed));
    },
  ],
])("another training with another %s", async (_, change) => {
  expect(await identityOf(change)).not.toBe(await identityOf());
});
