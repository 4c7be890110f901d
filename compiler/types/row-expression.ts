/** Expressions over one row, as plain data: what templates and transforms say of columns, for the runtime to work out. */

import type { RowExpression } from "../../runtime/data/plan.ts";
import { error } from "../diagnostics/diagnostic.ts";
import type { BinaryOperator, Expr, StringExpr } from "../syntax/ast.ts";
import { bareName } from "./cases.ts";
import type { Context } from "./context.ts";
import { amountOf } from "./number.ts";
import { find } from "./scope.ts";
import type { Scope, Value } from "./value.ts";

/** What names mean inside an expression over a row. Other names are constants, and stand in the scope. */
export interface RowNames {
  /** The name that a transform gives its row: `row.text` is the column `text`. */
  readonly row: string | undefined;
  /** Columns that are named as they are, as templates do. */
  readonly columns: ReadonlySet<string>;
  /** Variables of the `for`s around it. */
  readonly variables: ReadonlySet<string>;
}

/** The expression as data; undefined after a report. The expression has been evaluated before, so its types are right. */
export function rowExpression(
  context: Context,
  scope: Scope,
  names: RowNames,
  expr: Expr,
): RowExpression | undefined {
  const part = (one: Expr): RowExpression | undefined => rowExpression(context, scope, names, one);
  switch (expr.kind) {
    case "string":
      return joined(context, scope, names, expr);
    case "name":
    case "member":
      return placeOf(names, expr) ?? constantOf(context, scope, expr);
    case "binary": {
      const [left, right] = [part(expr.left), part(expr.right)];
      return left === undefined || right === undefined
        ? undefined
        : binaryOf(expr.operator, left, right);
    }
    case "unary": {
      const operand = part(expr.operand);
      if (operand === undefined) return undefined;
      if (expr.operator === "!") return { kind: "not", operand };
      return {
        kind: "arithmetic",
        operator: "-",
        left: { kind: "literal", value: 0 },
        right: operand,
      };
    }
    case "if": {
      const [condition, value, otherwise] = [
        part(expr.condition),
        part(expr.then),
        part(expr.otherwise),
      ];
      if (condition === undefined || value === undefined || otherwise === undefined)
        return undefined;
      return { kind: "select", condition, value, otherwise };
    }
    default:
      return constantOf(context, scope, expr);
  }
}

function joined(
  context: Context,
  scope: Scope,
  names: RowNames,
  expr: StringExpr,
): RowExpression | undefined {
  const parts: RowExpression[] = [];
  for (const part of expr.parts) {
    const one: RowExpression | undefined =
      part.kind === "text"
        ? { kind: "literal", value: part.text }
        : rowExpression(context, scope, names, part.value);
    if (one === undefined) return undefined;
    parts.push(one);
  }
  const [only] = parts;
  if (only === undefined) return { kind: "literal", value: "" };
  return parts.length === 1 && expr.parts[0].kind === "text" ? only : { kind: "join", parts };
}

/** `m.role`, `translation.en`, `row.text`: a place in the row, or undefined for anything else. */
function placeOf(names: RowNames, expr: Expr): RowExpression | undefined {
  const path: string[] = [];
  let at = expr;
  while (at.kind === "member") {
    path.unshift(at.name.text);
    at = at.object;
  }
  if (at.kind !== "name") return undefined;
  if (names.variables.has(at.text)) return { kind: "variable", name: at.text, path };
  if (names.columns.has(at.text)) return { kind: "column", path: [at.text, ...path] };
  return at.text === names.row && path.length > 0 ? { kind: "column", path } : undefined;
}

function binaryOf(
  operator: BinaryOperator,
  left: RowExpression,
  right: RowExpression,
): RowExpression {
  switch (operator) {
    case "&&":
      return { kind: "and", left, right };
    case "||":
      return { kind: "or", left, right };
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return { kind: "arithmetic", operator, left, right };
    default:
      return { kind: "compare", operator, left, right };
  }
}

/** A value that is the same for every row. */
function constantOf(context: Context, scope: Scope, expr: Expr): RowExpression | undefined {
  // The name of a case alone; whether there is one of that name was checked with the other side.
  const bare = bareName(scope, expr);
  if (bare !== undefined) return { kind: "literal", value: bare.text };
  const value =
    expr.kind === "name"
      ? (find(scope, expr.text) ?? context.evaluate(context, scope, expr))
      : context.evaluate(context, scope, expr);
  const literal = literalOf(value);
  if (literal !== undefined) return { kind: "literal", value: literal };
  if (value.kind !== "error") {
    context.report(
      error("not-that-kind", {
        at: expr.span,
        title: "this cannot be worked out row by row",
        notes: ["Of a row one can write text, compare, count and choose with `if`."],
      }),
    );
  }
  return undefined;
}

export function literalOf(value: Value): string | number | boolean | null | undefined {
  switch (value.kind) {
    case "number":
      return amountOf(value);
    case "string":
    case "bool":
      return value.value;
    case "case":
      return value.name;
    case "none":
      return null;
    default:
      return undefined;
  }
}
