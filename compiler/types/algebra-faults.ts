/** What is said of operands that do not go together: units, precisions, shapes. */

import { error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import { knownSize, show } from "../tensor/size.ts";
import { distinctPairs } from "./agreement.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { convertedTo } from "./conversion-fix.ts";
import { amountOf } from "./number.ts";
import { requireFix } from "./require-fix.ts";
import { showTensor, showUnit } from "./show.ts";
import { isPlain, showQuantity } from "./unit.ts";
import type { ElementType, Given, NumberValue, TensorValue } from "./value.ts";

export function reportUnits(
  context: Context,
  operator: string,
  left: Given<NumberValue>,
  right: Given<NumberValue>,
  origin: Span,
): void {
  context.report(
    error("unit-mismatch", {
      at: origin,
      title: `\`${operator}\` has no meaning between ${showUnit(left.value.unit)} and ${showUnit(right.value.unit)}`,
      secondary: [
        { span: left.expr.span, text: left.value.unit },
        { span: right.expr.span, text: right.value.unit },
      ],
      fixes: [...quantities(left, right), ...quantities(right, left)],
    }),
  );
}

/** A bare number with the unit of what it meets: `step + 1steps`. */
function quantities(number: Given<NumberValue>, other: Given<NumberValue>): Fix[] {
  const amount = amountOf(number.value);
  const isBare =
    number.expr.kind === "number" && amount !== undefined && !isPlain(other.value.unit);
  return isBare ? [replace(number.expr.span, showQuantity(other.value.unit, amount))] : [];
}

export function reportDtypes(
  context: Context,
  left: Given,
  a: TensorValue,
  right: Given,
  b: TensorValue,
  origin: Span,
): void {
  const whole = (dtype: ElementType) => dtype === "i32" || dtype === "u32";
  const mixed = whole(a.dtype) !== whole(b.dtype) && a.dtype !== "bool" && b.dtype !== "bool";
  const [culprit, partner, wanted] = whole(a.dtype)
    ? [left, right, b.dtype]
    : [right, left, a.dtype];
  context.report(
    error(mixed ? "int-for-float" : "dtype-mismatch", {
      at: mixed ? culprit.expr.span : origin,
      title: mixed
        ? `an ${showTensor(whole(a.dtype) ? a : b)} meets a ${showTensor(whole(a.dtype) ? b : a)} here`
        : `${showTensor(a)} and ${showTensor(b)} are of different precision`,
      secondary: [
        { span: left.expr.span, text: showTensor(a) },
        { span: right.expr.span, text: showTensor(b) },
      ],
      notes: ["Nothing is converted unasked."],
      fixes: mixed ? [convertedTo(wanted, culprit.expr.span, partner.expr.span)] : [],
    }),
  );
}

export function reportBroadcast(
  context: Context,
  left: Given,
  a: TensorValue,
  right: Given,
  b: TensorValue,
  origin: Span,
): void {
  const shortIsLeft =
    a.shape.length < b.shape.length || (a.shape.length === b.shape.length && hasOne(a));
  const [short, long] = shortIsLeft ? [a, b] : [b, a];
  const doubts = unprovedAxes(context, short, long);
  const secondary = [
    { span: left.expr.span, text: showTensor(a) },
    { span: right.expr.span, text: showTensor(b) },
  ];
  if (doubts.length > 0) {
    context.report(
      error("size-unproved", {
        at: origin,
        title: `I cannot tell whether ${showTensor(a)} and ${showTensor(b)} have the same sizes`,
        secondary,
        fixes: distinctPairs(doubts).map(([one, other]) => requireFix(origin, one, other)),
      }),
    );
    return;
  }
  context.report(
    error("broadcast-refused", {
      at: origin,
      title: `${showTensor(short)} does not stretch to ${showTensor(long)}`,
      secondary,
      notes: hasOne(short)
        ? ["An axis of size 1 never stretches by itself; that hides most shape bugs."]
        : [],
      fixes: [stretched(context, (shortIsLeft ? left : right).expr.span, short, long)],
    }),
  );
}

function hasOne({ shape }: TensorValue): boolean {
  return shape.some((axis) => axis.kind === "axis" && knownSize(axis.size) === 1);
}

/** The pairs of sizes that would have to be equal; none where no requirement makes the two fit. */
function unprovedAxes(
  context: Context,
  short: TensorValue,
  long: TensorValue,
): (readonly [string, string])[] {
  if (short.shape.length !== long.shape.length || hasOne(short)) return [];
  const pairs = short.shape.map((axis, at) => [axis, long.shape[at]] as const);
  const known = pairs.map(([one, other]) => sameAxis(context, one, other));
  if (known.includes("different")) return [];
  return pairs.flatMap(([one, other], at) =>
    known[at] === "equal" || one.kind !== "axis" || other.kind !== "axis"
      ? []
      : [[show(one.size), show(other.size)] as const],
  );
}

/** The short tensor repeated along the one axis at the end that it lacks, or that is 1; in general words elsewhere. */
function stretched(context: Context, at: Span, short: TensorValue, long: TensorValue): Fix {
  const last = long.shape.at(-1);
  const lacks = long.shape.length - short.shape.length;
  const end = short.shape.at(-1);
  const endsInOne = end?.kind === "axis" && knownSize(end.size) === 1;
  const kept = lacks === 0 && endsInOne ? short.shape.slice(0, -1) : short.shape;
  const fits =
    (lacks === 1 || (lacks === 0 && endsInOne)) &&
    kept.every((axis, place) => sameAxis(context, axis, long.shape[place]) === "equal");
  if (!fits || last?.kind !== "axis")
    return { text: "repeat(…: .. 1 -> .. d, d = D) makes the axis longer in so many words" };
  return replace(
    at,
    `repeat(${textOf(at)}: ${lacks === 1 ? ".." : ".. 1"} -> .. d, d = ${show(last.size)})`,
  );
}
