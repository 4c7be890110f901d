/** What the server offers where something is typed: each place has its own kind of answer. */

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CompletionItem } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";
import { putBase } from "../support/shipped.ts";

const folder = sharedFolder();
let editor: Editor;

beforeAll(async () => {
  putBase(folder);
  writeFileSync(join(folder, "shared.ftp"), "/// Told apart.\nenum Mood { sad, glad }\n");
  editor = await Editor.start(folder, { HF_HUB_CACHE: join(folder, "cache") });
});
afterAll(async () => {
  await editor.stop();
});

async function offered(marked: string): Promise<readonly CompletionItem[]> {
  const items = await editor.ask<CompletionItem[]>("completion", marked);
  const key = ({ sortText, label }: CompletionItem) => sortText ?? label;
  return items.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

async function labels(marked: string): Promise<readonly string[]> {
  return (await offered(marked)).map(({ label }) => label);
}

const head = `import std/llama.{Llama, LlamaConfig}
import std/lora.{Lora}
import std/data.{jsonl, pack, Over}
import std/optim.{adamw}
import std/schedule.{cosine}
import std/loss.{next_token}

/// What a customer writes.
record Order {
  request: string
  count:   int
}

model base = Llama from "models/tiny"
dataset orders: Order = jsonl("orders.jsonl")
`;

describe("a step", () => {
  test("offers the fields that it lacks, those that it needs first, with type and reason", async () => {
    const items = await offered(`${head}train sft {\n  model = base\n  ‸\n}\n`);
    expect(items.map(({ label }) => label).slice(0, 3)).toEqual(["dataset", "loss", "optimizer"]);
    expect(items.map(({ label }) => label)).not.toContain("model");
    const batch = items.find(({ label }) => label === "batch");
    expect(batch).toMatchObject({ detail: "seq, needed", textEdit: { newText: "batch = " } });
    expect(batch?.documentation).toContain("one step of the optimizer");
  });

  test("offers them while one is begun above another", async () => {
    const found = await labels(`${head}train sft {\n  model = base\n  le‸\n  seed = 1\n}\n`);
    expect(found).toContain("length");
    expect(found).not.toContain("seed");
  });

  test.each([
    ["model", "base"],
    ["dataset", "orders"],
    ["loss", "next_token"],
    ["optimizer", "adamw"],
    ["learning_rate", "cosine"],
    ["eval", "every"],
  ])("offers first for %s what it can hold: %s", async (field, expected) => {
    expect((await labels(`${head}train sft {\n  ${field} = ‸\n}\n`))[0]).toBe(expected);
  });

  test("offers the models that steps above it make, and none that is made below", async () => {
    const text = `${head}train one {\n  model = base\n  dataset = orders\n}\nevaluate two {\n  models = [‸]\n}\nadapt later = base {\n}\n`;
    const found = await labels(text);
    expect(found.slice(0, 2)).toEqual(["base", "one.model"]);
    expect(found).not.toContain("later");
  });
});

describe("a path of layers", () => {
  test("goes on with what the checkpoint's tree has there", async () => {
    const items = await offered(`${head}adapt a = base {\n  Lora() on layers.*.self_attn.‸\n}\n`);
    expect(items.map(({ label }) => label).sort()).toEqual([
      "k_proj",
      "o_proj",
      "q_proj",
      "v_proj",
    ]);
    expect(items.find(({ label }) => label === "k_proj")?.detail).toBe("Linear[192, 96]");
  });

  test("offers all layers as one", async () => {
    const items = await offered(`${head}adapt a = base {\n  Lora() on layers.‸\n}\n`);
    expect(items[0]).toMatchObject({ label: "*", detail: "every one of 0 to 1" });
  });

  test("goes on inside of braces", async () => {
    const found = await labels(
      `${head}adapt a = base {\n  Lora() on layers.*.mlp.{up_proj, ‸}\n}\n`,
    );
    expect(found).toContain("down_proj");
  });

  test("begins with the model's own parts", async () => {
    expect(await labels(`${head}adapt a = base {\n  train ‸\n}\n`)).toContain("lm_head");
  });
});

describe("a number", () => {
  test("offers units, those of the field first", async () => {
    const [first] = await offered(`${head}train sft {\n  batch = 16‸\n}\n`);
    expect(first).toMatchObject({ label: "16seq", detail: "seq" });
    expect(first.textEdit).toMatchObject({ newText: "16seq" });
  });

  test("offers times of the run where a schedule asks for a span", async () => {
    const items = await offered(`${head}let rate = cosine(peak = 1e-3, warmup = 3‸)\n`);
    const first = items.filter(({ sortText }) => sortText?.startsWith("0"));
    expect(first.map(({ label }) => label)).toContain("3%");
    expect(first.map(({ label }) => label)).not.toContain("3GiB");
  });

  test("replaces a unit that is begun", async () => {
    const items = await offered(`${head}train sft {\n  batch = 16se‸\n}\n`);
    expect(items.map(({ label }) => label)).toContain("16seq");
  });
});

describe("after a dot", () => {
  test("stand a record's fields, with their types and what is said of them", async () => {
    const text = `${head}/// A part.\nblock Part(config: LlamaConfig) {\n  let n = config.‸\n}\n`;
    const width = (await offered(text)).find(({ label }) => label === "hidden_size");
    expect(width?.detail).toContain("int");
  });

  test("stand the parts of a block", async () => {
    const text = `${head}block A(c: LlamaConfig) {\n  let inner = Llama(c)\n  forward(x: int) -> int {\n    return inner.‸\n  }\n}\n`;
    expect(await labels(text)).toContain("embed_tokens");
  });

  test("stand the cases of an enum", async () => {
    expect(await labels(`${head}let x = Over.‸\n`)).toEqual(["cut", "drop", "error"]);
  });

  test("stands what a loaded model brings", async () => {
    expect(await labels(`${head}dataset t = orders |> f(base.‸)\n`)).toContain("tokenizer");
  });
});

describe("an import", () => {
  test("offers modules, those of the folder included", async () => {
    expect(await labels("import ‸\n")).toEqual(expect.arrayContaining(["shared", "std/nn"]));
  });

  test("offers what a module has", async () => {
    const [mood] = await offered("import shared.{‸}\n");
    expect(mood).toMatchObject({ label: "Mood", documentation: "Told apart." });
  });
});

describe("a name that is not imported yet", () => {
  async function imported(marked: string, name: string) {
    const item = (await offered(marked)).find(({ label }) => label === name);
    return item?.additionalTextEdits?.[0];
  }

  test("comes with an import of its own after the others", async () => {
    const edit = await imported(`${head}let rate = ‸\n`, "perplexity");
    expect(edit?.newText).toBe("\nimport std/metric.{perplexity}");
    expect(edit?.range.start.line).toBe(5);
  });

  test("goes into the braces of an import that lacks it", async () => {
    const edit = await imported(`${head}dataset t = orders |> ‸\n`, "split");
    expect(edit).toMatchObject({
      newText: ", split",
      range: { start: { line: 2, character: 34 } },
    });
  });

  test("comes above the first item of a file without imports", async () => {
    const edit = await imported("/// How fast.\nlet a = ‸\n", "cosine");
    expect(edit).toMatchObject({
      newText: "import std/schedule.{cosine}\n\n",
      range: { start: { line: 0, character: 0 } },
    });
  });
});

describe("a call", () => {
  test("offers the parameters that it was not given", async () => {
    const found = await labels(`${head}let o = adamw(beta1 = 0.9, ‸)\n`);
    expect(found.slice(0, 2)).toEqual(["beta2", "eps"]);
    expect(found).not.toContain("beta1");
  });

  test("offers them where it is not whole yet, below one that is", async () => {
    const text = `${head}adapt a = base {\n  Lora(rank = 4, alpha = 2.0) on norm\n  Lora(rank = 8, al‸\n`;
    expect((await labels(text)).slice(0, 2)).toEqual(["alpha", "drop"]);
  });

  test("offers the cases where a case is asked for", async () => {
    const text = `${head}dataset t = orders |> pack(length = 8tok, over = ‸)\n`;
    expect((await labels(text)).slice(0, 3)).toEqual(["cut", "drop", "error"]);
  });
});

describe("a string's braces", () => {
  test("offer the columns of a transform's row", async () => {
    const text = `${head}transform t() from row: { request: string, ..R } to { text = "{row.req‸}" }\n`;
    expect(await labels(text)).toEqual(["request"]);
  });

  test("offer what the variable of a loop has", async () => {
    const text = `import std/chat.{Chat}\ntemplate t for Chat {\n  for m in messages {\n    "{m.‸}"\n  }\n}\n`;
    expect(await labels(text)).toEqual(["content", "role"]);
  });
});

describe("what is chosen takes the place of", () => {
  async function chosen(marked: string, label: string): Promise<string> {
    const edit = (await offered(marked)).find((item) => item.label === label)?.textEdit;
    const uri = "file:///case.ftp";
    const text = TextDocument.create(uri, "ftp", 0, marked.replace("‸", ""));
    const edits = edit !== undefined && "range" in edit ? [edit] : [];
    return TextDocument.applyEdits(text, edits).split("\n").at(-3) ?? "";
  }

  test.each([
    [
      "a field that has its sign",
      "train s {\n  le‸ngth = 3epochs\n}\n",
      "length",
      "  length = 3epochs",
    ],
    ["a field that has none", "train s {\n  le‸\n}\n", "length", "  length = "],
    ["a unit", "train s {\n  batch = 1‸6tok\n}\n", "16seq", "  batch = 16seq"],
    ["a layer", "adapt a = base {\n  train layers.*.m‸lpp\n}\n", "mlp", "  train layers.*.mlp"],
    [
      "an argument",
      "adapt a = base {\n  Lora(ra‸nk = 4) on norm\n}\n",
      "rank",
      "  Lora(rank = 4) on norm",
    ],
    ["a name", "train s {\n  model = ba‸see\n}\n", "base", "  model = base"],
  ])("%s", async (_, marked, label, line) => {
    expect(await chosen(head + marked, label)).toBe(line);
  });
});

describe("a call in a field of a step", () => {
  test.each([
    ["best(‸)", ["eval.loss"]],
    ["best(eval.‸)", ["loss"]],
    ["best(eval.loss, ‸)", ["every", "to"]],
  ])("%s has what it can be given", async (call, expected) => {
    expect(await labels(`${head}train s {\n  save = ${call}\n}\n`)).toEqual(expected);
  });

  test("evaluates on datasets, at times of the run", async () => {
    const eval_ = (text: string) => `${head}train s {\n  eval = every(${text})\n}\n`;
    expect(await labels(eval_("5steps, on = ‸"))).toEqual(["orders"]);
    expect((await labels(eval_("5‸")))[0]).toBe("5%");
  });
});

test.each([
  ["`on` after an adapter", "adapt a = base {\n  Lora() ‸\n}\n", "on"],
  ["`from` after a block", "model m = Llama ‸\n", "from"],
  ["transforms after a pipe", "dataset d = orders |> ‸\n", "jsonl"],
  ["blocks for a model", "model m = ‸\n", "Llama"],
  ["records for a template", "template t for ‸\n", "LlamaConfig"],
  ["metrics that are not imported yet", "evaluate e {\n  metrics = [‸]\n}\n", "exact_match"],
  [
    "the cases of what is compared",
    "fn f(o: Over) -> int {\n  return if o == ‸ { 1 } else { 2 }\n}\n",
    "cut",
  ],
  ["folders of models", 'model m = Llama from "models/‸"\n', "tiny"],
])("%s first", async (_, text, expected) => {
  expect((await labels(head + text))[0]).toBe(expected);
});

test("a model of the hub that the cache has offers its layers", async () => {
  const commit = "0123456789".repeat(4);
  const model = join(folder, "cache/models--org--tiny");
  mkdirSync(join(model, "refs"), { recursive: true });
  writeFileSync(join(model, "refs/main"), commit);
  cpSync(join(folder, "models/tiny"), join(model, "snapshots", commit), { recursive: true });
  const text = `${head}model cached = Llama from "hf:org/tiny"\nadapt a = cached {\n  train layers.*.‸\n}\n`;
  expect(await labels(text)).toContain("self_attn");
});

test("a template's braces offer the columns of its rows", async () => {
  const found = await labels(`${head}template form for Order {\n  "Order: {‸}"\n}\n`);
  expect(found.slice(0, 2)).toEqual(["count", "request"]);
});

test("a schedule's body offers its parameters and the step", async () => {
  const text = `${head}schedule s(peak: float) {\n  return ‸\n}\n`;
  expect(await labels(text)).toEqual(expect.arrayContaining(["peak", "step", "length", "cos"]));
});

test("a colon offers types", async () => {
  const found = await labels(`${head}record R {\n  one: ‸\n}\n`);
  expect(found[0]).toBe("LlamaConfig");
  expect(found).toEqual(expect.arrayContaining(["Order", "Over", "string", "tokens"]));
});

test("the start of a line offers items", async () => {
  expect(await labels(`${head}‸\n`)).toContain("dataset");
});

test.each([
  ["a comment", "// a note of ‸\n"],
  ["a string", 'let a = "text ‸"\n'],
])("%s offers nothing", async (_, text) => {
  expect(await labels(head + text)).toEqual([]);
});
