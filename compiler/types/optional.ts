/**
 * Values that may be absent. One is read only where a condition has said that it is there: `if age == none { … } else
 * { … }` and `age != none && age > 3` narrow what `age` stands for in what they guard.
 */

import type { Expr } from "../syntax/ast.ts";
import { type Context, silenced } from "./context.ts";
import { inner } from "./scope.ts";
import { none, type Scope, type Value } from "./value.ts";

/** The same value, or none. */
export function optional(of: Value): Value {
  return of.kind === "error" || of.kind === "none" || of.kind === "optional"
    ? of
    : { kind: "optional", of };
}

/** Whether what it stands for may be absent, or is. */
export function isPerhapsNone(value: Value): boolean {
  return value.kind === "none" || value.kind === "optional";
}

/** What to do about values that may be absent, where something that is there was wanted. */
export function absentNotes(...values: readonly Value[]): readonly string[] {
  return values.some((value) => value.kind === "optional")
    ? ["The `?` says that it may be absent: ask first, `if … == none { … } else { … }`."]
    : [];
}

/** The scope where the condition holds, or where it does not: what it says to be there, or absent, is so. */
export function narrowed(context: Context, scope: Scope, condition: Expr, holds: boolean): Scope {
  if (condition.kind === "unary" && condition.operator === "!")
    return narrowed(context, scope, condition.operand, !holds);
  if (condition.kind !== "binary") return scope;
  const { operator, left, right } = condition;
  if ((operator === "&&" && holds) || (operator === "||" && !holds))
    return narrowed(context, narrowed(context, scope, left, holds), right, holds);
  if (operator !== "==" && operator !== "!=") return scope;
  const asked = right.kind === "none" ? left : left.kind === "none" ? right : undefined;
  const path = asked === undefined ? undefined : pathOf(asked);
  if (asked === undefined || path === undefined) return scope;
  const value = context.evaluate(silenced(context), scope, asked);
  if (value.kind !== "optional") return scope;
  const isThere = (operator === "!=") === holds;
  return inner(scope, new Map([[path, isThere ? value.of : none]]));
}

/** `age`, `author.age`: how a scope holds what a condition has said of a member. */
export function pathOf(expr: Expr): string | undefined {
  if (expr.kind === "name") return expr.text;
  if (expr.kind !== "member") return undefined;
  const object = pathOf(expr.object);
  return object === undefined ? undefined : `${object}.${expr.name.text}`;
}
