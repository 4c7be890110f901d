/**
 * The inside of a definition as the checker sees it: sizes are symbols of their own names, parameters are
 * values of which only the type is known, and what their records require is taken as given.
 */

import { error } from "../diagnostics/diagnostic.ts";
import type { Body, Field, Name, RecordItem, SizeParam, Type } from "../syntax/ast.ts";
import { symbol } from "../tensor/size.ts";
import { abstractOf, sizeEntry, tensorElement } from "./annotation.ts";
import { defaultOf, evaluateArgument, fillsElements } from "./arguments.ts";
import { type Context, silenced } from "./context.ts";
import { fitted } from "./fit.ts";
import { evaluateBody } from "./instance.ts";
import { passed, requirement } from "./require.ts";
import { inner } from "./scope.ts";
import { axis, type RecordValue, type Scope, type Value } from "./value.ts";

/** What a body is evaluated in. */
export interface Inside {
  readonly context: Context;
  readonly scope: Scope;
}

/** The scope with sizes as symbols and parameters as unknown values. Types and defaults are checked on the way. */
export function insideOf(
  context: Context,
  outer: Scope,
  sizes: readonly SizeParam[],
  params: readonly Field[],
): Inside {
  reportTwice(
    context,
    [...sizes, ...params].map((one) => one.name),
  );
  const names = new Map<string, Value>();
  for (const size of sizes) {
    const axes = size.run
      ? [{ kind: "run" as const, key: size.name.text }]
      : [axis(symbol(size.name.text))];
    names.set(...sizeEntry(size.name.text, size.run, axes));
  }
  // A parameter that has a size's name was reported; inside, the name is the size.
  const own = params.filter((param) => !names.has(param.name.text));
  return withFields({ context, scope: inner(outer, names) }, own);
}

/** The fields one after the other, so that a later one's default may read an earlier one. */
export function withFields({ context, scope }: Inside, fields: readonly Field[]): Inside {
  const names = new Map<string, Value>();
  const own = inner(scope, names);
  let within = context;
  for (const field of fields) {
    if (field.value !== undefined) checkDefault(within, own, field, field.value);
    const value = isGiven(within, field)
      ? defaultOf(silenced(within), own, field)
      : abstractOf(within, own, field.type, field.name.text);
    if (field.name.text !== "") names.set(field.name.text, value);
    if (value.kind === "record") within = assumed(within, own, value);
  }
  return { context: within, scope: own };
}

function isGiven({ takesDefaults }: Context, { value }: Field): boolean {
  return takesDefaults === true && value !== undefined;
}

function checkDefault(context: Context, scope: Scope, field: Field, written: Field["value"]): void {
  if (written === undefined) return;
  const value = evaluateArgument(context, scope, written, field.type, scope.module);
  // `learn: bool[B, T] = true` stands for a tensor of that value.
  const element = field.type.kind === "named-type" ? tensorElement(field.type) : undefined;
  if (element !== undefined && (value.kind === "bool" || value.kind === "number")) {
    fillsElements(context, value, element, field.name.text, written.span);
    return;
  }
  const ask = { what: `the default of \`${field.name.text}\``, declared: field.type.span };
  fitted(context, scope, value, field.type, written, ask);
}

/** What a record requires of its fields holds of every value of it. */
function assumed(context: Context, scope: Scope, record: RecordValue): Context {
  const silent = silenced(context);
  const within = inner(scope, record.fields);
  const known = record.item.requires.reduce<Context>(
    (known, require) => requirement(known, within, require, undefined),
    silent,
  );
  return { ...context, facts: known.facts };
}

/** The body's result, held against the type that the signature promises. */
export function checkBody(inside: Inside, body: Body, result: Type, what: string): void {
  const { context, scope } = inside;
  reportTwice(context, letsOf(body));
  if (result.kind === "row-type") abstractOf(context, scope, result, "");
  const ask = { what: `the result of ${what}`, declared: result.span };
  evaluateBody(context, scope, body, undefined, (within, value) =>
    fitted(within, scope, value, result, body.result, ask),
  );
}

export function letsOf(body: Body): readonly Name[] {
  return body.statements.flatMap((one) => (one.kind === "let" ? [one.name] : []));
}

/** A size that no parameter has for an axis would be known to no call. */
export function reportOpenSizes(
  context: Context,
  sizes: readonly SizeParam[],
  params: readonly Field[],
): void {
  const decided = new Set<string>();
  for (const { type } of params) {
    if (type.kind !== "named-type") continue;
    for (const extent of type.extents ?? []) {
      if (extent.kind === "run") decided.add(`..${extent.name?.text ?? ""}`);
      else if (extent.value.kind === "name") decided.add(extent.value.text);
    }
  }
  for (const { name, run, span } of sizes) {
    if (name.text === "" || decided.has(run ? `..${name.text}` : name.text)) continue;
    context.report(
      error("axis-unknown-size", {
        at: span,
        title: `no parameter says how large \`${name.text}\` is`,
        notes: [
          "A size is found from the axes of what is given; an axis of some parameter is this size alone.",
        ],
      }),
    );
  }
}

/** One name, one thing: a second use in the same list is reported. */
export function reportTwice(context: Context, names: readonly Name[]): void {
  const first = new Map<string, Name>();
  for (const name of names) {
    const known = first.get(name.text);
    if (known === undefined) first.set(name.text, name);
    else if (name.text !== "") {
      context.report(
        error("defined-twice", {
          at: name.span,
          title: `\`${name.text}\` is there twice`,
          secondary: [{ span: known.span, text: "the first one" }],
          fixes: [{ text: "give one of them another name" }],
        }),
      );
    }
  }
}

/** Names that mean something of themselves where the author's stand: `step` in a schedule. `where` has them. */
export function reportTaken(
  context: Context,
  names: readonly Name[],
  taken: ReadonlyMap<string, string>,
  where: string,
): void {
  for (const { text, span } of names) {
    const meaning = taken.get(text);
    if (meaning === undefined) continue;
    context.report(
      error("defined-twice", {
        at: span,
        title: `\`${text}\` is ${meaning} in every ${where}`,
        fixes: [{ text: "give it another name" }],
      }),
    );
  }
}

/** The record's own scope: each field unknown, then its requirements. */
export function checkRecord(context: Context, scope: Scope, item: RecordItem): void {
  reportTwice(
    context,
    item.fields.map((field) => field.name),
  );
  item.requires.reduce<Inside>(
    (inside, require) => passed(inside.context, inside.scope, require, undefined),
    withFields({ context, scope }, item.fields),
  );
}
