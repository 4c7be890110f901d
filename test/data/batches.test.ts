/** Which windows each step reads. */

import { expect, test } from "vitest";
import { evaluationBatches, trainingBatches } from "../../runtime/data/batches.ts";
import type { Dataset } from "../../runtime/data/dataset.ts";
import { tokenizerFrom } from "../../runtime/tokenizer/tokenizer.ts";
import { trainBpe } from "../../runtime/tokenizer/train.ts";

/** Windows of two tokens, each its number twice. */
function datasetOf(count: number): Dataset {
  const shape = [2];
  return {
    count,
    length: 2,
    columns: {
      tokens: {
        dtype: "i32",
        shape,
        data: Int32Array.from({ length: 2 * count }, (_, at) => at >> 1),
      },
      segment: { dtype: "i32", shape, data: new Int32Array(2 * count) },
      learn: { dtype: "bool", shape, data: new Uint8Array(2 * count).fill(1) },
      score: {
        dtype: "f32",
        shape: [],
        data: Float32Array.from({ length: count }, (_, at) => at / 2),
      },
    },
    statistics: {
      rows: count,
      windows: count,
      tokens: 2 * count,
      learned: count,
      cut: 0,
      dropped: 0,
    },
    hash: "",
    tokenizer: tokenizerFrom(trainBpe([], 256, []), {}),
    faults: [],
    files: [],
    rows: [],
    examples: async () => [],
  };
}

test("an epoch reads each window once, and the next in another order", () => {
  const batches = trainingBatches(datasetOf(12), { sequences: 4, atOnce: 4, seed: 5 });
  expect(batches.stepsPerEpoch).toBe(3);
  const epoch = (first: number): number[] =>
    [0, 1, 2].flatMap((step) => [...batches.windows(first + step, 0)]);
  const sorted = Array.from({ length: 12 }, (_, index) => index);
  expect(epoch(0).toSorted((a, b) => a - b)).toEqual(sorted);
  expect(epoch(3).toSorted((a, b) => a - b)).toEqual(sorted);
  expect(epoch(3)).not.toEqual(epoch(0));
});

test("a batch that reaches over the end of an epoch goes on with the next", () => {
  const batches = trainingBatches(datasetOf(5), { sequences: 4, atOnce: 4, seed: 5 });
  const read = [0, 1, 2, 3, 4].flatMap((step) => [...batches.windows(step, 0)]);
  for (let epoch = 0; epoch < 4; epoch++) {
    expect(read.slice(5 * epoch, 5 * epoch + 5).toSorted()).toEqual([0, 1, 2, 3, 4]);
  }
});

test("a dataset smaller than a batch is read several times in a step", () => {
  const batches = trainingBatches(datasetOf(2), { sequences: 6, atOnce: 6, seed: 5 });
  expect([...batches.windows(0, 0)].toSorted()).toEqual([0, 0, 0, 1, 1, 1]);
});

test("micro-batches are the parts of the step's batch, however it is cut", () => {
  const whole = trainingBatches(datasetOf(9), { sequences: 6, atOnce: 6, seed: 2 });
  const parts = trainingBatches(datasetOf(9), { sequences: 6, atOnce: 2, seed: 2 });
  for (const step of [0, 1, 7]) {
    const joined = [0, 1, 2].flatMap((micro) => [...parts.windows(step, micro)]);
    expect(joined).toEqual([...whole.windows(step, 0)]);
  }
});

test("any step can be asked for first, and an earlier one after it", () => {
  const options = { sequences: 3, atOnce: 3, seed: 1 };
  const straight = trainingBatches(datasetOf(7), options);
  const steps = Array.from({ length: 20 }, (_, step) => [...straight.windows(step, 0)]);
  const resumed = trainingBatches(datasetOf(7), options);
  for (const step of [13, 2, 19, 0]) expect([...resumed.windows(step, 0)]).toEqual(steps[step]);
});

test("a batch has each column's windows, bools as u32", () => {
  const batches = trainingBatches(datasetOf(4), { sequences: 2, atOnce: 2, seed: 3 });
  const [first, second] = batches.windows(0, 0);
  expect(batches.batch(0, 0)).toEqual({
    tokens: { dtype: "i32", shape: [2, 2], data: Int32Array.of(first, first, second, second) },
    segment: { dtype: "i32", shape: [2, 2], data: Int32Array.of(0, 0, 0, 0) },
    learn: { dtype: "bool", shape: [2, 2], data: Uint32Array.of(1, 1, 1, 1) },
    score: { dtype: "f32", shape: [2], data: Float32Array.of(first / 2, second / 2) },
  });
});

test("an evaluation reads each window once, and its last batch is what is left over", () => {
  const batches = [...evaluationBatches(datasetOf(3), 2)];
  expect(batches.map(({ tokens }) => [tokens.shape, [...tokens.data]])).toEqual([
    [
      [2, 2],
      [0, 0, 1, 1],
    ],
    [
      [1, 2],
      [2, 2],
    ],
  ]);
});
