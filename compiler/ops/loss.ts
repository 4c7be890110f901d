/**
 * Cross-entropy over rows of logits:
 *
 *   crossEntropy(logits[N, V], target: i32[N], where: bool[N]) → loss: f32[N], lse: f32[N]
 *   crossEntropyGradient(logits, target, where, lse, dloss: f32[N]) → dlogits[N, V]
 *
 * loss = lse − logits[target], and 0 where `where` does not hold; lse = log Σ exp(logits), of every row. A
 * target counts only where `where` holds; elsewhere it may be anything.
 */

import { bug } from "../bug.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { demand, demandCount, demandType, operation, wantedOf } from "./define.ts";
import { nodesOf } from "./nodes.ts";
import type { Op, TensorType, ValueId } from "./op.ts";

const forward = operation("crossEntropy", {
  attrs: {},
  form: { kind: "cross-entropy", part: "forward" },
  infer(args) {
    demandCount("crossEntropy", args, 3);
    const row = demandRows("crossEntropy", args);
    return [row, row];
  },
  reference([logits, target, where], _, [row]) {
    const classes = logits.shape[1];
    const lse = Float64Array.from(target.data, (_, at) => lseOf(logits, at));
    const loss = Float64Array.from(target.data, (label, at) =>
      where.data[at] === 0 ? 0 : lse[at] - logits.data[at * classes + labelled(label, classes)],
    );
    return [
      { ...row, data: loss },
      { ...row, data: lse },
    ];
  },
});

export const crossEntropy: Op = {
  ...forward,
  gradient(emit, site) {
    const [logits, target, where] = site.args;
    const [, lse] = site.results;
    const [dloss, dlse] = site.gradients;
    const { add, broadcast, cast, exp, multiply, one, subtract, typeOf } = nodesOf(emit);
    const { dtype, shape } = typeOf(logits);
    const byLoss = (dy: ValueId) => one("crossEntropyGradient", [logits, target, where, lse, dy]);
    // The lse by a logit is its probability.
    const byLse = (dy: ValueId) => {
      const spread = (rows: ValueId) => broadcast(rows, shape, [0]);
      const probability = exp(subtract(cast(logits, "f32"), spread(lse)));
      return cast(multiply(probability, spread(dy)), dtype);
    };
    const byLogits = () => {
      if (dloss !== undefined && dlse !== undefined) return add(byLoss(dloss), byLse(dlse));
      if (dloss !== undefined) return byLoss(dloss);
      return dlse === undefined ? bug("crossEntropy: no result has a gradient") : byLse(dlse);
    };
    return wantedOf(site, [byLogits]);
  },
};

export const crossEntropyGradient = operation("crossEntropyGradient", {
  attrs: {},
  form: { kind: "cross-entropy", part: "gradient" },
  infer(args) {
    demandCount("crossEntropyGradient", args, 5);
    const row = demandRows("crossEntropyGradient", args);
    demandType("crossEntropyGradient", args, 3, row);
    demandType("crossEntropyGradient", args, 4, row);
    return [args[0]];
  },
  reference([logits, target, where, lse, dloss], _, [result]) {
    const classes = logits.shape[1];
    const data = new Float64Array(logits.data.length);
    target.data.forEach((label, row) => {
      if (where.data[row] === 0) return;
      const answer = labelled(label, classes);
      for (let column = 0; column < classes; column++) {
        const at = row * classes + column;
        const probability = Math.exp(logits.data[at] - lse.data[row]);
        data[at] = (probability - (column === answer ? 1 : 0)) * dloss.data[row];
      }
    });
    return [{ ...result, data }];
  },
});

/** The type of what there is one of for each row. */
function demandRows(name: string, args: readonly TensorType[]): TensorType {
  const [logits] = args;
  const isMatrix = logits.shape.length === 2 && isFloat(logits.dtype);
  demand(isMatrix, name, "the logits are rows of floats", args);
  const shape = [logits.shape[0]];
  demandType(name, args, 1, { dtype: "i32", shape });
  demandType(name, args, 2, { dtype: "bool", shape });
  return { dtype: "f32", shape };
}

function lseOf(logits: NdArray, row: number): number {
  const classes = logits.shape[1];
  const values = logits.data.subarray(row * classes, (row + 1) * classes);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}

function labelled(label: number, classes: number): number {
  if (label >= 0 && label < classes) return label;
  return bug(`crossEntropy: class ${label} is learned, and there are ${classes}`);
}
