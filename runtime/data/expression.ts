/** Evaluates the expressions of templates and row transforms over one row. Pure; throws RowFault only. */

import { planFault } from "../errors.ts";
import { isObject } from "../json.ts";
import type { RowExpression } from "./plan.ts";
import type { Value, Values } from "./row.ts";

/** A row lacks what an expression asks for. The stage at hand counts it. */
export class RowFault extends Error {
  override readonly name = "RowFault";
}

/** The row, and the variables of the loops around the expression. */
export interface Scope {
  readonly columns: Values;
  readonly variables: Readonly<Record<string, Value>>;
}

export function evaluated(expression: RowExpression, scope: Scope): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "column":
      return member(scope.columns, expression.path, "");
    case "variable":
      return member(scope.variables, [expression.name, ...expression.path], "");
    case "join":
      return expression.parts.map((part) => textOf(part, scope)).join("");
    case "compare":
      return compared(
        expression.operator,
        evaluated(expression.left, scope),
        evaluated(expression.right, scope),
      );
    case "arithmetic": {
      const left = evaluated(expression.left, scope);
      const right = evaluated(expression.right, scope);
      if (expression.operator === "+" && typeof left === "string" && typeof right === "string") {
        return left + right;
      }
      return computed(expression.operator, numberOf(left), numberOf(right));
    }
    case "and":
      return truthOf(expression.left, scope) && truthOf(expression.right, scope);
    case "or":
      return truthOf(expression.left, scope) || truthOf(expression.right, scope);
    case "not":
      return !truthOf(expression.operand, scope);
    case "select":
      return truthOf(expression.condition, scope)
        ? evaluated(expression.value, scope)
        : evaluated(expression.otherwise, scope);
    default:
      return expression satisfies never;
  }
}

/** The value as a template writes it. Numbers are written in decimal, the shortest that reads back. */
export function textOf(expression: RowExpression, scope: Scope): string {
  const value = evaluated(expression, scope);
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === null)
    throw new RowFault(`${nameOf(expression)} is null in this row, so there is nothing to write`);
  throw new RowFault(
    `${nameOf(expression)} is ${kindOf(value)} in this row, and only text, numbers and bools can be written`,
  );
}

export function truthOf(expression: RowExpression, scope: Scope): boolean {
  const value = evaluated(expression, scope);
  if (typeof value === "boolean") return value;
  throw new RowFault(
    `${nameOf(expression)} is ${kindOf(value)} in this row, where a condition must be a bool`,
  );
}

/** The list that a `for` goes over. */
export function listOf(expression: RowExpression, scope: Scope): readonly Value[] {
  const value = evaluated(expression, scope);
  if (isList(value)) return value;
  throw new RowFault(
    `${nameOf(expression)} is ${kindOf(value)} in this row, and a \`for\` needs a list`,
  );
}

function member(values: Values, path: readonly string[], before: string): Value {
  const [name, ...rest] = path;
  if (!Object.hasOwn(values, name)) throw new RowFault(`this row has no \`${before}${name}\``);
  const value = values[name];
  if (rest.length === 0) return value;
  if (!isRecord(value))
    throw new RowFault(
      `\`${before}${name}\` is ${kindOf(value)} in this row and has no \`${rest[0]}\``,
    );
  return member(value, rest, `${before}${name}.`);
}

function compared(
  operator: Extract<RowExpression, { kind: "compare" }>["operator"],
  left: Value,
  right: Value,
): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  const difference = numberOf(left) - numberOf(right);
  switch (operator) {
    case "<":
      return difference < 0;
    case "<=":
      return difference <= 0;
    case ">":
      return difference > 0;
    case ">=":
      return difference >= 0;
    default:
      return operator satisfies never;
  }
}

function computed(operator: "+" | "-" | "*" | "/" | "%", left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    default:
      return operator satisfies never;
  }
}

function numberOf(value: Value): number {
  if (typeof value === "number") return value;
  throw new RowFault(`${kindOf(value)} stands where a number is needed`);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isRecord(value: Value): value is Values {
  return isObject(value);
}

function kindOf(value: Value): string {
  if (value === null) return "null";
  if (isList(value)) return "a list";
  if (typeof value === "object") return "a record";
  return typeof value === "boolean" ? "a bool" : `a ${typeof value}`;
}

function nameOf(expression: RowExpression): string {
  if (expression.kind === "column") return `\`${expression.path.join(".")}\``;
  if (expression.kind === "variable")
    return `\`${[expression.name, ...expression.path].join(".")}\``;
  if (expression.kind === "literal")
    return planFault("a literal of the template has the wrong type");
  return "what the template computes";
}
