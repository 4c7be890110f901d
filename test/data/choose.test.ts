/** Stages that choose and order rows. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { DataStage } from "../../runtime/data/plan.ts";
import { dataSession } from "../../runtime/data/run.ts";
import { folderWith } from "../support/folder.ts";
import { lines, stage } from "./plans.ts";

const read = stage("jsonl", { path: "rows.jsonl" });

/** The values of the column `n`. */
async function numbers(
  folder: string,
  ...stages: readonly DataStage[]
): Promise<readonly unknown[]> {
  const { flow } = await dataSession(folder).flow([read, ...stages]);
  return flow?.kind === "rows" ? flow.rows.map((row) => row.values.n) : [];
}

function numbered(values: readonly number[]): string {
  return folderWith({ "rows.jsonl": lines(...values.map((n) => ({ n }))) });
}

const split = (output: string, share: number, seed = 7): DataStage => ({
  stage: "split",
  args: { held_out: share, seed },
  output,
});

const hundred = Array.from({ length: 100 }, (_, n) => n);

test("a split gives each row to one part, in the order of the file", async () => {
  const folder = numbered(hundred);
  const train = await numbers(folder, split("train", 0.2));
  const heldOut = await numbers(folder, split("held_out", 0.2));
  expect(heldOut).toHaveLength(20);
  expect([...train, ...heldOut].map(Number).sort((a, b) => a - b)).toEqual(hundred);
  expect(train).toEqual(train.map(Number).sort((a, b) => a - b));
});

test("the same seed splits the same way, another seed another way", async () => {
  const folder = numbered(hundred);
  const first = await numbers(folder, split("held_out", 0.2, 1));
  expect(await numbers(folder, split("held_out", 0.2, 1))).toEqual(first);
  expect(await numbers(folder, split("held_out", 0.2, 2))).not.toEqual(first);
});

test("rows that say the same are held out together or not at all", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (values, share) => {
        const folder = numbered(values);
        const train = new Set(await numbers(folder, split("train", share)));
        const heldOut = await numbers(folder, split("held_out", share));
        expect(heldOut.filter((value) => train.has(value))).toEqual([]);
        expect(heldOut.length).toBeLessThanOrEqual(Math.max(1, Math.round(share * values.length)));
      },
    ),
    { numRuns: 30 },
  );
});

test("a share of a few rows is one row at least, and no share is none", async () => {
  const folder = numbered([1, 2, 3]);
  expect(await numbers(folder, split("held_out", 0.01))).toHaveLength(1);
  expect(await numbers(folder, split("held_out", 0))).toHaveLength(0);
});

test("a shuffle has every row once, in an order that the seed decides", async () => {
  const folder = numbered(hundred);
  const shuffled = await numbers(folder, stage("shuffle", { seed: 3 }));
  expect(shuffled).not.toEqual(hundred);
  expect([...shuffled].map(Number).sort((a, b) => a - b)).toEqual(hundred);
  expect(await numbers(folder, stage("shuffle", { seed: 3 }))).toEqual(shuffled);
  expect(await numbers(folder, stage("shuffle", { seed: 4 }))).not.toEqual(shuffled);
});

test("the order of a shuffle is the same on every machine", async () => {
  expect(await numbers(numbered([0, 1, 2, 3, 4, 5]), stage("shuffle", { seed: 1 }))).toEqual([
    3, 0, 1, 2, 4, 5,
  ]);
});

test("take gives the first rows, and all where there are fewer", async () => {
  const folder = numbered([4, 5, 6]);
  expect(await numbers(folder, stage("take", { count: 2 }))).toEqual([4, 5]);
  expect(await numbers(folder, stage("take", { count: 9 }))).toEqual([4, 5, 6]);
});

test("dedup keeps the first of rows that say the same", async () => {
  expect(await numbers(numbered([4, 5, 4, 6, 5]), stage("dedup"))).toEqual([4, 5, 6]);
});

test("mix has the rows of all, in an order that the seed decides", async () => {
  const folder = folderWith({
    "rows.jsonl": lines({ n: 1 }, { n: 2 }),
    "more.jsonl": lines({ n: 3 }),
  });
  const others = [{ kind: "data", stages: [stage("jsonl", { path: "more.jsonl" })] }] as const;
  const mixed = await numbers(folder, stage("mix", { others, seed: 1 }));
  expect([...mixed].sort()).toEqual([1, 2, 3]);
  expect(await numbers(folder, stage("mix", { others, seed: 1 }))).toEqual(mixed);
});

test("what is wrong with a dataset that is mixed in is said", async () => {
  const folder = folderWith({ "rows.jsonl": lines({ n: 1 }) });
  const others = [{ kind: "data", stages: [stage("jsonl", { path: "more.jsonl" })] }] as const;
  const { flow, faults } = await dataSession(folder).flow([read, stage("mix", { others })]);
  expect(flow).toBeUndefined();
  expect(faults).toMatchObject([{ slug: "no-such-file", file: "more.jsonl" }]);
});
