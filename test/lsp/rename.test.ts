/** Rename, and references by the same rule: parts of blocks, fields, columns, across modules; and what is refused. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Location, WorkspaceEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";
import { putBase } from "../support/shipped.ts";

const folder = sharedFolder();
let editor: Editor;

const blocks = `import std/nn.{Linear, Embedding}

record Shape {
  width: dim
  words: dim
  depth: dim = 2

  require width % 2 == 0, "{width} is odd"
}

block Pair[D]() {
  let first = Linear[D, D]()
  let second = Linear[D, D]()

  forward[B, T](x: float[B, T, D]) -> float[B, T, D] {
    return second(first(x))
  }
}

block Tower(config: Shape) {
  let table = Embedding[config.words, config.width]()
  let floors = stack(config.depth, Pair[config.width]())
  let out = Linear[config.width, config.words]()

  tie out.weight = table.weight

  forward[B, T](tokens: int[B, T]) -> float[B, T, config.words] {
    return out(floors(table(tokens)))
  }
}

block Saved(config: Shape) {
  let kept = Linear[config.width, config.width]()
  let told = Linear[config.width, config.width]()

  forward[B, T](x: float[B, T, config.width]) -> float[B, T, config.width] {
    return kept(told(x))
  }

  checkpoint "hf" {
    config {
      words = "n_words"
      depth = "n_layers"
    }
    weights {
      told = "h.told"
    }
  }
}

adapter Scaled(rate: float = 1.0) {
  rewrite Pair[D] as inner {
    param gain: float[D] init ones()

    forward[B, T](x: float[B, T, D]) -> float[B, T, D] {
      return inner(x) * gain * rate
    }
  }
}
`;

const pipeline = `import blocks.{Tower, Shape, Scaled}
import std/lora.{Lora}
import std/data.{jsonl, render, tokenize, pad}

record Order {
  request: string
  price:   int
}

transform framed(word: string) from row: { request: string, ..R } to { line = "{word}: {row.request}", ..R }
transform doubled() from row: { line: string, ..R } to { shout = "{row.line}!", ..R }

record Shown {
  shout: string
}

template form for Shown {
  learn { "{shout}" }
}

dataset orders: Order = jsonl("orders.jsonl")
dataset shown = orders |> framed("Order") |> doubled() |> render(form)

model tower = Tower(Shape(width = 8, words = 64))

adapt tuned = tower {
  Lora(rank = 4) on floors.*.{first, second}
  train out
}
adapt scaled = tower {
  Scaled() on floors.0
}
`;

const loaded = `import std/nn.{Linear}

record Sizes {
  vocab_size: dim
  other: dim = 1
}

block Small(config: Sizes) {
  let lm_head = Linear[config.vocab_size, config.other]()

  forward[B](x: float[B, config.vocab_size]) -> float[B, config.other] {
    return lm_head(x)
  }
}

block Wide(config: Sizes) {
  let up = Linear[config.vocab_size, config.other]()

  forward[B](x: float[B, config.vocab_size]) -> float[B, config.other] {
    return up(x)
  }

  checkpoint "hf" {
    weights {
      up = "h.up"
    }
  }
}

model small = Small from "hf:nobody/nothing"
model wide = Wide from "hf:nobody/nothing"

adapt tuned = wide {
  train up
}
`;

beforeAll(async () => {
  putBase(folder);
  for (const [name, text] of Object.entries({ blocks, pipeline, loaded }))
    writeFileSync(join(folder, `${name}.ftp`), text);
  editor = await Editor.start(folder, { HF_HUB_CACHE: join(folder, "empty") });
  for (const name of ["blocks.ftp", "pipeline.ftp", "loaded.ftp"]) await editor.open(name);
});
afterAll(async () => {
  expect(editor.log).toEqual([]);
  await editor.stop();
});

test("the programs of these tests are sound", async () => {
  expect(await editor.diagnostics("blocks.ftp")).toEqual([]);
  const faults = (await editor.diagnostics("pipeline.ftp")).filter(
    ({ severity }) => severity === 1,
  );
  expect(faults).toEqual([]);
});

const rename = (name: string, letters: string, newName: string) =>
  editor.at<WorkspaceEdit>("rename", name, letters, { newName });

/** What the lines that change become, by file. */
async function changed(name: string, letters: string, to: string): Promise<readonly string[]> {
  const { changes = {} } = await rename(name, letters, to);
  return Object.entries(changes).flatMap(([uri, edits]) => {
    const file = uri.split("/").at(-1) ?? "";
    const before = editor.textOf(file);
    const after = TextDocument.applyEdits(TextDocument.create(uri, "ftp", 0, before), edits);
    const old = before.split("\n");
    return after.split("\n").filter((line, at) => line !== old[at]);
  });
}

describe("a part changes", () => {
  test("in its block, and in the paths of pipelines", async () => {
    expect(await changed("blocks.ftp", "let firs", "one")).toEqual([
      "  let one = Linear[D, D]()",
      "    return second(one(x))",
      "  Lora(rank = 4) on floors.*.{one, second}",
    ]);
  });

  test("in ties, and where a path of a pipeline begins with it", async () => {
    expect(await changed("pipeline.ftp", "train ou", "head")).toEqual([
      "  let head = Linear[config.width, config.words]()",
      "  tie head.weight = table.weight",
      "    return head(floors(table(tokens)))",
      "  train head",
    ]);
  });

  test("in the paths of a checkpoint, which go on naming the file's tensors", async () => {
    expect(await changed("blocks.ftp", "let tol", "said")).toEqual([
      "  let said = Linear[config.width, config.width]()",
      "    return kept(said(x))",
      '      said = "h.told"',
    ]);
  });

  test("in a rewrite", async () => {
    expect(await changed("blocks.ftp", "param gai", "factor")).toEqual([
      "    param factor: float[D] init ones()",
      "      return inner(x) * factor * rate",
    ]);
  });
});

describe("a field changes", () => {
  test("where its record is made and read, and in what the record requires", async () => {
    expect(await changed("blocks.ftp", "  dept", "height")).toEqual([
      "  height: dim = 2",
      "  let floors = stack(config.height, Pair[config.width]())",
      '      height = "n_layers"',
    ]);
  });

  test("where a checkpoint says what files call it, and where a pipeline sets it", async () => {
    const lines = await changed("blocks.ftp", "  word", "letters");
    expect(lines).toContain('      letters = "n_words"');
    expect(lines).toContain("model tower = Tower(Shape(width = 8, letters = 64))");
  });
});

describe("a column changes", () => {
  test("from the transform that makes it to the one that reads it", async () => {
    expect(await changed("pipeline.ftp", "to { lin", "text_line")).toEqual([
      'transform framed(word: string) from row: { request: string, ..R } to { text_line = "{word}: {row.request}", ..R }',
      'transform doubled() from row: { text_line: string, ..R } to { shout = "{row.text_line}!", ..R }',
    ]);
  });

  test("from a transform to the record of a template, and in its braces", async () => {
    expect(await changed("pipeline.ftp", "to { shou", "loud")).toEqual([
      'transform doubled() from row: { line: string, ..R } to { loud = "{row.line}!", ..R }',
      "  loud: string",
      '  learn { "{loud}" }',
    ]);
  });
});

test("references are the places that rename would change", async () => {
  const context = { includeDeclaration: true };
  for (const [name, letters] of [
    ["pipeline.ftp", "to { shou"],
    ["blocks.ftp", "let firs"],
    ["blocks.ftp", "  word"],
  ]) {
    const found = await editor.at<Location[]>("references", name, letters, { context });
    const { changes = {} } = await rename(name, letters, "another");
    const places = Object.entries(changes).flatMap(([uri, edits]) =>
      edits.map(({ range }) => ({ uri, range })),
    );
    expect(found).toEqual(places);
  }
});

test("a part is found from a path of a pipeline", async () => {
  const { uri, range } = await editor.at<Location>("definition", "pipeline.ftp", "{first, secon");
  expect(uri).toBe(editor.uri("blocks.ftp"));
  expect(blocks.split("\n")[range.start.line]).toContain("let second");
});

test.each([
  [
    "a column of a data file",
    "pipeline.ftp",
    "  reques",
    "wish",
    'the rows that `jsonl("orders.jsonl")` reads call it so',
  ],
  [
    "what a transform reads of a data file",
    "pipeline.ftp",
    "row.reques",
    "wish",
    "reads call it so",
  ],
  ["a part that a checkpoint's file names", "loaded.ftp", "let lm_hea", "head", "`lm_head.weight`"],
  ["a field that config.json has", "loaded.ftp", "  vocab_siz", "words", "config.json of a Wide"],
  [
    "a field that a checkpoint does not map",
    "blocks.ftp",
    "  widt",
    "size",
    "`checkpoint` of Saved",
  ],
  ["a part that a checkpoint does not map", "blocks.ftp", "let kep", "held", "`kept.weight`"],
  [
    "a part to another's name",
    "blocks.ftp",
    "let firs",
    "second",
    "`second` means something in `Pair` already",
  ],
  [
    "a field to another's name",
    "blocks.ftp",
    "  dept",
    "width",
    "`width` means something in `Shape` already",
  ],
  ["a column to what stands beside it", "pipeline.ftp", "to { lin", "price", "`price` already"],
  ["a name to a word of the language", "pipeline.ftp", "model towe", "true", "`true` is no name"],
  ["the standard library's column", "pipeline.ftp", "import std/dat", "x", "rename the file"],
])("%s is refused", async (_, name, letters, to, why) => {
  await expect(rename(name, letters, to)).rejects.toThrow(why);
});

test("a column is refused while a dataset has a fault", async () => {
  await editor.type("pipeline.ftp", '|> framed("Order")', '|> framd("Order")');
  await expect(rename("pipeline.ftp", "to { shou", "loud")).rejects.toThrow("`shown` has a fault");
  await editor.type("pipeline.ftp", '|> framd("Order")', '|> framed("Order")');
});
