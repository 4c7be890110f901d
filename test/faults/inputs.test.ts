/** What can be wrong with the files of a run: told by `plan` in the first line, before a GPU is touched. */

import { existsSync, rmSync, statSync, truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { config, rows, safetensors, type Task, task, type Weight, weights } from "./task.ts";

interface Case {
  readonly name: string;
  readonly break: (task: Task) => void;
  /** Of the first line of standard error. */
  readonly says: RegExp;
  /** 1 if left out: the program is wrong. */
  readonly code?: number;
}

const modelFile = "model/model.safetensors";

function withWeights(change: (weights: Map<string, Weight>) => void): (task: Task) => void {
  return ({ write }) => {
    const changed = weights();
    change(changed);
    write(modelFile, safetensors(changed));
  };
}

/** Another form of one weight. */
function reshaped(name: string, change: Partial<Weight>): (task: Task) => void {
  return withWeights((all) => {
    const weight = all.get(name);
    if (weight !== undefined) all.set(name, { ...weight, ...change });
  });
}

function withOffsets(name: string, start: number, end: number): (task: Task) => void {
  return ({ write }) => {
    const change: Parameters<typeof safetensors>[1] = (header) => {
      const { data_offsets: offsets } = header[name];
      header[name].data_offsets = [offsets[0] + start, offsets[1] + end];
    };
    write(modelFile, safetensors(weights(), change));
  };
}

function shortened(bytes: (size: number) => number): (task: Task) => void {
  return ({ path }) => truncateSync(path(modelFile), bytes(statSync(path(modelFile)).size));
}

const without = (name: string) => (task: Task) => rmSync(task.path(name), { recursive: true });
const withFile = (name: string, text: string) => (task: Task) => task.write(name, text);
const withConfig = (change: object) => withFile("model/config.json", JSON.stringify(change));
const withRow = (line: number, text: string) =>
  withFile("pairs.jsonl", rows.with(line - 1, text).join("\n"));

const { hidden_size: _, ...narrow } = config;

const ofModel: readonly Case[] = [
  { name: "its folder is missing", break: without("model"), says: /there is no folder .*model$/ },
  {
    name: "its weights are missing",
    break: without(modelFile),
    says: /there is no .*model\.safetensors$/,
  },
  {
    name: "its config is missing",
    break: without("model/config.json"),
    says: /config\.json: there is no such file$/,
  },
  {
    name: "its config is cut short",
    break: withFile("model/config.json", '{"vocab_size": 258,'),
    says: /reading .*config\.json: .* JSON/,
  },
  {
    name: "its config lacks a field",
    break: withConfig(narrow),
    says: /model\/config\.json: hidden_size is missing/,
  },
  {
    name: "a field of its config is text",
    break: withConfig({ ...config, hidden_size: "16" }),
    says: /model\/config\.json: hidden_size must be integer/,
  },
  {
    name: "its config is of another architecture",
    break: withConfig({ ...config, model_type: "bert" }),
    says: /says model_type = "bert", and this block is made for "pair-reader"/,
  },
  {
    name: "its tokenizer is missing",
    break: without("model/tokenizer.json"),
    says: /a model has no `tokenizer`/,
  },
  {
    name: "its tokenizer is cut short",
    break: withFile("model/tokenizer.json", '{"model":'),
    says: /reading .*tokenizer\.json: /,
    code: 3,
  },
  {
    name: "what stands beside its tokenizer is cut short",
    break: withFile("model/tokenizer_config.json", "{"),
    says: /reading .*tokenizer_config\.json: /,
    code: 3,
  },
  {
    name: "its tokenizer has tokens that it lacks",
    break: (task) => {
      const data = new Float32Array(200 * 16);
      withConfig({ ...config, vocab_size: 200 })(task);
      withWeights((all) => {
        for (const name of ["embed.weight", "head.weight"])
          all.set(name, { dtype: "F32", shape: [200, 16], data });
      })(task);
    },
    says: /tokens that the model does not have, the first is 220 .* of 200.*pairs\.jsonl:1/,
  },
];

const ofWeights: readonly Case[] = [
  {
    name: "the file ends in its first number",
    break: shortened(() => 4),
    says: /is no whole safetensors file: it has only 4 bytes/,
  },
  {
    name: "the file ends in its header",
    break: shortened(() => 100),
    says: /its header claims \d+ bytes of the file's 100/,
  },
  {
    name: "the file ends in its data",
    break: shortened((size) => size - 10),
    says: /its tensors take 39168 bytes of the 39158 after the header/,
  },
  {
    name: "two tensors overlap",
    break: withOffsets("layers.1.weight", -4, -4),
    says: /layers\.1\.weight begins 4 bytes before the end of the tensor before it/,
  },
  {
    name: "a tensor's place is longer than its shape",
    break: withOffsets("head.weight", 0, 4),
    says: /head\.weight of shape \[258,16\] and dtype F32 takes 16512 bytes, not 16516/,
  },
  {
    name: "a tensor has another shape",
    break: reshaped("layers.1.weight", { shape: [8, 32] }),
    says: /`layers\.1\.weight` is \[8, 32\] in model, and hidden_size = 16 of its config\.json makes it \[16, 16\]/,
  },
  {
    name: "a tensor holds integers",
    break: reshaped("layers.1.weight", { dtype: "I32" }),
    says: /`layers\.1\.weight` holds I32 in model, and weights are F32, F16, BF16/,
  },
  {
    name: "a tensor is missing",
    break: withWeights((all) => all.delete("layers.1.weight")),
    says: /model has no tensor `layers\.1\.weight`/,
  },
  {
    name: "a tensor is left over",
    break: withWeights((all) => {
      all.set("layers.2.weight", { dtype: "F32", shape: [1], data: new Float32Array(1) });
    }),
    says: /model has `layers\.2\.weight`, which this block has no place for/,
  },
];

const ofRows: readonly Case[] = [
  { name: "the file is missing", break: without("pairs.jsonl"), says: /no file pairs\.jsonl/ },
  {
    name: "the file is a folder",
    break: (task) => {
      rmSync(task.path("pairs.jsonl"));
      task.write("pairs.jsonl/part.jsonl", "");
    },
    says: /reading pairs\.jsonl: it is a folder/,
    code: 3,
  },
  { name: "there are none", break: withFile("pairs.jsonl", ""), says: /there are no rows/ },
  {
    name: "one is cut short",
    break: withRow(7, '{"ask": "thing 7", "answer":'),
    says: /this line is not JSON.*\(pairs\.jsonl:7\)/,
  },
  {
    name: "one is a list",
    break: withRow(7, "[1]"),
    says: /must be a JSON object, and this one is a list \(pairs\.jsonl:7\)/,
  },
  {
    name: "one lacks a column",
    break: withRow(7, '{"ask": "thing 7"}'),
    says: /there is no `answer`, which every Pair has \(pairs\.jsonl:7\)/,
  },
  {
    name: "one has a number for text",
    break: withRow(7, '{"ask": "thing 7", "answer": 7}'),
    says: /`answer` is a number, not a value of type string \(pairs\.jsonl:7\)/,
  },
];

const ofPipeline: readonly Case[] = [
  {
    name: "the file is missing",
    break: without("task.ftp"),
    says: /reading task\.ftp: there is no such file/,
    code: 3,
  },
  {
    name: "a field that steps do not have",
    break: (task) => task.edit("seed ", "sede "),
    says: /a train step has no field `sede`/,
  },
  {
    name: "a path to no layer",
    break: (task) => task.edit("on layers.*", "on layers.*.q_proj"),
    says: /no layer matches this pattern/,
  },
  {
    name: "less memory than the run needs",
    break: (task) => task.edit("seed ", "memory = 128KiB\n  seed "),
    says: /this run needs .* and may use 128\.00KiB/,
  },
];

describe.each([
  ["a model", ofModel],
  ["weights", ofWeights],
  ["rows", ofRows],
  ["a pipeline", ofPipeline],
])("%s", (_, cases) => {
  test.each(cases)("$name", async ({ break: breaks, says, code = 1 }) => {
    const broken = task();
    breaks(broken);
    const ended = await broken.ftc("plan", "task.ftp");
    expect(ended.stderr.split("\n")[0]).toMatch(says);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: "" });
    expect(existsSync(broken.path("task.ftp.lock"))).toBe(false);
  });
});
