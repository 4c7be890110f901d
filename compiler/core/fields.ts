/** Fields of a step: reading each with its unit, and refusing what a step does not have. */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { calledElsewhere, saidElsewhere } from "../diagnostics/other-names.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Binding, Expr, StepItem } from "../syntax/ast.ts";
import { assign, plainArguments } from "../types/arguments.ts";
import type { Context } from "../types/context.ts";
import { amountOf } from "../types/number.ts";
import { showType, showUnit } from "../types/show.ts";
import { isWhole, showQuantity, type Unit } from "../types/unit.ts";
import type { Scope, Value } from "../types/value.ts";
import { wrongUnit } from "../types/wrong-unit.ts";
import { plainString } from "./checkpoint.ts";
import { fieldCalls, hasField, stepFields } from "./step-fields.ts";

/** An amount with its unit, where it was written. */
export interface Quantity {
  readonly unit: Unit;
  readonly amount: number;
  readonly at: Span;
}

/** A field's value that is a word with arguments, which are not evaluated yet. */
export interface FieldCall {
  readonly word: string;
  readonly given: ReadonlyMap<string, Expr>;
  readonly span: Span;
}

export class Fields {
  readonly context: Context;
  readonly scope: Scope;
  readonly #step: StepItem;
  readonly #found = new Map<string, Binding>();
  /** Fields that were written under another name, and without what it takes to read them. */
  readonly #meant = new Set<string>();

  /** Reports fields that no step of this kind has and fields written twice. */
  constructor(context: Context, scope: Scope, step: StepItem) {
    this.context = context;
    this.scope = scope;
    this.#step = step;
    const written = new Set(step.fields.map(({ name }) => name.text));
    for (const binding of step.fields) {
      const name = binding.name.text;
      if (!hasField(step.kind, name)) this.#unknown(binding, written);
      else if (this.#found.has(name))
        context.report(
          error("defined-twice", { at: binding.name.span, title: `\`${name}\` is given twice` }),
        );
      else this.#found.set(name, binding);
    }
  }

  /** A field that is meant and not written is not missing, and its value is looked at as if it had its name. */
  #unknown(binding: Binding, written: ReadonlySet<string>): void {
    const known = stepFields[this.#step.kind];
    const { text } = binding.name;
    const meant = calledElsewhere(text, new Set(known)) ?? nearest(text, known);
    const instead = meant !== undefined && !written.has(meant) ? meant : undefined;
    const unit = instead === undefined ? undefined : unitElsewhere(instead, text);
    const bare = unit !== undefined && /^\d+(\.\d+)?$/.test(textOf(binding.value.span));
    this.context.report(unknownField(this.#step, binding, instead, bare ? unit : ""));
    if (instead === undefined) return;
    if (bare) this.#meant.add(instead);
    else this.#found.set(instead, binding);
  }

  expr(name: string): Expr | undefined {
    return this.#found.get(name)?.value;
  }

  /** The field's value, or undefined after a report if it must be there. */
  value(name: string, needed = true): { value: Value; at: Span } | undefined {
    const expr = this.expr(name);
    if (expr === undefined) {
      if (needed && !this.#meant.has(name))
        this.context.report(
          error("missing-field", {
            at: this.#step.name.span,
            title: `${stepOf(this.#step)} needs \`${name}\``,
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

  /** `every(50steps, on = held_out)`: one of the words of the field with its arguments by name. */
  call(name: keyof typeof fieldCalls): FieldCall | undefined {
    const expr = this.expr(name);
    if (expr === undefined) return undefined;
    const words = fieldCalls[name];
    const word = expr.kind === "call" && expr.callee.kind === "name" ? expr.callee.text : "";
    if (expr.kind === "call" && Object.hasOwn(words, word)) {
      const written = plainArguments(expr.arguments);
      return { word, given: assign(this.context, words[word], written, word), span: expr.span };
    }
    const known = Object.keys(words).map((one) => `${one}(…)`);
    this.context.report(
      error("not-that-kind", { at: expr.span, title: `\`${name}\` is ${known.join(" or ")}` }),
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
  const wanted = { what: `\`${name}\``, units };
  if (value.kind !== "number") {
    context.report(
      error("type-mismatch", {
        at,
        title: `${wanted.what} is ${units.map(showUnit).join(" or ")}, and this is ${showType(value)}`,
      }),
    );
    return undefined;
  }
  const amount = amountOf(value) ?? 0;
  const fits = units.includes(value.unit) || (value.unit === "int" && units.includes("float"));
  if (!fits) context.report(wrongUnit(value, at, wanted));
  else if (isWhole(value.unit) && !Number.isInteger(amount))
    context.report(outOfRange(wanted.what, "a whole number", value.unit, amount, at));
  // A seed may be any whole number; of everything else a step needs some.
  else if (amount <= 0 && !units.includes("int"))
    context.report(outOfRange(wanted.what, "more than 0", value.unit, amount, at));
  else return { unit: value.unit, amount, at };
  return undefined;
}

function outOfRange(what: string, wanted: string, unit: Unit, amount: number, at: Span) {
  const title = `${what} is ${wanted}, and this is ${showQuantity(unit, amount)}`;
  return error("requirement-broken", { at, title });
}

export function stringOf(expr: Expr | undefined): string | undefined {
  return expr?.kind === "string" ? plainString(expr) : undefined;
}

function unknownField(
  step: StepItem,
  { name, value }: Binding,
  instead: string | undefined,
  unit: string,
): Diagnostic {
  const known = stepFields[step.kind];
  const amount = textOf(value.span);
  const edits = [
    { span: name.span, text: instead ?? "" },
    ...(unit === "" ? [] : [{ span: value.span, text: amount + unit }]),
  ];
  const shown = unit === "" ? instead : `${instead} = ${amount}${unit}`;
  const saying = saidElsewhere(name.text);
  return error("no-such-field", {
    at: name.span,
    title: `${stepOf(step)} has no field \`${name.text}\``,
    notes: [`It has ${known.slice(0, -1).join(", ")} and ${known[known.length - 1]}.`],
    fixes: [
      ...(shown === undefined ? [] : [{ text: shown, edits }]),
      ...(shown !== undefined || saying === undefined ? [] : [{ text: saying }]),
    ],
  });
}

/** `a train step`. */
function stepOf({ kind }: StepItem): string {
  return `${kind === "train" ? "a" : "an"} ${kind} step`;
}

/** The unit that a number has elsewhere, where the name of the field says it. */
function unitElsewhere(field: string, name: string): string | undefined {
  if (field === "length") return name.includes("epoch") ? "epochs" : "steps";
  if (field === "batch" || field === "at_once") return "seq";
  return field === "limit" ? "tok" : undefined;
}
