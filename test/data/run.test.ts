/** Whole data plans: from a file to windows, and what is said on the way. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  answerFaults,
  endMarkFaults,
  leakFaults,
  trainingFaults,
} from "../../runtime/data/checks.ts";
import type { Dataset } from "../../runtime/data/dataset.ts";
import type { DataStage, TemplateProgram } from "../../runtime/data/plan.ts";
import { type DataResult, dataSession } from "../../runtime/data/run.ts";
import { writeTokenizer } from "../../runtime/tokenizer/train.ts";
import { folderWith } from "../support/folder.ts";
import { asking, byteTokenizer, lines, problem, sessionWith, stage } from "./plans.ts";

const read = stage("jsonl", { path: "rows.jsonl", row: problem });
const render = stage("render", { template: asking });
const tokenize = stage("tokenize", { tokenizer: byteTokenizer });
const pad = stage("pad", { length: 32 });

/** The dataset of these rows. */
function made(rows: string, ...stages: readonly DataStage[]): Promise<DataResult> {
  return sessionWith({ "rows.jsonl": rows }).run({ stages });
}

function datasetOf({ dataset, faults }: DataResult): Dataset {
  if (dataset === undefined) throw new Error(JSON.stringify(faults));
  return dataset;
}

const sums = lines({ question: "1+1", answer: "2" }, { question: "1+2", answer: "3" });

test("rows become windows of tokens with what is learned", async () => {
  const dataset = datasetOf(await made(sums, read, render, tokenize, pad));
  expect(dataset.statistics).toEqual({
    rows: 2,
    windows: 2,
    tokens: 24,
    learned: 4,
    cut: 0,
    dropped: 0,
  });
  const { data } = dataset.columns.tokens;
  const text = await dataset.tokenizer.decode(data.subarray(0, 12), true);
  expect(text).toBe("Q: 1+1\nA: 2<|end|>");
  expect([...dataset.columns.learn.data.subarray(0, 12)].join("")).toBe("000000000011");
  expect(data[12]).toBe(dataset.tokenizer.specials.padding?.id);
});

test("characters of several tokens are learned whole", async () => {
  const rows = lines({ question: "😀", answer: "é e\u0301 日本 👩‍👩‍👧" });
  const dataset = datasetOf(await made(rows, read, render, tokenize, stage("pad", { length: 99 })));
  const learned = dataset.columns.tokens.data.filter(
    (_, at) => dataset.columns.learn.data[at] === 1,
  );
  expect(await dataset.tokenizer.decode(learned)).toBe("é e\u0301 日本 👩‍👩‍👧");
});

test("examples ask what is before the last learned part", async () => {
  const dataset = datasetOf(await made(sums, read, render, tokenize, pad));
  const [first] = await dataset.examples();
  expect(first).toMatchObject({
    promptText: "Q: 1+1\nA: ",
    answerText: "2",
    origin: { file: "rows.jsonl", line: 1 },
  });
  expect(first.prompt).toHaveLength(10);
  const { idOf } = dataset.tokenizer;
  expect([...first.answer]).toEqual([idOf("2"), idOf("<|end|>")]);
});

test("a plain text is learned whole, and end = true adds the end mark", async () => {
  const result = await made(
    lines({ text: "ab" }, { text: "c" }),
    stage("jsonl", { path: "rows.jsonl" }),
    stage("tokenize", { tokenizer: byteTokenizer, end: true }),
    stage("pack", { length: 5 }),
  );
  const dataset = datasetOf(result);
  const end = dataset.tokenizer.specials.end?.id;
  expect(dataset.columns.tokens.data[2]).toBe(end);
  expect([...dataset.columns.learn.data]).toEqual([1, 1, 1, 1, 1]);
});

test("the same data have the same hash, and other learn spans another", async () => {
  const learnsAll: TemplateProgram = { ...asking, lines: [{ kind: "learn", lines: asking.lines }] };
  const hashOf = async (template: TemplateProgram): Promise<string> =>
    datasetOf(await made(sums, read, stage("render", { template }), tokenize, pad)).hash;
  expect(await hashOf({ ...asking, name: "other" })).toBe(await hashOf(asking));
  expect(await hashOf(learnsAll)).not.toBe(await hashOf(asking));
});

test("two datasets that begin alike read their file once", async () => {
  const folder = folderWith({ "rows.jsonl": sums, "words.txt": "words" });
  const session = dataSession(folder);
  const part = (output: string): DataStage => ({ stage: "split", args: { held_out: 0.5 }, output });
  const rest = [render, tokenize, pad];
  const train = datasetOf(await session.run({ stages: [read, part("train"), ...rest] }));
  rmSync(join(folder, "rows.jsonl"));
  const heldOut = datasetOf(await session.run({ stages: [read, part("held_out"), ...rest] }));
  expect([...train.rows, ...heldOut.rows].map((row) => row.origin.line).sort()).toEqual([1, 2]);
  expect(leakFaults(train, heldOut)).toEqual([]);
});

test("after a fault of a row there is no dataset, and later stages do not run", async () => {
  const result = await made(lines({ question: "q" }), read, render, tokenize, pad);
  expect(result.dataset).toBeUndefined();
  expect(result.faults.map((fault) => fault.slug)).toEqual(["missing-column"]);
});

test("rows whose learned part was cut off have nothing to learn", async () => {
  const rows = lines({ question: "1", answer: "2" }, { question: "a long question", answer: "2" });
  const cutting = stage("pad", { length: 16, over: "cut" });
  const { dataset, faults } = await made(rows, read, render, tokenize, cutting);
  expect(dataset?.statistics).toMatchObject({ cut: 1, windows: 2 });
  expect(faults).toMatchObject([
    { slug: "rows-cut" },
    {
      slug: "nothing-to-learn",
      severity: "warning",
      line: 2,
      message:
        "nothing is learned in 1 of 2 rows: what is to be learned was cut off with their ends",
    },
  ]);
});

test("a template that marks nothing at all is an error", async () => {
  const template: TemplateProgram = { ...asking, lines: asking.lines.slice(0, 3) };
  const { dataset, faults } = await made(sums, read, stage("render", { template }), tokenize, pad);
  expect(dataset).toBeUndefined();
  expect(faults).toMatchObject([{ slug: "nothing-to-learn", severity: "error", count: 2 }]);
});

test("a dataset of no rows is an error", async () => {
  const { faults } = await made("", read, render, tokenize, pad);
  expect(faults).toMatchObject([{ slug: "nothing-to-learn", severity: "error", count: 0 }]);
});

test("an end mark that is never learned is warned of", async () => {
  const template: TemplateProgram = {
    ...asking,
    lines: [
      ...asking.lines.slice(0, 3),
      {
        kind: "learn",
        lines: [{ kind: "expression", value: { kind: "column", path: ["answer"] } }],
      },
      { kind: "text", text: "<|end|>" },
    ],
  };
  const outside = await made(sums, read, stage("render", { template }), tokenize, pad);
  expect(outside.faults).toEqual([]);
  expect(endMarkFaults(datasetOf(outside))).toMatchObject([
    { slug: "end-mark-never-learned", severity: "warning", count: 2, stage: "tokenize" },
  ]);
  const inside = await made(sums, read, render, tokenize, pad);
  expect(endMarkFaults(datasetOf(inside))).toEqual([]);
});

test("a mark of the template that is no token is warned of", async () => {
  const template: TemplateProgram = {
    ...asking,
    lines: [{ kind: "text", text: "<|im_start|>" }, ...asking.lines],
  };
  const { faults } = await made(sums, read, stage("render", { template }), tokenize, pad);
  expect(faults).toMatchObject([
    {
      slug: "template-does-not-fit",
      message:
        "the template writes <|im_start|>, which is no token of this tokenizer and would be learned in pieces",
    },
  ]);
});

test("the same row in two datasets is a leak, with both places", async () => {
  const session = sessionWith({
    "rows.jsonl": sums,
    "more.jsonl": lines({ question: "2+2", answer: "4" }, { question: "1+2", answer: "3" }),
  });
  const more = stage("jsonl", { path: "more.jsonl", row: problem });
  const training = datasetOf(await session.run({ stages: [read, render, tokenize, pad] }));
  const heldOut = datasetOf(await session.run({ stages: [more, render, tokenize, pad] }));
  expect(leakFaults(training, heldOut)).toMatchObject([
    {
      slug: "leak",
      file: "more.jsonl",
      line: 2,
      count: 1,
      message:
        "1 row of 2 held out is trained on too, the first at rows.jsonl:2, so the evaluation measures memory",
    },
  ]);
});

test("fewer than a hundred rows to train on are warned of", async () => {
  const few = datasetOf(await made(sums, read, render, tokenize, pad));
  expect(trainingFaults(few)).toMatchObject([
    { slug: "few-examples", severity: "warning", count: 2 },
  ]);
  const many = lines(...Array.from({ length: 100 }, (_, n) => ({ question: `${n}`, answer: "a" })));
  expect(trainingFaults(datasetOf(await made(many, read, render, tokenize, pad)))).toEqual([]);
});

test.each([
  ["in its own prompt", (answer: string) => `Say: ${answer}`, ["label-leak"]],
  ["nowhere in its prompt", () => "Say it", []],
])("an answer that stands %s", async (_, ask, expected) => {
  const answers = ["a red door in the old wall", "a green boat on the river", "two"];
  const rows = lines(...answers.map((answer) => ({ question: ask(answer), answer })));
  const wide = stage("pad", { length: 96 });
  const faults = answerFaults(datasetOf(await made(rows, read, render, tokenize, wide)));
  expect(faults.map(({ slug }) => slug)).toEqual(expected);
  // The third is too short to tell.
  expect(faults.map(({ count }) => count)).toEqual(expected.map(() => 2));
});

test("a transform of the language makes columns and keeps the others", async () => {
  const session = sessionWith({ "rows.jsonl": sums });
  const { flow } = await session.flow([
    read,
    stage("map", {
      columns: {
        kind: "mapping",
        columns: {
          both: {
            kind: "join",
            parts: [
              { kind: "column", path: ["question"] },
              { kind: "literal", value: "=" },
              { kind: "column", path: ["answer"] },
            ],
          },
        },
        rest: true,
      },
    }),
  ]);
  expect(flow?.kind === "rows" && flow.rows[0].values).toEqual({
    question: "1+1",
    answer: "2",
    both: "1+1=2",
  });
  expect(flow?.kind === "rows" && flow.schema?.columns.both).toEqual({ kind: "string" });
});

test("a lazy dataset is made once", async () => {
  const load = sessionWith({ "rows.jsonl": sums }).lazily({
    stages: [read, render, tokenize, pad],
  });
  expect(await load()).toBe(await load());
});

test("a model's own chat template and tokenizer are found by the model's folder", async () => {
  const { tokenizer } = sessionWith({});
  const folder = folderWith({
    "rows.jsonl": lines({
      messages: [
        { role: "user", content: "1" },
        { role: "assistant", content: "2" },
      ],
    }),
    "model/chat_template.jinja":
      "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}a:{% endif %}",
  });
  await writeTokenizer(join(folder, "model"), await tokenizer(byteTokenizer));
  const session = dataSession(folder, async (address) => join(folder, address));
  const dataset = datasetOf(
    await session.run({
      stages: [
        stage("jsonl", { path: "rows.jsonl" }),
        stage("render", { template: { kind: "chat-template", folder: "model" } }),
        stage("tokenize", { tokenizer: { kind: "tokenizer", folder: "model" } }),
        pad,
      ],
    }),
  );
  const [example] = await dataset.examples();
  expect(example).toMatchObject({ promptText: "u:1<|end|>a:", answerText: "2" });
});

test("a base model without a chat template is a fault that names a way out", async () => {
  const { tokenizer } = sessionWith({});
  const folder = folderWith({ "rows.jsonl": "{}" });
  await writeTokenizer(join(folder, "model"), await tokenizer(byteTokenizer));
  const { faults } = await dataSession(folder).flow([
    stage("jsonl", { path: "rows.jsonl" }),
    stage("render", { template: { kind: "chat-template", folder: "model" } }),
  ]);
  expect(faults).toMatchObject([{ slug: "template-does-not-fit", file: "model" }]);
  expect(faults[0].message).toContain("std/chat.chatml");
});
