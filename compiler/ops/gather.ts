/** Rows picked and rows put by number: embeddings, their gradient, and caches of keys and values. */

import { isFloat } from "../tensor/dtype.ts";
import { elementsOf, ndarray } from "../tensor/ndarray.ts";
import { roundTo } from "../tensor/round.ts";
import { whole } from "./attrs.ts";
import { demand, demandCount, demandType, operation, sameShape } from "./define.ts";
import { write as writeInto } from "./move.ts";

/** (table[V, ..D], index: i32[..S]) → [..S, ..D]; an index outside 0 … V − 1 gives zeros. */
export const gather = operation("gather", {
  attrs: {},
  form: { kind: "gather" },
  infer(args) {
    demandCount("gather", args, 2);
    const [table, index] = args;
    demand(index.dtype === "i32", "gather", "the index is i32", args);
    demand(table.shape.length > 0, "gather", "the table has rows", args);
    return [{ dtype: table.dtype, shape: [...index.shape, ...table.shape.slice(1)] }];
  },
  gradient: ({ one, typeOf }, { args: [table, index], dy }) => [
    () => one("scatterAdd", [index, dy], { rows: typeOf(table).shape[0] }),
  ],
  reference([table, index], _, [result]) {
    const rows = table.shape[0];
    const width = elementsOf(table.shape.slice(1));
    const data = new Float64Array(elementsOf(result.shape));
    index.data.forEach((row, at) => {
      if (row < 0 || row >= rows) return;
      data.set(table.data.subarray(row * width, (row + 1) * width), at * width);
    });
    return [{ ...result, data }];
  },
});

/** (index: i32[..S], updates[..S, ..D]) → [rows, ..D]; updates whose index is outside are left out. */
export const scatterAdd = operation("scatterAdd", {
  attrs: { rows: whole },
  form: { kind: "scatter-add" },
  infer(args, { rows }) {
    demandCount("scatterAdd", args, 2);
    const [index, updates] = args;
    demand(index.dtype === "i32", "scatterAdd", "the index is i32", args);
    demand(updates.dtype !== "bool", "scatterAdd", "the updates are numbers", args);
    const rank = index.shape.length;
    const fits = sameShape(updates.shape.slice(0, rank), index.shape);
    demand(fits, "scatterAdd", "the updates begin with the axes of the index", args);
    return [{ dtype: updates.dtype, shape: [rows, ...updates.shape.slice(rank)] }];
  },
  gradient: ({ one }, { args: [index], dy }) => [undefined, () => one("gather", [dy, index])],
  reference([index, updates], { rows }, [result]) {
    const width = elementsOf(result.shape.slice(1));
    const data = new Float64Array(elementsOf(result.shape));
    index.data.forEach((row, at) => {
      if (row < 0 || row >= rows) return;
      for (let column = 0; column < width; column++) {
        data[row * width + column] += updates.data[at * width + column];
      }
    });
    if (isFloat(result.dtype)) return [{ ...result, data }];
    return [
      ndarray(
        result.dtype,
        result.shape,
        data.map((value) => roundTo(result.dtype, value)),
      ),
    ];
  },
});

/**
 * (target, piece, at: i32[]) → the target with `piece` in place of what lay along `axis` from position `at`.
 * A position at which the piece would not fit is the nearest at which it does. It has no gradient: only generation
 * writes to caches.
 */
export const write = operation("write", {
  attrs: { axis: whole },
  form: { kind: "write" },
  infer(args, { axis }) {
    demandCount("write", args, 3);
    const [target, piece] = args;
    demandType("write", args, 2, { dtype: "i32", shape: [] });
    const fits =
      piece.dtype === target.dtype &&
      piece.shape.length === target.shape.length &&
      axis < target.shape.length &&
      piece.shape.every((size, at) =>
        at === axis ? size <= target.shape[at] : size === target.shape[at],
      );
    demand(fits, "write", `the piece is part of the target along axis ${axis}`, args);
    return [target];
  },
  reference([target, piece, at], { axis }, [result]) {
    const data = target.data.slice();
    const last = target.shape[axis] - piece.shape[axis];
    const position = Math.min(last, Math.max(0, at.data[0]));
    writeInto(
      data,
      result,
      piece,
      result.shape.map((_, other) => (other === axis ? position : 0)),
    );
    return [{ ...result, data }];
  },
});
