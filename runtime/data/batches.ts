/**
 * Which windows a step of training reads. An epoch is every window once, in an order of its own that the seed
 * decides; where a batch reaches over the end of an epoch the next one's order goes on. Everything is a
 * function of the step, so a run resumes anywhere exactly.
 */

import { permutation } from "../random.ts";
import type { Dataset } from "./dataset.ts";
import type { WindowColumn } from "./windows.ts";

/** A column of a batch as a program takes it: bools are u32, 0 or 1. */
export interface BatchColumn {
  readonly dtype: "i32" | "f32" | "bool";
  /** Windows first. */
  readonly shape: readonly number[];
  readonly data: Int32Array | Float32Array | Uint32Array;
}

export type Batch = Readonly<Record<string, BatchColumn>>;

/** What batches are cut from. */
export type Windows = Pick<Dataset, "count" | "columns">;

export interface Batches {
  /** Steps in which every window is read once, the last one begun counted whole. */
  readonly stepsPerEpoch: number;
  /** Windows of one execution within a step; `step` and `micro` start at 0. */
  batch(step: number, micro: number): Batch;
  /** The indices of those windows. */
  windows(step: number, micro: number): Int32Array;
}

// Apart from what stages draw from the same seed; the epoch is added to it.
const epochStream = 1 << 16;

/**
 * `sequences` windows a step in executions of `atOnce`, which divides it. The dataset has a window or more.
 */
export function trainingBatches(
  dataset: Windows,
  options: { readonly sequences: number; readonly atOnce: number; readonly seed: number },
): Batches {
  const { sequences, atOnce, seed } = options;
  const orders = new Map<number, Uint32Array>();
  const orderOf = (epoch: number): Uint32Array => {
    const known = orders.get(epoch);
    if (known !== undefined) return known;
    const order = permutation(dataset.count, seed, epochStream + epoch);
    // A batch can reach from one epoch into the next; what is older is not asked for again in a run.
    for (const old of orders.keys()) if (old < epoch - 1) orders.delete(old);
    orders.set(epoch, order);
    return order;
  };
  const windows = (step: number, micro: number): Int32Array =>
    Int32Array.from({ length: atOnce }, (_, index) => {
      const place = step * sequences + micro * atOnce + index;
      return orderOf(Math.floor(place / dataset.count))[place % dataset.count];
    });
  return {
    stepsPerEpoch: Math.ceil(dataset.count / sequences),
    windows,
    batch: (step, micro) => batchOf(dataset, windows(step, micro)),
  };
}

/** Every window once, in order, for evaluation. The last batch has what is left over, which may be fewer. */
export function* evaluationBatches(dataset: Windows, atOnce: number): Generator<Batch> {
  for (let from = 0; from < dataset.count; from += atOnce) {
    const length = Math.min(atOnce, dataset.count - from);
    yield batchOf(
      dataset,
      Int32Array.from({ length }, (_, index) => from + index),
    );
  }
}

/** The windows with these indices, column by column. */
function batchOf(dataset: Windows, windows: Int32Array): Batch {
  const batch: Record<string, BatchColumn> = {};
  for (const [name, column] of Object.entries(dataset.columns))
    batch[name] = batchColumn(column, windows);
  return batch;
}

function batchColumn(column: WindowColumn, windows: Int32Array): BatchColumn {
  const size = column.shape.reduce((product, extent) => product * extent, 1);
  const shape = [windows.length, ...column.shape];
  const data = room(column.dtype, windows.length * size);
  windows.forEach((window, index) => {
    data.set(column.data.subarray(window * size, (window + 1) * size), index * size);
  });
  return { dtype: column.dtype, shape, data };
}

function room(dtype: WindowColumn["dtype"], size: number): Int32Array | Float32Array | Uint32Array {
  switch (dtype) {
    case "i32":
      return new Int32Array(size);
    case "f32":
      return new Float32Array(size);
    case "bool":
      return new Uint32Array(size);
    default:
      return dtype satisfies never;
  }
}
