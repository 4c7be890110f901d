/**
 * Operators on values. A tensor meets a tensor of its own shape or a suffix of it, and a number meets any
 * tensor; nothing else stretches, and nothing is converted unasked.
 */

import { bug } from "../bug.ts";
import { error } from "../diagnostics/diagnostic.ts";
import type { ValueId } from "../ops/op.ts";
import type { OpName } from "../ops/table.ts";
import { type Span, textOf } from "../source/file.ts";
import type { BinaryOperator } from "../syntax/ast.ts";
import { compare as compareExact, constant, knownSize } from "../tensor/size.ts";
import { operationTakes } from "./agreement.ts";
import { reportBroadcast, reportDtypes, reportUnits } from "./algebra-faults.ts";
import { joined } from "./axis.ts";
import type { Context } from "./context.ts";
import { type Arithmetic, amountOf, arithmetic, nodeOf, unitOf, whole } from "./number.ts";
import { absentNotes, isPerhapsNone } from "./optional.ts";
import { showTensor, showType, showUnit } from "./show.ts";
import { isPlain } from "./unit.ts";
import {
  type Axis,
  type BoolValue,
  bool,
  type ElementType,
  errorValue,
  type Given,
  type NumberValue,
  type TensorValue,
  tensor,
  type Value,
} from "./value.ts";

const arithmeticOps: Readonly<Record<Arithmetic, OpName>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "remainder",
};

/** By operator: the operation, whether its arguments change places, whether its result is negated. */
const comparisons: Readonly<Record<string, { op: OpName; swap: boolean }>> = {
  "==": { op: "equal", swap: false },
  "!=": { op: "notEqual", swap: false },
  "<": { op: "less", swap: false },
  "<=": { op: "lessEqual", swap: false },
  ">": { op: "less", swap: true },
  ">=": { op: "lessEqual", swap: true },
  "&&": { op: "and", swap: false },
  "||": { op: "or", swap: false },
};

export function binary(
  context: Context,
  operator: BinaryOperator,
  leftSide: Given,
  rightSide: Given,
  origin: Span,
): Value {
  const [left, right] = [counted(leftSide), counted(rightSide)];
  const [a, b] = [left.value, right.value];
  if (a.kind === "error" || b.kind === "error") return errorValue;
  if (operator === "&&" || operator === "||")
    return logical(context, operator, left, right, origin);
  const isEquality = operator === "==" || operator === "!=";
  if (isEquality && (isPerhapsNone(a) || isPerhapsNone(b)))
    return sameness(context, operator, left, right, origin);
  if (a.kind === "tensor" || b.kind === "tensor")
    return tensors(context, operator, left, right, origin);
  if (a.kind === "number" && b.kind === "number") {
    return isArithmetic(operator)
      ? numbers(context, operator, { ...left, value: a }, { ...right, value: b }, origin)
      : compareNumbers(context, operator, { ...left, value: a }, { ...right, value: b }, origin);
  }
  if (isEquality) return sameness(context, operator, left, right, origin);
  context.report(
    error("type-mismatch", {
      at: origin,
      title: `\`${operator}\` has no meaning between ${showType(a)} and ${showType(b)}`,
      secondary: [
        { span: left.expr.span, text: showType(a) },
        { span: right.expr.span, text: showType(b) },
      ],
      notes: absentNotes(a, b),
    }),
  );
  return errorValue;
}

/** An enum is the number of its cases, wherever it is counted with. */
function counted(given: Given): Given {
  const { value } = given;
  return value.kind === "definition" && value.item.kind === "enum"
    ? { ...given, value: whole(constant(value.item.cases.length)) }
    : given;
}

export function unary(context: Context, operator: "-" | "!", operand: Given, origin: Span): Value {
  const value = operand.value;
  if (value.kind === "error") return value;
  if (operator === "-" && value.kind === "number") {
    return numbers(
      context,
      "*",
      { value: changingSign, expr: operand.expr },
      { ...operand, value },
      origin,
    );
  }
  if (operator === "-" && value.kind === "tensor" && value.dtype !== "bool") {
    return tensor(value.dtype, value.shape, emit(context, "negate", [value.node], {}, origin));
  }
  if (operator === "!" && value.kind === "bool") {
    const known = value.value === undefined ? undefined : !value.value;
    return bool(
      known,
      known === undefined ? emit(context, "not", [value.node], {}, origin) : undefined,
    );
  }
  if (operator === "!" && value.kind === "tensor" && value.dtype === "bool") {
    return tensor("bool", value.shape, emit(context, "not", [value.node], {}, origin));
  }
  context.report(
    error("type-mismatch", {
      at: origin,
      title: `\`${operator}\` has no meaning before ${showType(value)}`,
      notes: absentNotes(value),
    }),
  );
  return errorValue;
}

const changingSign: NumberValue = {
  kind: "number",
  unit: "int",
  size: { terms: new Map([["", { atoms: [], coefficient: -1 }]]) },
  value: undefined,
  node: undefined,
};

/** One node, if all its arguments are there; nothing while checking. */
export function emit(
  context: Context,
  op: OpName,
  args: readonly (ValueId | undefined)[],
  attrs: Parameters<NonNullable<Context["emit"]>["apply"]>[2],
  origin: Span,
): ValueId | undefined {
  if (context.emit === undefined) return undefined;
  const present = args.filter((argument) => argument !== undefined);
  if (present.length !== args.length)
    bug(`${op} was lowered without its arguments`, textOf(origin));
  return context.emit.apply(op, present, attrs, origin)[0];
}

/** The sizes of a shape as numbers, while lowering. */
export function numericShape(shape: readonly Axis[]): number[] {
  return shape.map((axis) => {
    const size = axis.kind === "axis" ? knownSize(axis.size) : undefined;
    return size ?? bug("a size is still unknown while lowering");
  });
}

/** The tensor stretched along leading axes until it has this shape, of which its own is a suffix. */
export function spread(
  context: Context,
  value: TensorValue,
  shape: readonly Axis[],
  origin: Span,
): ValueId | undefined {
  if (context.emit === undefined || value.shape.length === shape.length) return value.node;
  const first = shape.length - value.shape.length;
  return emit(
    context,
    "broadcast",
    [value.node],
    { shape: numericShape(shape), axes: value.shape.map((_, at) => first + at) },
    origin,
  );
}

/** A number as a tensor of this dtype and shape. */
export function filled(
  context: Context,
  value: NumberValue,
  dtype: ElementType,
  shape: readonly Axis[],
  origin: Span,
): ValueId | undefined {
  if (context.emit === undefined) return undefined;
  const to = dtype === "float" ? "f32" : dtype;
  const amount = amountOf(value);
  const scalar =
    amount === undefined
      ? castNode(context, nodeOf(context, value, origin), "f32", to, origin)
      : emit(context, "constant", [], { value: amount, dtype: to, shape: [] }, origin);
  return shape.length === 0
    ? scalar
    : emit(context, "broadcast", [scalar], { shape: numericShape(shape), axes: [] }, origin);
}

export function castNode(
  context: Context,
  node: ValueId | undefined,
  from: ElementType,
  to: ElementType,
  origin: Span,
): ValueId | undefined {
  return from === to
    ? node
    : emit(context, "cast", [node], { to: to === "float" ? "f32" : to }, origin);
}

/** Both operands with one dtype and shape; reports and gives undefined where they have none in common. */
export function aligned(
  context: Context,
  left: Given,
  right: Given,
  origin: Span,
):
  | { dtype: ElementType; shape: readonly Axis[]; a: ValueId | undefined; b: ValueId | undefined }
  | undefined {
  const [a, b] = [left.value, right.value];
  if (a.kind === "tensor" && b.kind === "tensor") {
    if (a.dtype !== b.dtype) {
      reportDtypes(context, left, a, right, b, origin);
      return undefined;
    }
    const shape = joined(context, a.shape, b.shape);
    if (shape === undefined) {
      reportBroadcast(context, left, a, right, b, origin);
      return undefined;
    }
    return {
      dtype: a.dtype,
      shape,
      a: spread(context, a, shape, origin),
      b: spread(context, b, shape, origin),
    };
  }
  if (
    a.kind === "tensor" &&
    b.kind === "number" &&
    numberFits(context, a, { ...right, value: b })
  ) {
    return {
      dtype: a.dtype,
      shape: a.shape,
      a: a.node,
      b: filled(context, b, a.dtype, a.shape, origin),
    };
  }
  if (b.kind === "tensor" && a.kind === "number" && numberFits(context, b, { ...left, value: a })) {
    return {
      dtype: b.dtype,
      shape: b.shape,
      a: filled(context, a, b.dtype, b.shape, origin),
      b: b.node,
    };
  }
  if (a.kind === "tensor" && b.kind === "bool" && a.dtype === "bool") {
    return { dtype: "bool", shape: a.shape, a: a.node, b: boolNode(context, b, a.shape, origin) };
  }
  if (b.kind === "tensor" && a.kind === "bool" && b.dtype === "bool") {
    return { dtype: "bool", shape: b.shape, a: boolNode(context, a, b.shape, origin), b: b.node };
  }
  const known = [a, b].some((value) => value.kind === "number" || value.kind === "error");
  if (!known) {
    context.report(
      error("type-mismatch", {
        at: origin,
        title: `${showType(a)} and ${showType(b)} do not go together`,
        notes: absentNotes(a, b),
      }),
    );
  }
  return undefined;
}

function tensors(
  context: Context,
  operator: BinaryOperator,
  left: Given,
  right: Given,
  origin: Span,
): Value {
  const pair = aligned(context, left, right, origin);
  if (pair === undefined) return errorValue;
  const op = isArithmetic(operator) ? arithmeticOps[operator] : comparisons[operator].op;
  const shown = showTensor(tensor(pair.dtype, pair.shape));
  if (!operationTakes(context, op, operator, pair.dtype, shown, origin)) return errorValue;
  if (isArithmetic(operator)) {
    const node = emit(context, op, [pair.a, pair.b], {}, origin);
    return tensor(pair.dtype, pair.shape, node);
  }
  const { swap } = comparisons[operator];
  const node = emit(context, op, swap ? [pair.b, pair.a] : [pair.a, pair.b], {}, origin);
  return tensor("bool", pair.shape, node);
}

function numbers(
  context: Context,
  operator: Arithmetic,
  left: Given<NumberValue>,
  right: Given<NumberValue>,
  origin: Span,
): Value {
  const unit = unitOf(operator, left.value.unit, right.value.unit);
  const isSize = left.value.size !== undefined && right.value.size !== undefined;
  if (isSize && (operator === "/" || operator === "%") && amountOf(right.value) === 0) {
    context.report(
      error("type-mismatch", {
        at: origin,
        title: "a size is not divided by 0",
        secondary: [{ span: right.expr.span, text: "0" }],
      }),
    );
    return errorValue;
  }
  if (unit !== undefined)
    return arithmetic(context, operator, left.value, right.value, unit, origin);
  reportUnits(context, operator, left, right, origin);
  return errorValue;
}

function compareNumbers(
  context: Context,
  operator: BinaryOperator,
  left: Given<NumberValue>,
  right: Given<NumberValue>,
  origin: Span,
): Value {
  const [a, b] = [left.value, right.value];
  if (a.unit !== b.unit && unitOf("-", a.unit, b.unit) === undefined) {
    reportUnits(context, operator, left, right, origin);
    return errorValue;
  }
  const [x, y] = [amountOf(a), amountOf(b)];
  if (x !== undefined && y !== undefined) return bool(holds(operator, x, y));
  if (a.node !== undefined || b.node !== undefined) {
    const { op, swap } = comparisons[operator];
    const nodes = [nodeOf(context, a, origin), nodeOf(context, b, origin)];
    return bool(undefined, emit(context, op, swap ? nodes.reverse() : nodes, {}, origin));
  }
  if (a.size !== undefined && b.size !== undefined && (operator === "==" || operator === "!=")) {
    const same = compareExact(a.size, b.size);
    if (same !== "cannot-tell") return bool((same === "equal") === (operator === "=="));
  }
  return bool(undefined);
}

function holds(operator: BinaryOperator, a: number, b: number): boolean {
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

function logical(
  context: Context,
  operator: "&&" | "||",
  left: Given,
  right: Given,
  origin: Span,
): Value {
  const [a, b] = [left.value, right.value];
  if (a.kind === "bool" && b.kind === "bool") {
    const decisive = operator === "||";
    if (a.value === decisive || b.value === decisive) return bool(decisive);
    if (a.value !== undefined && b.value !== undefined) return bool(!decisive);
    if (a.value !== undefined) return b;
    if (b.value !== undefined) return a;
    if (a.node === undefined || b.node === undefined) return bool(undefined);
    return bool(undefined, emit(context, comparisons[operator].op, [a.node, b.node], {}, origin));
  }
  const isLogical = (value: Value) =>
    value.kind === "bool" || (value.kind === "tensor" && value.dtype === "bool");
  if (isLogical(a) && isLogical(b)) return tensors(context, operator, left, right, origin);
  const wrong = isLogical(a) ? right : left;
  context.report(
    error("type-mismatch", {
      at: wrong.expr.span,
      title: `\`${operator}\` joins conditions, and this is ${showType(wrong.value)}`,
      notes: absentNotes(wrong.value),
    }),
  );
  return errorValue;
}

function sameness(
  context: Context,
  operator: "==" | "!=",
  left: Given,
  right: Given,
  origin: Span,
): Value {
  const [a, b] = [left.value, right.value];
  const pair = [contentOf(a), contentOf(b)];
  if (!areComparable(a, b)) {
    context.report(
      error("type-mismatch", {
        at: origin,
        title:
          a.kind === b.kind && a.kind !== "case"
            ? `two of the kind ${showType(a)} are not compared: \`${operator}\` is between numbers, text, bools and cases`
            : `${showType(a)} is never equal to ${showType(b)}`,
      }),
    );
    return errorValue;
  }
  // What is there is never none.
  const isOneNone = (a.kind === "none") !== (b.kind === "none");
  if (isOneNone && a.kind !== "optional" && b.kind !== "optional") return bool(operator === "!=");
  if (pair[0] === undefined || pair[1] === undefined) return bool(undefined);
  return bool((pair[0] === pair[1]) === (operator === "=="));
}

/** Values that are one or the other at a glance: records and lists are compared part by part, by their author. */
function areComparable(a: Value, b: Value): boolean {
  if (a.kind === "none" || b.kind === "none") return true;
  if (a.kind === "optional") return areComparable(a.of, b);
  if (b.kind === "optional") return areComparable(a, b.of);
  if (a.kind === "number" && b.kind === "number") return unitOf("-", a.unit, b.unit) !== undefined;
  if (a.kind === "case" && b.kind === "case") return a.item === b.item;
  return a.kind === b.kind && (a.kind === "bool" || a.kind === "string");
}

function contentOf(value: Value): string | undefined {
  switch (value.kind) {
    case "bool":
      return value.value === undefined ? undefined : String(value.value);
    case "string":
      return value.value;
    case "case":
      return value.name;
    case "none":
      return "none";
    default:
      return undefined;
  }
}

export function boolNode(
  context: Context,
  value: BoolValue,
  shape: readonly Axis[],
  origin: Span,
): ValueId | undefined {
  if (context.emit === undefined) return undefined;
  const scalar =
    value.node ??
    emit(
      context,
      "constant",
      [],
      { value: value.value === true ? 1 : 0, dtype: "bool", shape: [] },
      origin,
    );
  return emit(context, "broadcast", [scalar], { shape: numericShape(shape), axes: [] }, origin);
}

function isArithmetic(operator: BinaryOperator): operator is Arithmetic {
  return operator in arithmeticOps;
}

/** Whether a number may meet the elements of a tensor: floats take any plain number, integers whole ones. */
function numberFits(context: Context, value: TensorValue, number: Given<NumberValue>): boolean {
  const unit = number.value.unit;
  const fits =
    value.dtype === "i32" || value.dtype === "u32"
      ? unit === "int"
      : value.dtype !== "bool" && isPlain(unit);
  // A changing scalar of an optimizer may carry a unit no longer: `step` over `length` is plain.
  if (fits || (number.value.node !== undefined && isPlain(unit))) return true;
  context.report(
    error(isPlain(unit) ? "dtype-mismatch" : "unit-mismatch", {
      at: number.expr.span,
      title: `${showUnit(unit)} meets the elements of ${showTensor(value)}`,
    }),
  );
  return false;
}
