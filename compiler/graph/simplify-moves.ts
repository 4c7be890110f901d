/**
 * Rules for operations that move elements, and for those that can do the moving themselves. A move of a constant
 * is a constant, so that arithmetic rules need not look through moves.
 */

import { sameShape } from "../ops/define.ts";
import { isFloat } from "../tensor/dtype.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import type { ValueId } from "./graph.ts";
import { filled, listOf, type Rule, type RuleSite, type Rules } from "./rule.ts";

export const moveRules: Rules = {
  reshape: [sameConstant, whereShapeStays, reshapeOfReshape],
  transpose: [sameConstant, transposeInPlace, transposeOfTranspose, transposeOfShortAxes],
  // Axes that are repeated are new, so a broadcast of the same shape repeats nothing.
  broadcast: [
    sameConstant,
    whereShapeStays,
    broadcastOfBroadcast,
    broadcastOfIota,
    broadcastAlongShortAxes,
  ],
  // A part that is as large as the whole begins at 0.
  slice: [sameConstant, whereShapeStays, sliceOfSlice, sliceOfConcat, sliceOfPad],
  pad: [
    whereShapeStays,
    (site) => (site.constantOf(site.args[0]) === 0 ? filled(site, 0) : undefined),
    padOfPad,
  ],
  concat: [sameConstant, ({ args }) => (args.length === 1 ? args[0] : undefined), concatOfConcat],
  reduceSum: [foldOfNothing, sumOfConstant],
  reduceMax: [foldOfNothing, sameConstant],
  reduceMin: [foldOfNothing, sameConstant],
  contract: (["left", "right"] as const).flatMap((side) => [
    contractOfTransposed(side),
    contractOfWidened(side),
    contractOfLoneAxes(side),
  ]),
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

/** Elements stay in their order if the axes longer than 1 do. */
function transposeOfShortAxes({ args: [x], attrs, result, typeOf, emit }: RuleSite) {
  const { shape } = typeOf(x);
  const long = listOf(attrs, "order").filter((axis) => shape[axis] > 1);
  const isInOrder = long.every((axis, at) => at === 0 || long[at - 1] < axis);
  return isInOrder ? emit("reshape", [x], { shape: result.shape }) : undefined;
}

function broadcastOfBroadcast({ args: [x], attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "broadcast");
  if (inner === undefined) return undefined;
  const outerAxes = listOf(attrs, "axes");
  const axes = listOf(inner.attrs, "axes").map((axis) => outerAxes[axis]);
  return emit("broadcast", inner.args, { shape: listOf(attrs, "shape"), axes });
}

function broadcastOfIota({ args: [x], attrs, result, madeBy, emit }: RuleSite) {
  const inner = madeBy(x, "iota");
  if (inner === undefined) return undefined;
  const axis = listOf(attrs, "axes")[Number(inner.attrs.axis)];
  return emit("iota", [], { axis, dtype: result.dtype, shape: result.shape });
}

/** New axes of size 1 repeat nothing. */
function broadcastAlongShortAxes({ args, attrs, result, emit }: RuleSite): ValueId | undefined {
  const axes = listOf(attrs, "axes");
  const isShort = result.shape.every((size, axis) => size === 1 || axes.includes(axis));
  return isShort ? emit("reshape", args, { shape: result.shape }) : undefined;
}

function sliceOfSlice({ args: [x], attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "slice");
  if (inner === undefined) return undefined;
  const innerStarts = listOf(inner.attrs, "starts");
  const starts = listOf(attrs, "starts").map((start, axis) => start + innerStarts[axis]);
  return emit("slice", inner.args, { starts, sizes: listOf(attrs, "sizes") });
}

/** A slice within one part of a concatenation is a slice of that part. */
function sliceOfConcat({ args: [x], attrs, result, typeOf, madeBy, emit }: RuleSite) {
  const inner = madeBy(x, "concat");
  if (inner === undefined) return undefined;
  const axis = Number(inner.attrs.axis);
  const starts = listOf(attrs, "starts");
  let end = 0;
  for (const part of inner.args) {
    const start = starts[axis] - end;
    end += typeOf(part).shape[axis];
    if (start >= 0 && starts[axis] + result.shape[axis] <= end) {
      return emit("slice", [part], { starts: starts.with(axis, start), sizes: result.shape });
    }
  }
  return undefined;
}

/** A slice that takes none of the zeros. */
function sliceOfPad({ args: [x], attrs, result, typeOf, madeBy, emit }: RuleSite) {
  const inner = madeBy(x, "pad");
  if (inner === undefined) return undefined;
  const before = listOf(inner.attrs, "before");
  const { shape } = typeOf(inner.args[0]);
  const starts = listOf(attrs, "starts").map((start, axis) => start - before[axis]);
  const isInside = starts.every((at, axis) => at >= 0 && at + result.shape[axis] <= shape[axis]);
  return isInside ? emit("slice", inner.args, { starts, sizes: result.shape }) : undefined;
}

function padOfPad({ args: [x], attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const inner = madeBy(x, "pad");
  if (inner === undefined) return undefined;
  const sum = (name: string) => {
    const counts = listOf(inner.attrs, name);
    return listOf(attrs, name).map((count, axis) => count + counts[axis]);
  };
  return emit("pad", inner.args, { before: sum("before"), after: sum("after") });
}

function concatOfConcat({ args, attrs, madeBy, emit }: RuleSite): ValueId | undefined {
  const parts = args.flatMap((arg) => {
    const inner = madeBy(arg, "concat");
    return inner?.attrs.axis === attrs.axis ? inner.args : [arg];
  });
  return parts.length > args.length ? emit("concat", parts, attrs) : undefined;
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
function contractOfTransposed(side: Side): Rule {
  return ({ args, attrs, madeBy, emit }) => {
    const at = placeOf(side);
    const moved = madeBy(args[at], "transpose");
    if (moved === undefined) return undefined;
    const labels = listOf(attrs, side);
    const order = listOf(moved.attrs, "order");
    const before = labels.map((_, axis) => labels[order.indexOf(axis)]);
    return emit("contract", args.with(at, moved.args[0]), { ...attrs, [side]: before });
  };
}

/**
 * Operands may be of any width, as products are summed in f32 all the same. A cast in between would have the
 * kernel level keep a wide copy of every half weight.
 */
function contractOfWidened(side: Side): Rule {
  return ({ args, attrs, result, typeOf, madeBy, emit }) => {
    const at = placeOf(side);
    const cast = madeBy(args[at], "cast");
    if (cast === undefined || typeOf(args[at]).dtype !== "f32") return undefined;
    if (!isFloat(typeOf(cast.args[0]).dtype)) return undefined;
    return emit("contract", args.with(at, cast.args[0]), { ...attrs, to: result.dtype });
  };
}

/** What one operand alone has, and the result has not, is summed once before instead of in every product. */
function contractOfLoneAxes(side: Side): Rule {
  return ({ args, attrs, result, emit }) => {
    const at = placeOf(side);
    const labels = listOf(attrs, side);
    const others = ["out", side === "left" ? "right" : "left"].flatMap((name) =>
      listOf(attrs, name),
    );
    const axes = labels.flatMap((label, axis) => (others.includes(label) ? [] : [axis]));
    if (axes.length === 0) return undefined;
    // In f32, as a contraction sums.
    const wide = emit("cast", [args[at]], { to: "f32" });
    const sum = emit("reduceSum", [wide], { axes });
    const left = labels.filter((label) => others.includes(label));
    return emit("contract", args.with(at, sum), { ...attrs, [side]: left, to: result.dtype });
  };
}

type Side = "left" | "right";

function placeOf(side: Side): 0 | 1 {
  return side === "left" ? 0 : 1;
}
