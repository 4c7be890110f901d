/** `require`: a fact where nothing is known yet, a check where the numbers are. */

import { error, type Label } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Expr, Require, StringExpr } from "../syntax/ast.ts";
import { knownSize } from "../tensor/size.ts";
import { type Context, withFact } from "./context.ts";
import { amountOf } from "./number.ts";
import { showType, showValue } from "./show.ts";
import type { Scope } from "./value.ts";

/** Where the numbers that broke a requirement were written, for its message. */
export interface Blame {
  readonly at: Span;
  readonly slug: "requirement-broken" | "adapter-requirement" | "warmup-too-long";
  readonly labels: readonly Label[];
}

/** The context with what the requirement states. Reports it where it is surely broken. */
export function requirement(
  context: Context,
  scope: Scope,
  require: Require,
  blame: Blame | undefined,
): Context {
  const value = context.evaluate(context, scope, require.condition);
  // A message is read only when it is needed; its faults must be found before.
  if (context.emit === undefined && require.message !== undefined)
    textIn(context, scope, require.message);
  if (value.kind === "error") return context;
  if (value.kind !== "bool") {
    context.report(
      error("type-mismatch", {
        at: require.condition.span,
        title: `a requirement is a condition, and this is ${showType(value)}`,
      }),
    );
    return context;
  }
  if (value.value === undefined) return fact(context, scope, require.condition);
  if (value.value) return context;
  const asked = { span: require.condition.span, text: "asked here" };
  context.report(
    error(blame?.slug ?? "requirement-broken", {
      at: blame?.at ?? require.condition.span,
      title:
        require.message === undefined
          ? `${textOf(require.condition.span)} does not hold`
          : textIn(context, scope, require.message),
      secondary: blame === undefined ? [] : [...blame.labels, asked],
      notes: sides(context, scope, require.condition),
    }),
  );
  return context;
}

/** A string with the values of the expressions in it. */
export function textIn(context: Context, scope: Scope, text: StringExpr): string {
  return text.parts
    .map((part) => (part.kind === "text" ? part.text : shown(context, scope, part.value)))
    .join("");
}

function shown(context: Context, scope: Scope, expr: Expr): string {
  const value = context.evaluate(context, scope, expr);
  return value.kind === "string" && value.value !== undefined ? value.value : showValue(value);
}

/** An equality of sizes is a fact about the rest of the body. */
function fact(context: Context, scope: Scope, condition: Expr): Context {
  if (condition.kind !== "binary" || condition.operator !== "==") return context;
  const left = context.evaluate(context, scope, condition.left);
  const right = context.evaluate(context, scope, condition.right);
  if (left.kind !== "number" || right.kind !== "number") return context;
  if (left.size === undefined || right.size === undefined) return context;
  return withFact(context, left.size, right.size);
}

/** `8 % 3 is 2`: what each side of a broken comparison is, where that is not what is written. */
function sides(context: Context, scope: Scope, condition: Expr): string[] {
  if (condition.kind !== "binary") return [];
  return [condition.left, condition.right].flatMap((side) => {
    const value = context.evaluate(context, scope, side);
    const known =
      value.kind === "number" &&
      (amountOf(value) ?? (value.size && knownSize(value.size))) !== undefined;
    const written = side.kind === "number" || side.kind === "quantity";
    return known && !written ? [`${withValues(context, scope, side)} is ${showValue(value)}.`] : [];
  });
}

/** An expression with numbers in place of names, one level deep. */
function withValues(context: Context, scope: Scope, expr: Expr): string {
  if (expr.kind !== "binary") return textOf(expr.span);
  const side = (one: Expr) => showValue(context.evaluate(context, scope, one));
  return `${side(expr.left)} ${expr.operator} ${side(expr.right)}`;
}
