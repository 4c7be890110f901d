/** Readers: what a file holds becomes rows, and what is wrong with it is said with its line. */

import { expect, test } from "vitest";
import type { DataStage } from "../../runtime/data/plan.ts";
import type { FlowResult } from "../../runtime/data/run.ts";
import { lines, problem, sessionWith, stage } from "./plans.ts";

const read = stage("jsonl", { path: "rows.jsonl" });
const readProblems = stage("jsonl", { path: "rows.jsonl", row: problem });

function reading(
  content: string | Uint8Array,
  ...stages: readonly DataStage[]
): Promise<FlowResult> {
  return sessionWith({ "rows.jsonl": content, "text.txt": content }).flow(stages);
}

function valuesOf(result: FlowResult): readonly unknown[] {
  return result.flow?.kind === "rows" ? result.flow.rows.map((row) => row.values) : [];
}

test("each line of a file is a row with its line number", async () => {
  const { flow } = await reading('{"a":1}\n{"a":2}\n', read);
  expect(flow?.kind === "rows" && flow.rows.map((row) => [row.values, row.origin])).toEqual([
    [{ a: 1 }, { file: "rows.jsonl", line: 1 }],
    [{ a: 2 }, { file: "rows.jsonl", line: 2 }],
  ]);
});

test("a byte order mark, CRLF, blank lines and a last line without an end are no fault", async () => {
  const result = await reading('\ufeff{"a":1}\r\n\r\n  \n{"a":2}', read);
  expect(result.faults).toEqual([]);
  expect(valuesOf(result)).toEqual([{ a: 1 }, { a: 2 }]);
});

test("a line longer than what is read at once is one line", async () => {
  const long = "x".repeat(3 << 20);
  const result = await reading(lines({ long }, { a: 2 }), read);
  expect(valuesOf(result)).toEqual([{ long }, { a: 2 }]);
});

test("a line that is not JSON is named, and the lines after it are read", async () => {
  const { flow, faults } = await reading('{"a":1}\n{"a":\n{"b"\n', read);
  expect(flow).toBeUndefined();
  expect(faults).toMatchObject([
    { slug: "broken-file", severity: "error", file: "rows.jsonl", line: 2, count: 2 },
  ]);
  expect(faults[0].message).toMatch(/^this line is not JSON: /);
});

test("a file that is one JSON list says what it must be", async () => {
  const { faults } = await reading('[\n{"a":1}\n]\n', read);
  expect(faults[0].message).toContain("the file is one JSON list, and must be one object a line");
});

test("a line of JSON that is no object does not fit", async () => {
  const { faults } = await reading("[1]\nnull\n3\n", read);
  expect(faults.map((fault) => fault.message)).toEqual([
    "a line must be a JSON object, and this one is a list",
    "a line must be a JSON object, and this one is null",
    "a line must be a JSON object, and this one is a number",
  ]);
});

test("bytes that are not UTF-8 are named with their line", async () => {
  const { faults } = await reading(Buffer.from('{"a":1}\n{"a":"\xff"}\n', "latin1"), read);
  expect(faults).toMatchObject([{ slug: "not-utf8", line: 2 }]);
});

test("a UTF-16 file is told from other bytes", async () => {
  const { faults } = await reading(Buffer.from('\ufeff{"a":1}\n', "utf16le"), read);
  expect(faults).toMatchObject([
    { slug: "not-utf8", line: 1, message: "this file is UTF-16; save it as UTF-8" },
  ]);
});

test("a file that is not there is a fault of the program", async () => {
  const { faults } = await sessionWith({}).flow([read]);
  expect(faults).toMatchObject([{ slug: "no-such-file", message: "there is no file rows.jsonl" }]);
});

test("a reader remembers the hash of its file for the lock", async () => {
  const { files } = await reading("{}\n", read);
  expect(files).toEqual([
    {
      path: "rows.jsonl",
      sha256: "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
      bytes: 3,
      rows: 1,
    },
  ]);
});

test("columns that the record does not name are left out", async () => {
  const result = await reading(lines({ question: "q", answer: "a", id: 7 }), readProblems);
  expect(valuesOf(result)).toEqual([{ question: "q", answer: "a" }]);
});

test("a column that no row has is missing, and those that are there are listed", async () => {
  const { faults } = await reading(lines({ question: "q", reply: "a" }), readProblems);
  expect(faults).toMatchObject([
    {
      slug: "missing-column",
      message: "no row has the column `answer` of Problem; the first has `question`, `reply`",
    },
  ]);
});

test("a column that some rows lack is a fault of those rows, counted once", async () => {
  const full = { question: "q", answer: "a" };
  const { faults } = await reading(lines(full, { question: "q" }, { question: "r" }), readProblems);
  expect(faults).toMatchObject([
    {
      slug: "row-does-not-fit",
      message: "there is no `answer`, which every Problem has",
      count: 2,
      line: 2,
      examples: [{ line: 2 }, { line: 3 }],
    },
  ]);
});

test("paragraphs are parted by blank lines", async () => {
  const result = await reading("one\nmore\n\n\ntwo\n", stage("text", { path: "text.txt" }));
  expect(valuesOf(result)).toEqual([{ text: "one\nmore" }, { text: "two" }]);
  expect(result.flow?.kind === "rows" && result.flow.rows[1].origin.line).toBe(5);
});

test("text by line has a row a line, by file one row", async () => {
  const byLine = await reading("a\n\nb\n", stage("text", { path: "text.txt", by: "line" }));
  expect(valuesOf(byLine)).toEqual([{ text: "a" }, { text: "b" }]);
  const byFile = await reading("a\n\nb\n", stage("text", { path: "text.txt", by: "file" }));
  expect(valuesOf(byFile)).toEqual([{ text: "a\n\nb" }]);
});

test("rows with different wrong values of a column are one fault", async () => {
  const rows = lines({ question: 1, answer: "a" }, { question: [], answer: "a" });
  const { faults } = await reading(rows, readProblems);
  expect(faults).toMatchObject([
    { message: "`question` is a number, not a value of type string", count: 2 },
  ]);
});
