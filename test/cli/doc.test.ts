/** `ftc doc`: modules and names of the standard library, of the language, and of one's own folder. */

import { expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { libraryDocs } from "../../compiler/commands/doc.ts";
import { builtins, constantNames } from "../../compiler/types/builtins.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { libraryNames } from "../support/library.ts";

async function documented(...words: readonly string[]) {
  const io = recordingIo(folderWith({ "mine.ftp": mine, "broken.ftp": broken }));
  const code = await runCommandLine(["doc", ...words], io);
  return { code, ...io.written };
}

const mine = `// Layers of our own.

import std/nn.{Linear}

/// Two layers, one after the other.
block Twice[D](
  /// Whether each adds a vector.
  bias: bool = false
) {
  let first = Linear[D, D](bias)
  param scale: float[D] init ones()

  forward[..S](x: float[..S, D]) -> float[..S, D] {
    return first(first(x)) * scale
  }
}

/// The first words of a text.
transform shorten() from row: { text: string, ..R } to { text = row.text, ..R }
`;

const broken = `/// Halves.
fn half[..S](x: float[..S]) -> float[..S] { return x / unknown }
`;

test("without a name it lists the modules and what they have", async () => {
  const { code, stdout } = await documented();
  expect(stdout).toContain("std/lora      Low-rank adapters.\n              Lora\n");
  for (const name of libraryNames) expect(stdout).toContain(`std/${name}`);
  expect(code).toBe(0);
});

test("a module shows its items with signatures as they were written", async () => {
  const { stdout } = await documented("std/lora");
  expect(stdout).toBe(
    [
      "std/lora",
      "  Low-rank adapters.",
      "",
      "adapter Lora(rank: dim = 16, alpha: float = 32.0, drop: ratio = 0%)",
      "  rewrite Linear[I, O]",
      "  param lora_A: float[rank, I] init kaiming_uniform()",
      "  param lora_B: float[O, rank] init zeros()",
      "  forward[..S](x: float[..S, I]) -> float[..S, O]",
      "  Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685): y = xWᵀ + (alpha / rank) · xAᵀBᵀ.",
      "",
    ].join("\n"),
  );
});

test("a name is found in whichever module has it, with its import", async () => {
  const { stdout } = await documented("cosine");
  expect(stdout).toContain("schedule cosine(peak: float,");
  expect(stdout).toContain("import std/schedule.{cosine}");
});

test("a function of the language needs no import", async () => {
  const { stdout } = await documented("attention");
  expect(stdout).toContain("attention(q, k, v, causal, segment, scale?)");
  expect(stdout).toContain("nothing to import");
});

test("a file of one's own is a module", async () => {
  const { stdout } = await documented("mine.ftp");
  expect(stdout).toContain("mine.ftp\n  Layers of our own.\n");
  expect(stdout).toContain("block Twice[D](bias: bool = false)");
  expect(stdout).toContain("  /// Whether each adds a vector.\n  bias: bool = false\n");
  expect(stdout).toContain(
    "transform shorten() from row: { text: string, ..R } to { text = row.text, ..R }",
  );
});

test("a name in a module of one's own is asked for with the module", async () => {
  const { stdout } = await documented("mine.Twice");
  expect(stdout).toContain("import mine.{Twice}");
});

test("a module whose bodies are wrong has its documentation", async () => {
  const { code, stdout } = await documented("broken.ftp");
  expect(stdout).toContain("fn half[..S](x: float[..S]) -> float[..S]\n  Halves.\n");
  expect(code).toBe(0);
});

test("a comment right before an item is the item's and not the module's", async () => {
  const { stdout } = await documented("broken.ftp");
  expect(stdout).toMatch(/^broken.ftp\n\n/);
});

test("Markdown has a heading for each item", async () => {
  const { stdout } = await documented("std/loss", "--markdown");
  expect(stdout).toMatch(/^# std\/loss\n/);
  expect(stdout).toContain("\n## `next_token`\n\n```\nfn next_token[B, T, V](");
});

test("JSON is the module as data", async () => {
  const { stdout } = await documented("schedule", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    path: "std/schedule",
    entries: expect.arrayContaining([expect.objectContaining({ kind: "schedule", name: "wsd" })]),
  });
});

test("a misspelt name is a fault of the command line that offers the right one", async () => {
  const { code, stdout, stderr } = await documented("Lorra");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("did you mean Lora?");
});

test("every function and constant that the language has is documented", () => {
  const names = libraryDocs()[0].entries.map((entry) => entry.name);
  expect(names).toEqual(expect.arrayContaining([...Object.keys(builtins), ...constantNames]));
  expect(libraryDocs()[0].entries.filter((entry) => entry.doc === "")).toEqual([]);
});
