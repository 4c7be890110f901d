/**
 * Types as written: what a value of one looks like before anything is known of it, and what is said of a type that
 * means nothing. fit.ts holds values against types.
 */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { lookup, type Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type {
  EnumItem,
  Expr,
  Extent,
  NamedType,
  RecordItem,
  SizeParam,
  Type,
} from "../syntax/ast.ts";
import { constant, knownSize, type Size, symbol } from "../tensor/size.ts";
import type { Context } from "./context.ts";
import { hasEnd } from "./definition-ends.ts";
import { unknown, whole } from "./number.ts";
import { optional } from "./optional.ts";
import { inner } from "./scope.ts";
import { article, showType } from "./show.ts";
import { isWhole, numberTypes } from "./unit.ts";
import {
  type Axis,
  axis,
  bool,
  type ElementType,
  errorValue,
  type Scope,
  tensor,
  type Value,
} from "./value.ts";
import { entryOf } from "./word-table.ts";

export const elementTypes: Readonly<Record<string, ElementType>> = {
  float: "float",
  f32: "f32",
  f16: "f16",
  int: "i32",
  bool: "bool",
};

/** Types of values that the language only hands on. */
export const opaqueTypes: readonly string[] = ["tokenizer", "template", "marked", "dataset"];

/** The sizes of a signature that arguments decide, by name; a run is several axes. */
export type Bindings = Map<string, readonly Axis[]>;

/** A value of the type, of which nothing else is known. Whole numbers become symbols called `name`. */
export function abstractOf(context: Context, scope: Scope, type: Type, name: string): Value {
  if (type.kind === "row-type") {
    reportRow(context, type);
    return errorValue;
  }
  if (type.optional)
    return optional(abstractOf(context, scope, { ...type, optional: false }, name));
  const element = tensorElement(type);
  if (type.extents !== undefined && element !== undefined) {
    const shape = shapeOf(context, scope, type.extents);
    return shape === undefined ? errorValue : tensor(element, shape);
  }
  const word = type.name.text;
  if (word === "list" || word === "seq") {
    const item = itemType(type);
    if (item === undefined) reportItem(context, type);
    const element = item && abstractOf(context, scope, item, `${name} item`);
    return item === undefined ? errorValue : { kind: "list", items: [], element };
  }
  if (type.extents !== undefined) {
    const known = typeItem(context, scope.module, type) !== undefined || isWithoutAxes(word);
    if (known) reportAxes(context, type);
    return errorValue;
  }
  const unit = entryOf(numberTypes, word);
  if (unit !== undefined) return isWhole(unit) ? whole(symbol(name), unit) : unknown(unit);
  switch (word) {
    case "bool":
      return bool(undefined);
    case "string":
      return { kind: "string", value: undefined };
    case "mean":
      return { kind: "mean", sum: undefined, count: undefined };
  }
  if (opaqueTypes.includes(word)) {
    return { kind: "opaque", type: word, members: new Map(), data: undefined, columns: undefined };
  }
  const item = typeItem(context, scope.module, type);
  if (item === undefined) return errorValue;
  if (item.kind === "enum") return { kind: "case", item, name: undefined };
  const fields = new Map<string, Value>();
  for (const field of item.fields) {
    const at = inner(scope, fields);
    fields.set(field.name.text, abstractOf(context, at, field.type, `${name}.${field.name.text}`));
  }
  return { kind: "record", item, fields };
}

/** The element type of a tensor's type, which is one with brackets. */
export function tensorElement(type: NamedType): ElementType | undefined {
  return type.extents === undefined ? undefined : entryOf(elementTypes, type.name.text);
}

/** `Message` of `list[Message]`, `list[int]` of `list[list[int]]`; undefined unless there is one. */
export function itemType(type: NamedType): NamedType | undefined {
  const [extent, more] = type.extents ?? [];
  return extent?.kind === "size" && more === undefined ? typeIn(extent.value) : undefined;
}

/** Brackets hold sizes, so a type in them was read as an expression. */
function typeIn(expr: Expr): NamedType | undefined {
  if (expr.kind === "name") {
    const { text, span } = expr;
    return { kind: "named-type", name: { text, span }, extents: undefined, optional: false, span };
  }
  if (expr.kind !== "index") return undefined;
  const outer = typeIn(expr.object);
  const extents = expr.indices.flatMap((one): Extent[] =>
    one.kind === "at" ? [{ kind: "size", value: one.value, span: one.span }] : [],
  );
  return outer === undefined || extents.length < expr.indices.length
    ? undefined
    : { ...outer, extents, span: expr.span };
}

/** The words that are types of the language. */
export const typeWords: readonly string[] = [
  ...Object.keys(numberTypes),
  ...Object.keys(elementTypes),
  ...opaqueTypes,
  "string",
  "mean",
  "list",
  "seq",
];

function isWithoutAxes(word: string): boolean {
  return typeWords.includes(word) && !Object.hasOwn(elementTypes, word);
}

/** The record or enum that a type's name means. */
export function typeItem(
  context: Context,
  module: Module,
  type: NamedType,
): RecordItem | EnumItem | undefined {
  const name = type.name.text;
  if (name === "" || isWithoutAxes(name)) return undefined;
  const found = lookup(module, name);
  if (found?.kind === "item" && (found.item.kind === "record" || found.item.kind === "enum")) {
    // A record of itself has no end, and is reported where it is defined.
    return hasEnd(found.module, found.item) ? found.item : undefined;
  }
  if (found?.kind === "item") {
    context.report(
      error("not-that-kind", {
        at: type.name.span,
        title: `\`${name}\` is ${article(found.item.kind)}, and a type is a record or an enum, or one of the language`,
      }),
    );
    return undefined;
  }
  if (Object.hasOwn(elementTypes, name)) {
    context.report(
      error("type-mismatch", {
        at: type.name.span,
        title: `\`${name}\` is the precision of a tensor, and this has no axes`,
        fixes: [replace(type.name.span, "float")],
      }),
    );
    return undefined;
  }
  const names = [...typeWords];
  for (const [own, item] of module.items)
    if (item.kind === "record" || item.kind === "enum") names.push(own);
  for (const [own, item] of module.imports) if (item.kind === "item") names.push(own);
  const near = nearest(name, names);
  context.report(
    error("no-such-name", {
      at: type.name.span,
      title: `there is no type \`${name}\``,
      fixes: near === undefined ? [] : [replace(type.name.span, near)],
    }),
  );
  return undefined;
}

function reportRow(context: Context, type: Type): void {
  context.report(
    error("type-mismatch", {
      at: type.span,
      title: "a row is what transforms and datasets are made of, and no type of a value",
      notes: ["What holds several values under names is a record."],
    }),
  );
}

function reportItem(context: Context, type: NamedType): void {
  const word = type.name.text;
  context.report(
    error("type-mismatch", {
      at: type.span,
      title: `a ${word} says what it holds: the name of one type stands in its brackets`,
      fixes: [{ text: word === "list" ? "list[string]" : "seq[int]" }],
    }),
  );
}

function reportAxes(context: Context, { name, span }: NamedType): void {
  context.report(
    error("type-mismatch", {
      at: span,
      title: `\`${name.text}\` has no axes`,
      notes: [
        `Tensors are of ${Object.keys(elementTypes).join(", ")}; several of anything else are a \`list\`.`,
      ],
      fixes: [replace(span, `list[${name.text}]`)],
    }),
  );
}

/** The axes that extents stand for; every name in them must be known. */
export function shapeOf(
  context: Context,
  scope: Scope,
  extents: readonly Extent[],
): readonly Axis[] | undefined {
  const shape: Axis[] = [];
  for (const extent of extents) {
    if (extent.kind === "run") {
      const name = extent.name?.text ?? "";
      const value = runOf(scope, name);
      if (value === undefined) {
        reportOpenRun(context, extent.span, name);
        return undefined;
      }
      shape.push(...value);
      continue;
    }
    const size = positiveSize(context, scope, extent.value);
    if (size === undefined) return undefined;
    shape.push(axis(size));
  }
  return hasOneRun(context, extents) ? shape : undefined;
}

/** With two runs in one type nothing would say which axes belong to which. */
function hasOneRun(context: Context, extents: readonly Extent[]): boolean {
  const [, second] = extents.filter((extent) => extent.kind === "run");
  if (second === undefined) return true;
  context.report(
    error("defined-twice", {
      at: second.span,
      title: "a tensor has one run of axes at most: nothing says where a second begins",
      fixes: [{ text: "give its axes names of their own" }],
    }),
  );
  return false;
}

/** A size that is not surely below 1. */
export function positiveSize(context: Context, scope: Scope, expr: Expr): Size | undefined {
  const size = sizeOf(context, scope, expr);
  const known = size === undefined ? undefined : knownSize(size);
  if (known === undefined || known >= 1) return size;
  context.report(
    error("type-mismatch", { at: expr.span, title: `a size is at least 1, and this is ${known}` }),
  );
  return undefined;
}

/** A size from an expression: a whole number, or an enum used as the number of its cases. */
export function sizeOf(context: Context, scope: Scope, expr: Expr): Size | undefined {
  const value = context.evaluate(context, scope, expr);
  if (value.kind === "number" && value.size !== undefined) return value.size;
  if (value.kind === "definition" && value.item.kind === "enum")
    return constant(value.item.cases.length);
  if (value.kind === "error") return undefined;
  const isUnknown = value.kind === "number" && value.unit === "int";
  context.report(
    isUnknown
      ? error("type-mismatch", {
          at: expr.span,
          title:
            "a size is made by + - * / % alone, so that sizes can be compared before any is known",
          fixes: [
            { text: "give it a name: a field of the config or a parameter, `size: dim = …`" },
          ],
        })
      : error("type-mismatch", {
          at: expr.span,
          title: `a size is a whole number, and this is ${showType(value)}`,
        }),
  );
  return undefined;
}

/** A run of axes lives in the scope as a list of sizes under `..name`. */
export function runOf(scope: Scope, name: string): readonly Axis[] | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const value = at.names.get(`..${name}`);
    if (value?.kind === "tensor") return value.shape;
  }
  return undefined;
}

/** The names that arguments decide: runs by `..name`. */
export function openSizes(sizes: readonly SizeParam[]): ReadonlySet<string> {
  return new Set(sizes.map(({ name, run }) => (run ? `..${name.text}` : name.text)));
}

/** How a scope holds a size parameter: a number, or for a run a tensor type with its axes. */
export function sizeEntry(name: string, run: boolean, axes: readonly Axis[]): [string, Value] {
  if (run) return [`..${name}`, tensor("float", axes)];
  const [only] = axes;
  return [name, only !== undefined && only.kind === "axis" ? whole(only.size) : errorValue];
}

/** The scope with what arguments have decided so far. */
export function withBindings(scope: Scope, bindings: Bindings, open: ReadonlySet<string>): Scope {
  const names = new Map<string, Value>();
  for (const [name, axes] of bindings) {
    const run = name.startsWith("..");
    const [key, value] = sizeEntry(run ? name.slice(2) : name, run, axes);
    names.set(key, value);
  }
  // A size that no argument has decided yet must not be looked for further out.
  for (const name of open)
    if (!names.has(name) && !name.startsWith("..")) names.set(name, errorValue);
  return inner(scope, names);
}

function reportOpenRun(context: Context, at: Span, name: string): void {
  context.report(
    error("no-such-name", {
      at,
      title: `no run of axes here is called \`..${name}\``,
      notes: ["A run is one of the sizes of the function or block: `forward[..S](…)`."],
    }),
  );
}
