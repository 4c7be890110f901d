/** `require`: a fact where nothing is known yet, a check where the numbers are. */

import { error, type Fix, type Label, replace } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Expr, Require, StringExpr } from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";
import { knownSize } from "../tensor/size.ts";
import { type Context, withFact } from "./context.ts";
import { amountOf } from "./number.ts";
import { narrowed } from "./optional.ts";
import { showType, showValue } from "./show.ts";
import { writeQuantity } from "./unit.ts";
import type { Scope } from "./value.ts";

/** Where the numbers that broke a requirement were written, for its message. */
export interface Blame {
  /** Where none of `written` is to blame. */
  readonly at: Span;
  readonly slug: "requirement-broken" | "adapter-requirement" | "warmup-too-long";
  readonly labels: readonly Label[];
  /** Arguments as they were written, by name: those that the requirement speaks of are shown. */
  readonly written?: ReadonlyMap<string, Expr>;
  /** What else would help. */
  readonly fixes?: readonly Fix[];
}

/** What stands below a requirement is evaluated in. */
export interface Below {
  /** With what the requirement states of sizes. */
  readonly context: Context;
  /** With what it says to be there, of values that may be absent. */
  readonly scope: Scope;
}

/** A requirement in a list of statements, and what is known after it. */
export function passed(
  context: Context,
  scope: Scope,
  require: Require,
  blame: Blame | undefined,
): Below {
  const within = requirement(context, scope, require, blame);
  return { context: within, scope: narrowed(within, scope, require.condition, true) };
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
  report(context, scope, require, blame);
  return context;
}

function report(
  context: Context,
  scope: Scope,
  { condition, message }: Require,
  blame: Blame | undefined,
): void {
  const [last, ...others] = blamed(condition, blame?.written ?? new Map());
  const labels = [
    ...(blame?.labels ?? []),
    ...others.slice(0, 2).map(({ span }) => ({ span, text: "" })),
    { span: condition.span, text: "asked here" },
  ];
  context.report(
    error(blame?.slug ?? "requirement-broken", {
      at: last?.span ?? blame?.at ?? condition.span,
      title:
        message === undefined
          ? `${textOf(condition.span)} does not hold`
          : textIn(context, scope, message),
      secondary: blame === undefined ? [] : labels,
      notes: [...sides(context, scope, condition), ...divisors(context, scope, condition)],
      fixes: [...atTheBound(context, scope, condition, last), ...(blame?.fixes ?? [])],
    }),
  );
}

/** The written arguments that a condition is about, the last one first. */
function blamed(condition: Expr, written: ReadonlyMap<string, Expr>): readonly Expr[] {
  const named = expressionsIn(condition).flatMap((one) =>
    one.kind === "name" ? (written.get(one.text) ?? []) : [],
  );
  return [...new Set(named)].sort((a, b) => b.span.start - a.span.start);
}

/** `rank <= min(I, O)` holds where the argument is the bound itself. */
function atTheBound(
  context: Context,
  scope: Scope,
  condition: Expr,
  argument: Expr | undefined,
): Fix[] {
  if (argument === undefined || condition.kind !== "binary") return [];
  const { operator, left, right } = condition;
  if ((operator !== "<=" && operator !== ">=") || left.kind !== "name") return [];
  const [value, bound] = [left, right].map((side) => context.evaluate(context, scope, side));
  const amount = bound.kind === "number" ? amountOf(bound) : undefined;
  return value.kind === "number" && amount !== undefined
    ? [replace(argument.span, writeQuantity(value.unit, amount))]
    : [];
}

/** Of `a % b == 0`: what else `b` can be, where `a` has few enough divisors to read. */
function divisors(context: Context, scope: Scope, condition: Expr): string[] {
  if (condition.kind !== "binary" || condition.operator !== "==") return [];
  const { left } = condition;
  if (left.kind !== "binary" || left.operator !== "%" || left.right.kind !== "name") return [];
  const whole = context.evaluate(context, scope, left.left);
  const amount = whole.kind === "number" ? amountOf(whole) : undefined;
  if (amount === undefined || amount > mostDivided) return [];
  const all = Array.from({ length: amount }, (_, at) => at + 1).filter((one) => amount % one === 0);
  const last = all.pop();
  return all.length === 0 || all.length >= mostDivisors
    ? []
    : [`\`${left.right.text}\` can be ${all.join(", ")} or ${last}.`];
}

const mostDivided = 4096;
const mostDivisors = 10;

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

/** An equality of sizes is a fact about the rest of the body, and so is each of several that are joined by `&&`. */
function fact(context: Context, scope: Scope, condition: Expr): Context {
  if (condition.kind !== "binary") return context;
  if (condition.operator === "&&")
    return fact(fact(context, scope, condition.left), scope, condition.right);
  if (condition.operator !== "==") return context;
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
