/** Fields of a step: reading each with its unit, and refusing what a step does not have. */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Span } from "../source/file.ts";
import type { Binding, CallExpr, Expr, StepItem } from "../syntax/ast.ts";
import type { Context } from "../types/context.ts";
import { amountOf } from "../types/number.ts";
import { showType, showUnit } from "../types/show.ts";
import { isSpan, showQuantity, type Unit } from "../types/unit.ts";
import type { NumberValue, Scope, Value } from "../types/value.ts";
import { plainString } from "./checkpoint.ts";

/** An amount with its unit, where it was written. */
export interface Quantity {
  readonly unit: Unit;
  readonly amount: number;
  readonly at: Span;
}

export class Fields {
  readonly context: Context;
  readonly scope: Scope;
  readonly #step: StepItem;
  readonly #found = new Map<string, Binding>();

  /** Reports fields that `known` lacks and fields written twice. */
  constructor(context: Context, scope: Scope, step: StepItem, known: readonly string[]) {
    this.context = context;
    this.scope = scope;
    this.#step = step;
    for (const binding of step.fields) {
      const name = binding.name.text;
      if (!known.includes(name)) context.report(unknownField(step, binding, known));
      else if (this.#found.has(name))
        context.report(
          error("defined-twice", { at: binding.name.span, title: `\`${name}\` is given twice` }),
        );
      else this.#found.set(name, binding);
    }
  }

  expr(name: string): Expr | undefined {
    return this.#found.get(name)?.value;
  }

  /** The field's value, or undefined after a report if it must be there. */
  value(name: string, needed = true): { value: Value; at: Span } | undefined {
    const expr = this.expr(name);
    if (expr === undefined) {
      if (needed)
        this.context.report(
          error("missing-field", {
            at: this.#step.name.span,
            title: `a ${this.#step.kind} step needs \`${name}\``,
          }),
        );
      return undefined;
    }
    const value = this.context.evaluate(this.context, this.scope, expr);
    return value.kind === "error" ? undefined : { value, at: expr.span };
  }

  /** A number in one of the units. */
  quantity(name: string, units: readonly Unit[], needed: boolean): Quantity | undefined {
    const found = this.value(name, needed);
    return found === undefined
      ? undefined
      : quantityOf(this.context, name, found.value, found.at, units);
  }

  text(name: string, needed: boolean): string | undefined {
    const found = this.value(name, needed);
    if (found === undefined) return undefined;
    if (found.value.kind === "string") return found.value.value;
    this.context.report(
      error("type-mismatch", {
        at: found.at,
        title: `\`${name}\` is a string, and this is ${showType(found.value)}`,
      }),
    );
    return undefined;
  }

  /** `every(50steps, on = held_out)`: a call whose name is one of `names`. */
  call(name: string, names: readonly string[]): CallExpr | undefined {
    const expr = this.expr(name);
    if (expr === undefined) return undefined;
    if (expr.kind === "call" && expr.callee.kind === "name" && names.includes(expr.callee.text))
      return expr;
    this.context.report(
      error("not-that-kind", {
        at: expr.span,
        title: `\`${name}\` is ${names.map((one) => `${one}(…)`).join(" or ")}`,
      }),
    );
    return undefined;
  }
}

export function quantityOf(
  context: Context,
  name: string,
  value: Value,
  at: Span,
  units: readonly Unit[],
): Quantity | undefined {
  const asked =
    units.length > 2 && units.every(isSpan)
      ? "a span of the run"
      : units.map(showUnit).join(" or ");
  if (value.kind !== "number") {
    context.report(
      error("type-mismatch", {
        at,
        title: `\`${name}\` is ${asked}, and this is ${showType(value)}`,
      }),
    );
    return undefined;
  }
  const amount = amountOf(value) ?? 0;
  const fits = units.includes(value.unit) || (value.unit === "int" && units.includes("float"));
  if (fits) return { unit: value.unit, amount, at };
  context.report(wrongUnit(name, value, at, units, asked));
  return undefined;
}

function wrongUnit(
  name: string,
  value: NumberValue,
  at: Span,
  units: readonly Unit[],
  asked: string,
): Diagnostic {
  const amount = amountOf(value) ?? 0;
  const bare = value.unit === "int" || value.unit === "float";
  return error(bare ? "bare-number" : "unit-mismatch", {
    at,
    title: bare
      ? `${amount} of what? \`${name}\` is ${asked}`
      : `\`${name}\` is ${asked}, and this is ${showUnit(value.unit)}`,
    fixes: bare
      ? units.map((unit) =>
          replace(at, showQuantity(unit, unit === "ratio" && amount > 1 ? amount / 100 : amount)),
        )
      : [],
  });
}

/** An argument of a call by name or place. */
export function argumentOf(call: CallExpr, name: string, place: number): Expr | undefined {
  const named = call.arguments.find((argument) => argument.name?.text === name);
  if (named !== undefined) return named.value;
  const plain = call.arguments.filter((argument) => argument.name === undefined);
  return plain[place]?.value;
}

export function stringOf(expr: Expr | undefined): string | undefined {
  return expr?.kind === "string" ? plainString(expr) : undefined;
}

function unknownField(step: StepItem, binding: Binding, known: readonly string[]): Diagnostic {
  const near = nearest(binding.name.text, known);
  return error("no-such-field", {
    at: binding.name.span,
    title: `a ${step.kind} step has no field \`${binding.name.text}\``,
    notes: [`It has ${known.slice(0, -1).join(", ")} and ${known[known.length - 1]}.`],
    fixes: near === undefined ? [] : [replace(binding.name.span, near)],
  });
}
