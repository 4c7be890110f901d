/** Hover, definition, references and rename, across modules. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hover, Location, Range, WorkspaceEdit } from "vscode-languageserver";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";
import { putBase } from "../support/shipped.ts";

const folder = sharedFolder();
let editor: Editor;

const layers = `import std/nn.{Linear}

/// Two layers, one after the other.
block Pair[I, O]() {
  let first = Linear[I, O]()
  let second = Linear[O, O]()

  forward[B](x: float[B, I]) -> float[B, O] {
    let h = first(x)
    return second(h)
  }
}

/// How sure someone is.
enum Sure { maybe, certainly }

/// Twice as much.
fn double(x: int) -> int {
  return x + x
}
`;

const user = `import layers.{Pair, Sure, double}
import std/llama.{Llama}
import std/lora.{Lora}
import std/data.{jsonl, tokenize, pack}
import std/optim.{adamw}
import std/schedule.{cosine}
import std/loss.{next_token}

/// One line of the file.
record Line {
  text: string
}

let wide = double(x = 4)
model base = Llama from "models/tiny"
dataset lines: Line = jsonl("lines.jsonl")
dataset training = lines |> tokenize(base.tokenizer) |> pack(length = 32tok)

adapt small = base {
  Lora(rank = 4) on layers.*.self_attn.{q_proj, v_proj}
}

train tune {
  model         = small
  dataset       = training
  loss          = next_token
  optimizer     = adamw
  learning_rate = cosine(peak = 1e-3, warmup = 10%, floor = 5%)
  batch         = 4seq
  length        = 200steps
}
`;

beforeAll(async () => {
  putBase(folder);
  writeFileSync(join(folder, "layers.ftp"), layers);
  writeFileSync(join(folder, "user.ftp"), user);
  editor = await Editor.start(folder);
  await editor.open("layers.ftp");
  await editor.open("user.ftp");
});
afterAll(async () => {
  await editor.stop();
});

test("the programs of these tests are sound", async () => {
  expect(await editor.diagnostics("layers.ftp")).toEqual([]);
  expect(await editor.diagnostics("user.ftp")).toEqual([]);
});

describe("hover shows", () => {
  async function hover(name: string, letters: string): Promise<string> {
    const found = await editor.at<Hover | null>("hover", name, letters);
    const { contents } = found ?? { contents: "" };
    return typeof contents === "object" && "value" in contents ? contents.value : "";
  }

  test.each([
    ["a block's head and what is said of it", "layers.ftp", "block Pai", "block Pair[I, O]()\n"],
    ["and its doc", "layers.ftp", "block Pai", "Two layers, one after the other."],
    ["a tensor's shape by its own sizes", "layers.ftp", "return second(h", "float[B, O]"],
    ["the type that a let has", "layers.ftp", "let h", "float[B, O]"],
    ["a parameter where it is read", "layers.ftp", "first(x", "x: float[B, I]"],
    ["a part with its sizes", "layers.ftp", "return secon", "Linear[O, O]"],
    ["the value of a number", "user.ftp", "let wid", "let wide = double(x = 4)"],
    ["the parameter of an argument", "user.ftp", "Lora(ran", "rank: dim = 16"],
    ["where something is from", "user.ftp", "optimizer     = adam", "From std/optim."],
    ["a model's size", "user.ftp", "model         = smal", "of them are trained or new"],
    ["a dataset's columns", "user.ftp", "dataset       = trainin", "Columns: `tokens: "],
    [
      "blocks that a path names",
      "user.ftp",
      "self_attn.{q_pro",
      "2 blocks, from layers.0.self_attn.q_proj on: `Linear[192, 192]`",
    ],
    ["what a training makes", "user.ftp", "train tun", "of them are trained or new"],
    ["a span in steps", "user.ftp", "warmup = 10", "20 of the run's 200 steps."],
    ["what a type of the language is", "layers.ftp", "(x: in", "A whole number"],
    ["what a field is for", "user.ftp", "  batc", "Windows of one step of the optimizer: `32seq`."],
    ["what the language has", "user.ftp", "import std/dat", "Datasets: readers"],
  ])("%s", async (_, name, letters, expected) => {
    expect(await hover(name, letters)).toContain(expected);
  });

  test("nothing where there is nothing", async () => {
    expect(await hover("user.ftp", "\n\n")).toBe("");
  });
});

describe("definition leads", () => {
  async function definition(name: string, letters: string): Promise<readonly [string, string]> {
    const found = await editor.at<Location | null>("definition", name, letters);
    if (found === null) return ["", ""];
    const file = found.uri.split("/").slice(-2).join("/");
    return [file, `${found.range.start.line + 1}:${found.range.start.character + 1}`];
  }
  const own = folder.split("/").at(-1);

  test.each([
    ["from an import to the item", "user.ftp", "import layers.{Pai", `${own}/layers.ftp`, "4:7"],
    ["from an import to the module", "user.ftp", "import laye", `${own}/layers.ftp`, "1:1"],
    ["from a name to its let", "layers.ftp", "return second(h", `${own}/layers.ftp`, "9:9"],
    ["from a size to the block's head", "layers.ftp", "Linear[I", `${own}/layers.ftp`, "4:12"],
    ["from an argument to the parameter", "user.ftp", "double(x", `${own}/layers.ftp`, "18:11"],
    ["from a type to its record", "user.ftp", "lines: Lin", `${own}/user.ftp`, "10:8"],
  ])("%s", async (_, name, letters, file, place) => {
    expect(await definition(name, letters)).toEqual([file, place]);
  });

  test("from a path of layers to the part in the standard library", async () => {
    const [file] = await definition("user.ftp", "self_attn.{q_proj");
    expect(file).toBe("stdlib/llama.ftp");
  });
});

test("a share of something else than the run is not said in steps", async () => {
  const { contents } = (await editor.at<Hover | null>("hover", "user.ftp", "floor = 5")) ?? {};
  expect(JSON.stringify(contents)).toContain("5%");
  expect(JSON.stringify(contents)).not.toContain("steps");
});

test("a share of epochs is said in epochs, and who knows the steps", async () => {
  await editor.open("epochs.ftp", user.replace("200steps", "3epochs"));
  const { contents } = (await editor.at<Hover | null>("hover", "epochs.ftp", "warmup = 10")) ?? {};
  await editor.close("epochs.ftp");
  expect(JSON.stringify(contents)).toContain("0.3 of the run's 3 epochs; `ftc plan`");
});

describe("references are", () => {
  async function references(name: string, letters: string): Promise<readonly string[]> {
    const context = { includeDeclaration: true };
    const found = await editor.at<Location[]>("references", name, letters, { context });
    return found.map(({ uri, range: { start } }) => `${uri.split("/").at(-1)}:${start.line + 1}`);
  }

  test("found in every program of the folder", async () => {
    expect([...(await references("layers.ftp", "fn doubl"))].sort()).toEqual([
      "layers.ftp:18",
      "user.ftp:1",
      "user.ftp:14",
    ]);
  });

  test("those of a local name alone, where another has the same letters", async () => {
    expect(await references("layers.ftp", "double(x")).toEqual([
      "layers.ftp:18",
      "layers.ftp:19",
      "layers.ftp:19",
      "user.ftp:14",
    ]);
  });

  test("marked in the file itself", async () => {
    const found = await editor.at<{ range: Range }[]>(
      "documentHighlight",
      "user.ftp",
      "model base",
    );
    expect(found).toHaveLength(3);
  });
});

describe("rename", () => {
  const rename = (name: string, letters: string, newName: string) =>
    editor.at<WorkspaceEdit>("rename", name, letters, { newName });

  test("changes an item in all modules", async () => {
    const { changes = {} } = await rename("user.ftp", "wide = doubl", "twice");
    const counts = Object.entries(changes).map(([uri, edits]) => [
      uri.split("/").at(-1),
      edits.length,
    ]);
    expect(Object.fromEntries(counts)).toEqual({ "layers.ftp": 1, "user.ftp": 2 });
    expect(Object.values(changes).flat()[0].newText).toBe("twice");
  });

  test("changes a parameter and the arguments that name it", async () => {
    const { changes = {} } = await rename("layers.ftp", "double(x", "amount");
    expect(Object.values(changes).flat()).toHaveLength(4);
  });

  test("says which letters it would change", async () => {
    const range = await editor.at<Range>("prepareRename", "user.ftp", "model bas");
    expect(range).toEqual({ start: { line: 14, character: 6 }, end: { line: 14, character: 10 } });
  });

  test.each([
    ["the standard library's", "user.ftp", "Lor", "Lora2", "`Lora` is std/lora's"],
    [
      "a name that is taken",
      "user.ftp",
      "let wid",
      "base",
      "`base` means something in user.ftp already",
    ],
    [
      "an item to what another module calls something else",
      "layers.ftp",
      "fn doubl",
      "wide",
      "`wide` means something in user.ftp already",
    ],
    ["what is no name", "user.ftp", "let wid", "2wide", "`2wide` is no name"],
    ["a column", "user.ftp", "  tex", "words", "the rows that"],
    ["a module", "user.ftp", "import laye", "parts", "rename the file"],
    [
      "a parameter to a name of its function's",
      "layers.ftp",
      "Pair[I",
      "O",
      "`O` means something in `Pair` already",
    ],
    ["nothing", "user.ftp", "= 200", "x", "no name here"],
  ])("refuses %s", async (_, name, letters, to, why) => {
    await expect(rename(name, letters, to)).rejects.toThrow(why);
  });
});
