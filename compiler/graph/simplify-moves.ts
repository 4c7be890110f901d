/**
 * Rules for operations that move elements, and for those that can do the moving themselves. A move of a constant
 * is a constant, so that arithmetic rules need not look through moves.
 */

import { sameShape } from "../ops/define.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import type { ValueId } from "./graph.ts";
import { filled, listOf, type Rule, type RuleSite, type Rules } from "./rule.ts";

export const moveRules: Rules = {
  reshape: [sameConstant, whereShapeStays, reshapeOfReshape],
  transpose: [sameConstant, transposeInPlace, transposeOfTranspose],
  // Axes that are repeated are new, so a broadcast of the same shape repeats nothing.
  broadcast: [sameConstant, whereShapeStays, broadcastOfBroadcast],
  // A part that is as large as the whole begins at 0.
  slice: [sameConstant, whereShapeStays, sliceOfSlice],
  pad: [
    whereShapeStays,
    (site) => (site.constantOf(site.args[0]) === 0 ? filled(site, 0) : undefined),
  ],
  concat: [sameConstant, ({ args }) => (args.length === 1 ? args[0] : undefined)],
  reduceSum: [foldOfNothing, sumOfConstant],
  reduceMax: [foldOfNothing, sameConstant],
  reduceMin: [foldOfNothing, sameConstant],
  contract: [contractOfTransposed("left"), contractOfTransposed("right")],
};

function sameConstant(site: RuleSite): ValueId | undefined {
  const [first, ...others] = site.args.map(site.constantOf);
  const isSame = first !== undefined && others.every((other) => Object.is(other, first));
  return isSame ? filled(site, first) : undefined;
}

function whereShapeStays({ args: [x], result, typeOf }: RuleSite): ValueId | undefined {
  return sameShape(typeOf(x).shape, result.shape) ? x : undefined;
}

function reshapeOfReshape({ args: [x], attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "reshape");
  return inner && emit("reshape", inner.args, attrs);
}

function transposeInPlace({ args: [x], attrs }: RuleSite): ValueId | undefined {
  return listOf(attrs, "order").every((axis, at) => axis === at) ? x : undefined;
}

function transposeOfTranspose({ args: [x], attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "transpose");
  if (inner === undefined) return undefined;
  const innerOrder = listOf(inner.attrs, "order");
  const order = listOf(attrs, "order").map((axis) => innerOrder[axis]);
  return emit("transpose", inner.args, { order });
}

function broadcastOfBroadcast({ args: [x], attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "broadcast");
  if (inner === undefined) return undefined;
  const outerAxes = listOf(attrs, "axes");
  const axes = listOf(inner.attrs, "axes").map((axis) => outerAxes[axis]);
  return emit("broadcast", inner.args, { shape: listOf(attrs, "shape"), axes });
}

function sliceOfSlice({ args: [x], attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "slice");
  if (inner === undefined) return undefined;
  const innerStarts = listOf(inner.attrs, "starts");
  const starts = listOf(attrs, "starts").map((start, axis) => start + innerStarts[axis]);
  return emit("slice", inner.args, { starts, sizes: listOf(attrs, "sizes") });
}

/** Folding away axes of size 1, or none, folds nothing. */
function foldOfNothing({ args: [x], result, typeOf, emit }: RuleSite): ValueId | undefined {
  if (elementsOf(typeOf(x).shape) !== elementsOf(result.shape)) return undefined;
  return emit("reshape", [x], { shape: result.shape });
}

/** Where every partial sum is a whole number that the dtype holds, in whatever order it is summed. */
function sumOfConstant(site: RuleSite): ValueId | undefined {
  const { args, result, typeOf, constantOf } = site;
  const value = constantOf(args[0]);
  if (value === undefined || !Number.isInteger(value)) return undefined;
  const sum = (value * elementsOf(typeOf(args[0]).shape)) / elementsOf(result.shape);
  // An f16 holds all whole numbers to 2^11, an f32 to 2^24, and integers more than that.
  const largest = result.dtype === "f16" ? 2 ** 11 : 2 ** 24;
  return Math.abs(sum) <= largest ? filled(site, sum) : undefined;
}

/** A contraction reads its operands in any order of axes: their labels move instead. */
function contractOfTransposed(side: "left" | "right"): Rule {
  return ({ args, attrs, madeBy, emit }) => {
    const at = side === "left" ? 0 : 1;
    const moved = madeBy(args[at], "transpose");
    if (moved === undefined) return undefined;
    const labels = listOf(attrs, side);
    const order = listOf(moved.attrs, "order");
    const before = labels.map((_, axis) => labels[order.indexOf(axis)]);
    return emit("contract", args.with(at, moved.args[0]), { ...attrs, [side]: before });
  };
}
