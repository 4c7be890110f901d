/**
 * `pack(length, over)`: windows that each hold as many whole documents as fit. The longest documents are
 * placed first, each into the first window with room for it, which leaves almost no padding; windows, and
 * the documents in them, then stand in the order of the rows.
 */

import { type Stage, tokensOf } from "../stage.ts";
import { emptyWindows, place, windowColumns } from "../windows.ts";
import { fittingRows, paddingOf } from "./fit.ts";

export const pack: Stage = async (input, args, context) => {
  const flow = tokensOf(input, "pack");
  const { rows, length } = fittingRows(flow, args, context);
  const bins = packed(
    rows.map((row) => row.tokens.length),
    length,
  );
  const count = bins.reduce((most, bin) => Math.max(most, bin + 1), 0);
  const windows = emptyWindows(count, length, paddingOf(flow));
  const used = new Int32Array(count);
  const documents = new Int32Array(count);
  rows.forEach((row, index) => {
    const bin = bins[index];
    place(windows, bin * length + used[bin], documents[bin], row);
    used[bin] += row.tokens.length;
    documents[bin]++;
  });
  const columns = windowColumns(windows, length);
  const { tokenizer } = flow;
  return { kind: "windows", count, length, columns, rows, windowOf: bins, tokenizer };
};

/** The window of each document, numbered in the order of their first documents. Sizes are at most `capacity`. */
export function packed(sizes: readonly number[], capacity: number): Int32Array {
  const longestFirst = sizes.map((_, index) => index).sort((a, b) => sizes[b] - sizes[a] || a - b);
  const found = firstFit(
    longestFirst.map((index) => sizes[index]),
    capacity,
  );
  const bins = new Int32Array(sizes.length);
  longestFirst.forEach((index, place) => {
    bins[index] = found[place];
  });
  const numbers = new Map<number, number>();
  return bins.map((bin) => {
    const number = numbers.get(bin) ?? numbers.size;
    numbers.set(bin, number);
    return number;
  });
}

/** For each size the first bin with that much room left; a tree of maxima finds it in logarithmic time. */
function firstFit(sizes: readonly number[], capacity: number): Int32Array {
  let leaves = 1;
  while (leaves < sizes.length) leaves *= 2;
  // Node n has the children 2n and 2n + 1; the leaves are the bins, all of them empty at first.
  const room = new Int32Array(2 * leaves).fill(capacity);
  return Int32Array.from(sizes, (size) => {
    let node = 1;
    while (node < leaves) node = room[2 * node] >= size ? 2 * node : 2 * node + 1;
    const bin = node - leaves;
    room[node] -= size;
    for (node >>= 1; node >= 1; node >>= 1)
      room[node] = Math.max(room[2 * node], room[2 * node + 1]);
    return bin;
  });
}
