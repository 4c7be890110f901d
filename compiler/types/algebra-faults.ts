/** What is said of operands that do not go together: units, precisions, shapes. */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import { knownSize } from "../tensor/size.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { showTensor, showUnit } from "./show.ts";
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
    }),
  );
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
  const culprit = whole(a.dtype) ? left : right;
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
      fixes: mixed ? [replace(culprit.expr.span, `f32(${textOf(culprit.expr.span)})`)] : [],
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
  const [long, short] = a.shape.length >= b.shape.length ? [a, b] : [b, a];
  const first = long.shape.length - short.shape.length;
  // An axis of size 1 is there to be stretched, so no `require` is what its author wants.
  const one = short.shape.some((axis) => axis.kind === "axis" && knownSize(axis.size) === 1);
  const unproved =
    !one &&
    short.shape.every(
      (axis, at) => sameAxis(context, axis, long.shape[first + at]) !== "different",
    );
  context.report(
    error(unproved ? "size-unproved" : "broadcast-refused", {
      at: origin,
      title: unproved
        ? `I cannot tell whether ${showTensor(a)} and ${showTensor(b)} have the same sizes`
        : `${showTensor(short)} does not stretch to ${showTensor(long)}`,
      secondary: [
        { span: left.expr.span, text: showTensor(a) },
        { span: right.expr.span, text: showTensor(b) },
      ],
      notes: one
        ? ["An axis of size 1 never stretches by itself; that hides most shape bugs."]
        : [],
      fixes: unproved
        ? [{ text: "require the two sizes to be equal" }]
        : [{ text: "repeat(…: .. 1 -> .. d, d = D) makes the axis longer in so many words" }],
    }),
  );
}
