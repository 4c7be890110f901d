/** Numbers without axes: their units, their arithmetic, and the nodes of those that change by step. */

import type { ValueId } from "../ops/op.ts";
import type { OpName } from "../ops/table.ts";
import type { Span } from "../source/file.ts";
import * as size from "../tensor/size.ts";
import type { Context } from "./context.ts";
import { isWhole, type Unit } from "./unit.ts";
import type { NumberValue } from "./value.ts";

export function whole(of: size.Size, unit: Unit = "int"): NumberValue {
  return { kind: "number", unit, size: of, value: undefined, node: undefined };
}

export function real(value: number, unit: Unit = "float"): NumberValue {
  return { kind: "number", unit, size: undefined, value, node: undefined };
}

/** A number of which only the unit is known. */
export function unknown(unit: Unit): NumberValue {
  return { kind: "number", unit, size: undefined, value: undefined, node: undefined };
}

/** A number that the host or an earlier node computes while the program runs. */
export function changing(node: ValueId | undefined, unit: Unit = "float"): NumberValue {
  return { kind: "number", unit, size: undefined, value: undefined, node };
}

/** The number itself, if it is known and does not change. */
export function amountOf(value: NumberValue): number | undefined {
  return value.value ?? (value.size === undefined ? undefined : size.knownSize(value.size));
}

export function numberOf(amount: number, unit: Unit): NumberValue {
  return isWhole(unit) && Number.isInteger(amount)
    ? whole(size.constant(amount), unit)
    : real(amount, unit);
}

/** The number as a rank-0 f32 node. Call it only while lowering. */
export function nodeOf(context: Context, value: NumberValue, origin: Span): ValueId | undefined {
  if (value.node !== undefined) return value.node;
  const amount = amountOf(value);
  if (amount === undefined) return undefined;
  return context.emit?.apply("constant", [], { value: amount, dtype: "f32", shape: [] }, origin)[0];
}

export type Arithmetic = "+" | "-" | "*" | "/" | "%";

const operations: Readonly<Record<Arithmetic, OpName>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "remainder",
};

/** The result of an arithmetic operator; `unit` is what its units give. */
export function arithmetic(
  context: Context,
  operator: Arithmetic,
  a: NumberValue,
  b: NumberValue,
  unit: Unit,
  origin: Span,
): NumberValue {
  if (a.node !== undefined || b.node !== undefined) {
    const [left, right] = [nodeOf(context, a, origin), nodeOf(context, b, origin)];
    if (left === undefined || right === undefined || context.emit === undefined)
      return unknown(unit);
    return changing(context.emit.apply(operations[operator], [left, right], {}, origin)[0], unit);
  }
  if (a.size !== undefined && b.size !== undefined && (isWhole(unit) || operator !== "/")) {
    return whole(sizeArithmetic[operator](a.size, b.size), unit);
  }
  const [x, y] = [amountOf(a), amountOf(b)];
  return x === undefined || y === undefined
    ? unknown(unit)
    : numberOf(realArithmetic[operator](x, y), unit);
}

const sizeArithmetic: Readonly<Record<Arithmetic, (a: size.Size, b: size.Size) => size.Size>> = {
  "+": size.add,
  "-": size.subtract,
  "*": size.multiply,
  "/": size.divide,
  "%": size.remainder,
};

const realArithmetic: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

/**
 * What units the operator gives: equal units add, a plain number scales, equal units divide to a plain
 * number. Undefined where the units do not go together.
 */
export function unitOf(operator: Arithmetic, a: Unit, b: Unit): Unit | undefined {
  if (a === b) {
    if (operator === "+" || operator === "-" || operator === "%") return a;
    if (operator === "/") return a === "int" ? "int" : "float";
    return a === "int" || a === "float" ? a : a === "ratio" ? "float" : undefined;
  }
  const plain = (unit: Unit) => unit === "int" || unit === "float" || unit === "ratio";
  if (plain(a) && plain(b)) return "float";
  // Spans of a schedule are steps by the time that its body runs.
  const time = (unit: Unit) => unit === "span" || unit === "steps";
  if (time(a) && time(b))
    return operator === "/" ? "float" : operator === "*" ? undefined : "steps";
  if (operator === "*" && plain(a)) return b;
  if ((operator === "*" || operator === "/") && plain(b)) return a;
  return undefined;
}
