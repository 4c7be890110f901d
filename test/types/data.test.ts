/** Datasets: the columns and stages that a chain of transforms gives, and what is said of chains that cannot be. */

import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { checking, inOrder } from "../../compiler/types/check.ts";
import { datasetOf, modelReference } from "../../compiler/types/data.ts";
import { showColumns } from "../../compiler/types/rows.ts";
import type { DatasetValue, OpaqueValue, Scope, Value } from "../../compiler/types/value.ts";
import type { DataPlan } from "../../runtime/data/plan.ts";
import { dataSession } from "../../runtime/data/run.ts";
import { folderWith } from "../support/folder.ts";
import { goldenCases } from "../support/golden.ts";
import { loaded } from "../support/library.ts";

/** A loaded model as a dataset sees it. */
const base: OpaqueValue = {
  kind: "opaque",
  type: "model",
  members: new Map<string, Value>([
    ["tokenizer", modelReference("tokenizer", "model")],
    ["chat_template", modelReference("template", "model")],
  ]),
  data: undefined,
  columns: undefined,
};

describe("faults of datasets", () => {
  goldenCases(new URL("../golden/data/", import.meta.url), {
    diagnostics: (source) => renderAll(checked(source).diagnostics),
    columns: (source) =>
      [...checked(source).datasets]
        .map(([name, one]) => `${name} { ${showColumns(one.columns)} }\n`)
        .join(""),
  });
});

function checked(source: string): {
  diagnostics: Diagnostic[];
  datasets: Map<string, DatasetValue>;
} {
  const program = loaded(source);
  const found: Diagnostic[] = [];
  const scope: Scope = {
    module: program.entry,
    names: new Map([["base", base]]),
    outer: undefined,
  };
  const datasets = new Map<string, DatasetValue>();
  for (const item of program.entry.items.values()) {
    if (item.kind !== "dataset") continue;
    const value = datasetOf(checking(found), scope, item);
    if (value.kind === "dataset") datasets.set(item.name.text, value);
  }
  return { diagnostics: [...program.diagnostics, ...inOrder(found, program.entry)], datasets };
}

/** The last dataset's stages, as the plan format holds them. */
function planOf(source: string): DataPlan {
  const { diagnostics, datasets } = checked(source);
  expect(renderAll(diagnostics)).toBe("");
  const last = [...datasets.values()].at(-1);
  return { stages: last?.stages ?? [] };
}

const imports = `
import std/chat.{Chat, chatml}
import std/data.{jsonl, text, split, take, shuffle, render, tokenize, pack, pad}
`;

test("a chain becomes its stages, with arguments in base units and cases by name", () => {
  const plan = planOf(`${imports}
dataset chats: Chat = jsonl("a.jsonl") |> split(held_out = 5%, seed = 7)
dataset training = chats.train |> render(base.chat_template) |> tokenize(base.tokenizer) |> pack(length = 2ktok, over = drop)
`);
  expect(plan.stages.map(({ stage }) => stage)).toEqual([
    "jsonl",
    "split",
    "render",
    "tokenize",
    "pack",
  ]);
  expect(plan.stages[1]).toEqual({
    stage: "split",
    args: { held_out: 0.05, seed: 7 },
    output: "train",
  });
  expect(plan.stages[2].args.template).toEqual({ kind: "chat-template", folder: "model" });
  expect(plan.stages[4].args).toEqual({ length: 2000, over: "drop" });
});

test("a reader checks rows against the record of the dataset's annotation", () => {
  const [stage] = planOf(`${imports}
enum Mood { bad, good }
record Review { text: string  mood: Mood  stars: int? }
dataset reviews: Review = jsonl("reviews.jsonl")
`).stages;
  expect(stage.args.row).toEqual({
    kind: "row",
    name: "Review",
    columns: {
      text: { kind: "string" },
      mood: { kind: "enum", name: "Mood", cases: ["bad", "good"] },
      stars: { kind: "optional", item: { kind: "int" } },
    },
  });
});

test("a template becomes a program over the row's columns", () => {
  const plan = planOf(`${imports}
dataset texts: Chat = jsonl("a.jsonl") |> render(chatml)
`);
  expect(plan.stages[1].args.template).toEqual({
    kind: "template",
    name: "chatml",
    lines: [
      {
        kind: "each",
        variable: "m",
        list: { kind: "column", path: ["messages"] },
        lines: [
          { kind: "text", text: "<|im_start|>" },
          { kind: "expression", value: { kind: "variable", name: "m", path: ["role"] } },
          { kind: "text", text: "\n" },
          {
            kind: "learn",
            condition: {
              kind: "compare",
              operator: "==",
              left: { kind: "variable", name: "m", path: ["role"] },
              right: { kind: "literal", value: "assistant" },
            },
            lines: [
              { kind: "expression", value: { kind: "variable", name: "m", path: ["content"] } },
              { kind: "text", text: "<|im_end|>" },
            ],
          },
          { kind: "text", text: "\n" },
        ],
      },
    ],
  });
});

test("a transform written in the language becomes a mapping", () => {
  const plan = planOf(`${imports}
record Pair { question: string  answer: string  id: int }
transform joined(mark: string) from row: { question: string, answer: string, ..R } to { text = "{row.question}{mark}{row.answer}", ..R }
dataset texts: Pair = jsonl("a.jsonl") |> joined(mark = ": ")
`);
  const column = (name: string) => ({ kind: "column", path: [name] });
  expect(plan.stages[1]).toEqual({
    stage: "map",
    args: {
      columns: {
        kind: "mapping",
        columns: {
          id: column("id"),
          text: {
            kind: "join",
            parts: [column("question"), { kind: "literal", value: ": " }, column("answer")],
          },
        },
        rest: false,
      },
    },
  });
});

test("the runtime writes rows by the compiled template, through transforms and splits", async () => {
  const rows = [1, 2, 3, 4].map((n) =>
    JSON.stringify({ question: `${n} + 1?`, answer: String(n + 1), hard: n > 2 }),
  );
  const folder = folderWith({ "sums.jsonl": rows.join("\n") });
  const { stages } = planOf(`${imports}
record Sum { question: string  answer: string  hard: bool }
record Pair { ask: string  say: string }
template qa(mark: string) for Pair {
  "Q{mark} {ask}\\n"
  learn { "A{mark} {say}" }
}
transform paired() from row: { question: string, answer: string, hard: bool } to { ask = if row.hard { "Hard: {row.question}" } else { row.question }, say = row.answer }
dataset sums: Sum = jsonl("sums.jsonl") |> split(held_out = 50%, seed = 3)
dataset texts = sums.train |> paired() |> render(qa(mark = ":"))
`);
  const { flow, faults } = await dataSession(folder).flow(stages);
  expect(faults).toEqual([]);
  const marked = flow?.kind === "rows" ? flow.rows.map((row) => row.marked) : [];
  expect(marked).toHaveLength(2);
  for (const one of marked) {
    const [, hard, n, answer] = /^Q: (Hard: )?(\d) \+ 1\?\nA: (\d)$/.exec(one?.text ?? "") ?? [];
    expect(Number(answer)).toBe(Number(n) + 1);
    expect(hard !== undefined).toBe(Number(n) > 2);
    expect(one?.learn).toEqual([[one?.text.indexOf("A: "), one?.text.length]]);
  }
});
