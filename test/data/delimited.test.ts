/** CSV and TSV. */

import { describe, expect, test } from "vitest";
import type { DataArg, RowSchema } from "../../runtime/data/plan.ts";
import type { FlowResult } from "../../runtime/data/run.ts";
import { sessionWith, stage } from "./plans.ts";

function read(
  format: "csv" | "tsv",
  content: string,
  args: Readonly<Record<string, DataArg>> = {},
): Promise<FlowResult> {
  return sessionWith({ table: content }).flow([stage(format, { path: "table", ...args })]);
}

/** The values of every row, and its line. */
async function rows(...given: Parameters<typeof read>): Promise<readonly unknown[]> {
  const { flow, faults } = await read(...given);
  if (flow?.kind !== "rows") throw new Error(JSON.stringify(faults));
  return flow.rows.map((row) => [row.origin.line, row.values]);
}

const review: RowSchema = {
  kind: "row",
  name: "Review",
  columns: {
    text: { kind: "string" },
    mood: { kind: "enum", name: "Mood", cases: ["bad", "good"] },
    stars: { kind: "optional", item: { kind: "int" } },
  },
};

test("the first line names the columns", async () => {
  expect(await rows("csv", "a,b\n1,x y\n\n2,\n")).toEqual([
    [2, { a: "1", b: "x y" }],
    [4, { a: "2", b: "" }],
  ]);
});

test("the program names the columns of a file without a first line", async () => {
  expect(await rows("tsv", "fine\t1\n", { columns: ["text", "mood"] })).toEqual([
    [1, { text: "fine", mood: "1" }],
  ]);
});

test.each([
  ['"a,b",c', ["a,b", "c"]],
  ['"say ""hi""",c', ['say "hi"', "c"]],
  ['"two\nlines",c', ["two\nlines", "c"]],
  ['"",""', ["", ""]],
  ['5" pipe,c', ['5" pipe', "c"]],
  ['"a" b,c', ["a b", "c"]],
])("a quoted field of CSV: %j", async (line, [a, b]) => {
  expect(await rows("csv", `a,b\n${line}\nx,y\n`)).toEqual([
    [2, { a, b }],
    [line.includes("\n") ? 4 : 3, { a: "x", b: "y" }],
  ]);
});

test("a quote in TSV is a character", async () => {
  expect(await rows("tsv", 'a\tb\n"x\ty"\n')).toEqual([[2, { a: '"x', b: 'y"' }]]);
});

test("the record says what the fields are", async () => {
  expect(await rows("tsv", "text\tmood\tstars\n7\tgood\t4\n8\t0\t\n", { row: review })).toEqual([
    [2, { text: "7", mood: "good", stars: 4 }],
    [3, { text: "8", mood: "bad", stars: null }],
  ]);
});

describe("a row that does not fit is named with its line", () => {
  test.each([
    ["a,b\n1\n", 2, "this row has 1 field, and there are 2 columns"],
    ['a,b\n1,2\n3,"4\n5,6\n', 3, "a quote is opened in this row and never closed"],
  ])("%j", async (content, line, message) => {
    const { faults } = await read("csv", content);
    expect(faults).toMatchObject([{ slug: "row-does-not-fit", line, message }]);
  });

  test("a text that is no number", async () => {
    const { faults } = await read("csv", "text,mood,stars\nx,good,many\n", { row: review });
    expect(faults[0].message).toBe("`stars` is a string, not a value of type int");
  });
});
