/**
 * `if` between two values: a known condition takes one, one that changes selects, and a mask chooses element by
 * element. While checking, what is known of the result is what both branches have in common.
 */

import { error } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/file.ts";
import { aligned, boolNode, emit, filled, spread } from "./algebra.ts";
import { reportBroadcast } from "./algebra-faults.ts";
import { joined } from "./axis.ts";
import { type Context, compareSizes } from "./context.ts";
import { changing, nodeOf, unitOf, unknown } from "./number.ts";
import { isPerhapsNone, optional } from "./optional.ts";
import { showType, showUnit } from "./show.ts";
import { isPlain } from "./unit.ts";
import {
  type BoolValue,
  bool,
  type ElementType,
  errorValue,
  type Given,
  type NumberValue,
  type RecordValue,
  type TensorValue,
  tensor,
  type Value,
} from "./value.ts";

export function choose(
  context: Context,
  condition: Given<BoolValue | TensorValue>,
  then: Given,
  otherwise: Given,
  origin: Span,
): Value {
  const [a, b] = [then.value, otherwise.value];
  if (a.kind === "error" || b.kind === "error") return errorValue;
  const { value } = condition;
  const chosen =
    value.kind === "tensor"
      ? byElement(context, { value, expr: condition.expr }, then, otherwise, origin)
      : a.kind === "tensor" || b.kind === "tensor"
        ? ofTensors(context, value, then, otherwise, origin)
        : eitherOf(context, value, a, b, origin);
  if (chosen !== undefined) return chosen;
  const shown = [a, b].map((one) => (one.kind === "number" ? showUnit(one.unit) : showType(one)));
  context.report(
    error("branches-differ", {
      at: origin,
      title: `one branch gives ${shown[0]} and the other ${shown[1]}`,
      secondary: [
        { span: then.expr.span, text: shown[0] },
        { span: otherwise.expr.span, text: shown[1] },
      ],
    }),
  );
  return errorValue;
}

/** One of two values without elements; undefined where no type is that of both. */
function eitherOf(
  context: Context,
  condition: BoolValue,
  a: Value,
  b: Value,
  origin: Span,
): Value | undefined {
  if (a.kind === "number" && b.kind === "number")
    return eitherNumber(context, condition, a, b, origin);
  if (a.kind === "bool" && b.kind === "bool") {
    if (condition.node !== undefined) {
      const nodes = [
        condition.node,
        boolNode(context, a, [], origin),
        boolNode(context, b, [], origin),
      ];
      return bool(undefined, emit(context, "select", nodes, {}, origin));
    }
    return a.value === b.value ? a : bool(undefined);
  }
  if (a.kind === "string" && b.kind === "string")
    return a.value === b.value ? a : { kind: "string", value: undefined };
  if (a.kind === "case" && b.kind === "case") {
    if (a.item !== b.item) return undefined;
    return a.name === b.name ? a : { ...a, name: undefined };
  }
  if (a.kind === "record" && b.kind === "record")
    return a.item === b.item ? eitherRecord(context, condition, a, b, origin) : undefined;
  if (a.kind === "list" && b.kind === "list") {
    const element = a.element ?? a.items[0] ?? b.element ?? b.items[0];
    return { kind: "list", items: [], ...(element === undefined ? {} : { element }) };
  }
  if (isPerhapsNone(a) || isPerhapsNone(b)) {
    const [one, other] = [a, b].map((value) => (value.kind === "optional" ? value.of : value));
    if (one.kind === "none" || other.kind === "none")
      return optional(one.kind === "none" ? other : one);
    const both = eitherOf(context, condition, one, other, origin);
    return both === undefined ? undefined : optional(both);
  }
  if (a.kind === "opaque" && b.kind === "opaque") return a.type === b.type ? a : undefined;
  // Blocks, functions and other definitions: what stands for either is called in the same way.
  return a.kind === b.kind && showType(a) === showType(b) ? a : undefined;
}

function eitherNumber(
  context: Context,
  condition: BoolValue,
  a: NumberValue,
  b: NumberValue,
  origin: Span,
): Value | undefined {
  const unit = unitOf("+", a.unit, b.unit);
  if (unit === undefined) return undefined;
  if (condition.node !== undefined) {
    const nodes = [condition.node, nodeOf(context, a, origin), nodeOf(context, b, origin)];
    return changing(emit(context, "select", nodes, {}, origin), unit);
  }
  const isSame =
    a.size !== undefined &&
    b.size !== undefined &&
    compareSizes(context, a.size, b.size) === "equal";
  return isSame ? a : unknown(unit);
}

function eitherRecord(
  context: Context,
  condition: BoolValue,
  a: RecordValue,
  b: RecordValue,
  origin: Span,
): Value {
  const fields = new Map<string, Value>();
  for (const [name, value] of a.fields) {
    const other = b.fields.get(name) ?? errorValue;
    fields.set(name, eitherOf(context, condition, value, other, origin) ?? errorValue);
  }
  return { ...a, fields };
}

/** A condition that is one for all elements, and branches of which one at least is a tensor. */
function ofTensors(
  context: Context,
  condition: BoolValue,
  then: Given,
  otherwise: Given,
  origin: Span,
): Value | undefined {
  if (!isElement(then.value) || !isElement(otherwise.value)) return undefined;
  const pair = aligned(context, then, otherwise, origin);
  if (pair === undefined) return errorValue;
  const mask = boolNode(context, condition, pair.shape, origin);
  const node = emit(context, "select", [mask, pair.a, pair.b], {}, origin);
  return tensor(pair.dtype, pair.shape, node);
}

/** A mask, and two branches that go with its shape: numbers, or tensors of it or of its end. */
function byElement(
  context: Context,
  condition: Given<TensorValue>,
  then: Given,
  otherwise: Given,
  origin: Span,
): Value | undefined {
  const [a, b] = [then.value, otherwise.value];
  if (!isElement(a) || !isElement(b)) return undefined;
  const mask = condition.value;
  const pair =
    a.kind === "tensor" || b.kind === "tensor"
      ? aligned(context, then, otherwise, origin)
      : ofNumbers(context, mask, a, b, origin);
  if (pair === undefined)
    return a.kind === "tensor" || b.kind === "tensor" ? errorValue : undefined;
  const shape = joined(context, mask.shape, pair.shape);
  if (shape === undefined) {
    const branch = tensor(pair.dtype, pair.shape);
    const side = a.kind === "tensor" ? then : otherwise;
    reportBroadcast(context, condition, mask, side, branch, condition.expr.span);
    return errorValue;
  }
  const whole = (node: number | undefined) =>
    spread(context, tensor(pair.dtype, pair.shape, node), shape, origin);
  const nodes = [spread(context, mask, shape, origin), whole(pair.a), whole(pair.b)];
  return tensor(pair.dtype, shape, emit(context, "select", nodes, {}, origin));
}

interface Pair {
  readonly dtype: ElementType;
  readonly shape: TensorValue["shape"];
  readonly a: number | undefined;
  readonly b: number | undefined;
}

/** Two numbers or two bools at every place of a mask; numbers with fractions have 32 bits, as nothing else decides. */
function ofNumbers(
  context: Context,
  { shape }: TensorValue,
  a: NumberValue | BoolValue,
  b: NumberValue | BoolValue,
  origin: Span,
): Pair | undefined {
  if (a.kind === "bool" && b.kind === "bool") {
    const [one, other] = [a, b].map((value) => boolNode(context, value, shape, origin));
    return { dtype: "bool", shape, a: one, b: other };
  }
  if (a.kind !== "number" || b.kind !== "number" || !isPlain(a.unit) || !isPlain(b.unit))
    return undefined;
  const dtype = a.unit === "int" && b.unit === "int" ? "i32" : "f32";
  const [one, other] = [a, b].map((value) => filled(context, value, dtype, shape, origin));
  return { dtype, shape, a: one, b: other };
}

function isElement(value: Value): value is TensorValue | NumberValue | BoolValue {
  return value.kind === "tensor" || value.kind === "number" || value.kind === "bool";
}
