/** `ftc preview`: a dataset at each of its stages, as text and as JSON, and what is said of a wrong name. */

import { expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";

const program = `// Questions with short answers.

import std/data.{jsonl, text, split, render, tokenize, pack, pad}

enum Mood { calm, angry }

record Problem {
  question: string
  answer:   string
  mood:     Mood
}

template asking for Problem {
  "Q: {question}\\nA:"
  learn { " {answer}<|end|>" }
}

dataset words = text("words.txt")

let tokenizer = bpe(words, vocabulary = 258, special = ["<|end|>", "<|pad|>"], end = "<|end|>", padding = "<|pad|>")

dataset raw: Problem = jsonl("rows.jsonl")
dataset parts = raw |> split(held_out = 50%, seed = 1)
dataset written = raw |> render(asking)
dataset tokens = written |> tokenize(tokenizer)
dataset padded = tokens |> pad(length = 24tok, over = cut)
dataset strict = tokens |> pad(length = 16tok)
dataset packed = words |> tokenize(tokenizer, end = true) |> pack(length = 16tok)
`;

const rows = [
  { question: "1 + 1?", answer: "2", mood: "calm" },
  { question: "a long one?", answer: "quite so", mood: "angry" },
]
  .map((row) => JSON.stringify(row))
  .join("\n");

async function previewed(words: readonly string[], columns = 80, source = program) {
  const folder = folderWith({
    "case.ftp": source,
    "rows.jsonl": `${rows}\n`,
    "words.txt": "first\n\nsecond\n\ncafé\n",
  });
  const io = recordingIo(folder);
  const wide = { ...io, stdout: { ...io.stdout, columns } };
  const code = await runCommandLine(["preview", "case.ftp", ...words], wide);
  return { code, ...io.written };
}

test("raw rows show their columns", async () => {
  const { code, stdout } = await previewed(["raw", "-n", "1"]);
  expect(stdout).toBe(
    [
      "row 1 · rows.jsonl:1",
      '  question: "1 + 1?"',
      '  answer: "2"',
      '  mood: "calm"',
      "",
      "in all 2 rows",
      "",
    ].join("\n"),
  );
  expect(code).toBe(0);
});

test("a part of a split has the name that pipelines give it", async () => {
  const { stdout } = await previewed(["parts.held_out"]);
  expect(stdout).toContain("in all 1 row\n");
});

test("a rendered row shows its text, what is learned underlined, and the columns that are left", async () => {
  const { stdout } = await previewed(["written", "-n", "1"]);
  expect(stdout).toBe(
    [
      "row 1 · rows.jsonl:1",
      '  mood: "calm"',
      "  Q: 1 + 1?↵",
      "  A: 2<|end|>",
      "    ^^^^^^^^^",
      "",
      "in all 2 rows",
      "",
    ].join("\n"),
  );
});

test("a row of tokens says how many there are and how many are learned", async () => {
  const { stdout } = await previewed(["tokens", "-n", "1"]);
  expect(stdout).toContain("row 1 · rows.jsonl:1 · 15 tokens, 3 learned\n");
  expect(stdout).toContain("in all 2 rows, 42 tokens, 13 learned, marked ^\n");
});

test("a padded window says what fills it up and its case by number", async () => {
  const { stdout } = await previewed(["padded", "-n", "1"]);
  expect(stdout).toContain("window 1 · 24 tokens, 1 document, 9 of padding\n  mood 0\n");
});

test("a row that was cut says how much and what was lost", async () => {
  const { code, stdout, stderr } = await previewed(["padded"]);
  expect(stdout).toContain("24 tokens, 7 learned, 3 cut off");
  expect(stdout).toContain('cut off: "so<|end|>"');
  expect(stderr).toContain("warning[FT411]");
  expect(code).toBe(0);
});

test("a packed window has a line for each document", async () => {
  const { stdout } = await previewed(["packed"]);
  expect(stdout).toContain("window 1 · 16 tokens, 2 documents, 3 of padding\n");
  expect(stdout).toContain("─ words.txt:1 · 6 tokens, 5 learned\n  first<|end|>\n");
  expect(stdout).toContain("─ words.txt:3 · 7 tokens, 6 learned\n  second<|end|>\n");
});

test("rows that may not be cut end the preview with what to do", async () => {
  const { code, stdout, stderr } = await previewed(["strict"]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("over = cut");
});

test("no line is wider than the page", async () => {
  const { stdout } = await previewed(["written"], 24);
  const text = stdout.split("\n").filter((line) => line.startsWith("  "));
  expect(text.filter((line) => line.length > 24)).toEqual([]);
});

test("JSON is one object a window, with every token", async () => {
  const { stdout } = await previewed(["padded", "--json"]);
  const windows = stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(windows).toHaveLength(2);
  expect(windows[0]).toMatchObject({
    kind: "window",
    padding: 9,
    values: { mood: 0 },
    documents: [{ origin: { file: "rows.jsonl", line: 1 }, learned: 3 }],
  });
  expect(stdout).toContain('{"text":"<|end|>","learned":true,"id":256,"special":true}');
});

test("the bytes of one character are shown once, with the last of its tokens", async () => {
  const { stdout } = await previewed(["packed"]);
  expect(stdout).toContain("─ words.txt:5 · 6 tokens, 5 learned\n  café<|end|>\n");
});

test("a fault elsewhere in the pipeline is shown and does not hide the rows", async () => {
  const { code, stdout, stderr } = await previewed(
    ["raw"],
    80,
    `${program}\ntrain sft {\n  dataset = padded\n}\n`,
  );
  expect(code).toBe(1);
  expect(stdout).toContain("in all 2 rows");
  expect(stderr).toContain("a train step needs `model`");
});

test.each([
  ["a misspelt dataset", ["tokns"], "did you mean tokens?"],
  ["no dataset", [], "raw, parts.train, parts.held_out, written"],
  ["all of a split", ["parts"], "parts.train"],
])("%s is a fault of the command line", async (_, words, text) => {
  const { code, stdout, stderr } = await previewed(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(text);
});
