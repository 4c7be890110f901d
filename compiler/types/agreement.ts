/** Whether tensors have the elements and the axes that a place asks for, and what is said where they have not. */

import { error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { holdsElements } from "../ops/define.ts";
import type { Elements } from "../ops/op.ts";
import { type OpName, opOf } from "../ops/table.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Comparison } from "../tensor/size.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { requireFix } from "./require-fix.ts";
import { showAxis, showShape, showTensor } from "./show.ts";
import type { Axis, ElementType, TensorValue } from "./value.ts";

const calls: Readonly<Record<Elements, string>> = {
  float: "floats",
  signed: "numbers",
  number: "numbers",
  bool: "conditions",
  any: "any elements",
};

/** Whether the operation works on such elements; `name` is what the author calls it, `at` the operand. */
export function operationTakes(
  context: Context,
  op: OpName,
  name: string,
  dtype: ElementType,
  shown: string,
  at: Span,
): boolean {
  return elementsFit(context, opOf(op).elements ?? "any", `\`${name}\` works`, dtype, shown, at);
}

/** `what` begins the message: "`exp` works", "the classes of a loss are chosen". */
export function elementsFit(
  context: Context,
  elements: Elements,
  what: string,
  dtype: ElementType,
  shown: string,
  at: Span,
): boolean {
  if (holdsElements(elements, dtype === "float" ? "f32" : dtype)) return true;
  const isWhole = elements === "float" && (dtype === "i32" || dtype === "u32");
  context.report(
    error(isWhole ? "int-for-float" : "dtype-mismatch", {
      at,
      title: `${what} on ${calls[elements]}, and this is ${shown}`,
      notes: ["Nothing is converted unasked."],
      fixes: elements === "bool" ? [] : [replace(at, `f32(${textOf(at)})`)],
    }),
  );
  return false;
}

/** Whether the tensor has these axes. `wanted` says what has them, for the message. */
export function axesAgree(
  context: Context,
  value: TensorValue,
  axes: readonly Axis[],
  wanted: string,
  at: Span,
): boolean {
  if (value.shape.length !== axes.length) {
    context.report(
      error("rank-mismatch", {
        at,
        title: `${wanted} has the axes [${showShape(axes)}], and this is ${showTensor(value)}`,
      }),
    );
    return false;
  }
  const same = value.shape.map((one, place) => sameAxis(context, one, axes[place]));
  if (same.every((one) => one === "equal")) return true;
  const place = same.findIndex((one) => one !== "equal");
  const isOpen = !same.includes("different");
  const [has, asked] = [value.shape[place], axes[place]].map(showAxis);
  context.report(
    error(isOpen ? "size-unproved" : "size-mismatch", {
      at,
      title: isOpen
        ? `I cannot tell whether ${has} equals ${asked}: ${wanted} has the axes [${showShape(axes)}]`
        : `${wanted} has the axes [${showShape(axes)}], and this is ${showTensor(value)}`,
      label: isOpen ? showTensor(value) : "",
      notes: isOpen
        ? ["It may be true of every model that you build. Say so, and each one is checked:"]
        : [],
      fixes: isOpen ? requirements(value.shape, axes, same, at) : [],
    }),
  );
  return false;
}

/** What would have to be required of the axes that may differ, each pair once. */
function requirements(
  has: readonly Axis[],
  asked: readonly Axis[],
  same: readonly Comparison[],
  at: Span,
): Fix[] {
  const pairs = same.flatMap((one, place) =>
    one === "equal" ? [] : [[showAxis(has[place]), showAxis(asked[place])] as const],
  );
  return distinctPairs(pairs).map(([left, right]) => requireFix(at, left, right));
}

type Pair = readonly [string, string];

/** `T == B` says what `B == T` says. */
export function distinctPairs(pairs: readonly Pair[]): Pair[] {
  const seen = new Set<string>();
  return pairs.filter((pair) => {
    const key = [...pair].sort().join(" == ");
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** A tensor of another precision than the one that it goes with. */
export function reportPrecision(
  context: Context,
  value: TensorValue,
  wanted: TensorValue,
  what: string,
  at: Span,
): void {
  context.report(
    error("dtype-mismatch", {
      at,
      title: `${what} are ${showTensor(wanted)}, and this is ${showTensor(value)}`,
      notes: ["Nothing is converted unasked."],
    }),
  );
}
