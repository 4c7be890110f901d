/** The readers and transforms of the standard library as a pipeline calls them: what rows come out. */

import { expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";

const files = {
  "rows.csv": 'question,answer\n"one, two",3\nfour,5\n',
  "bare.csv": "four,5\n",
  "rows.tsv": 'question\tanswer\nsay "so"\t3\n',
  "rows.jsonl": '{"question": "four", "answer": 5}\n{"question": "six", "answer": 7}\n',
  "words.txt": "one\ntwo\n\nthree\n",
};

/** The rows that a dataset of this expression has. */
async function rowsOf(expression: string): Promise<unknown> {
  const io = recordingIo(
    folderWith({
      ...files,
      "case.ftp": `import std/data.{jsonl, csv, tsv, text, dedup, mix, shuffle, take}

record Sum {
  question: string
  answer:   int
}

dataset more: Sum = jsonl("rows.jsonl")
dataset words = text("words.txt")
dataset rows${expression}
`,
    }),
  );
  const words = ["preview", "case.ftp", "rows", "-n", "9", "--json"];
  expect(await runCommandLine(words, io), io.written.stderr).toBe(0);
  return io.written.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).values);
}

test("csv reads columns that the first line names, with the types of the record", async () => {
  expect(await rowsOf(': Sum = csv("rows.csv")')).toEqual([
    { question: "one, two", answer: 3 },
    { question: "four", answer: 5 },
  ]);
});

test("csv reads columns that the program names", async () => {
  expect(await rowsOf(': Sum = csv("bare.csv", columns = ["question", "answer"])')).toEqual([
    { question: "four", answer: 5 },
  ]);
});

test("tsv takes a quote for a letter", async () => {
  expect(await rowsOf(': Sum = tsv("rows.tsv")')).toEqual([{ question: 'say "so"', answer: 3 }]);
});

test.each([
  ["", ["one\ntwo", "three"]],
  [", by = paragraph", ["one\ntwo", "three"]],
  [", by = line", ["one", "two", "three"]],
  [", by = file", ["one\ntwo\n\nthree"]],
])("text%s gives the pieces of a file", async (by, texts) => {
  expect(await rowsOf(` = text("words.txt"${by})`)).toEqual(texts.map((text) => ({ text })));
});

test("mix has the rows of all, and dedup keeps one of those that say the same", async () => {
  const rows = await rowsOf(': Sum = csv("rows.csv") |> mix(others = [more], seed = 3) |> dedup()');
  expect(rows).toHaveLength(3);
  expect(rows).toEqual(
    expect.arrayContaining([
      { question: "one, two", answer: 3 },
      { question: "four", answer: 5 },
      { question: "six", answer: 7 },
    ]),
  );
});
