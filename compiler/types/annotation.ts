/**
 * Types as written: what a value of one looks like before anything is known of it (`abstractOf`), and whether
 * a given value fits one (`fit`), which also finds the sizes that a signature leaves open.
 */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { lookup, type Module } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type {
  EnumItem,
  Expr,
  Extent,
  NamedType,
  RecordItem,
  SizeParam,
  Type,
} from "../syntax/ast.ts";
import { constant, knownSize, type Size, show, symbol } from "../tensor/size.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { reachesCycle } from "./definition-cycles.ts";
import { amountOf, real, unknown, whole } from "./number.ts";
import { requireFix } from "./require-fix.ts";
import { inner } from "./scope.ts";
import { showTensor, showType, showUnit } from "./show.ts";
import { isSpan, isWhole, numberTypes, type Unit } from "./unit.ts";
import {
  type Axis,
  axis,
  bool,
  type ElementType,
  errorValue,
  type ListValue,
  type NumberValue,
  type Scope,
  type TensorValue,
  tensor,
  type Value,
} from "./value.ts";
import { wrongUnit } from "./wrong-unit.ts";

const elementTypes: Readonly<Record<string, ElementType>> = {
  float: "float",
  f32: "f32",
  f16: "f16",
  int: "i32",
  bool: "bool",
};

/** Types of values that the language only hands on. */
const opaqueTypes: readonly string[] = ["tokenizer", "template", "marked", "dataset"];

/** The sizes of a signature that arguments decide, by name; a run is several axes. */
export type Bindings = Map<string, readonly Axis[]>;

/** A value of the type, of which nothing else is known. Whole numbers become symbols called `name`. */
export function abstractOf(context: Context, scope: Scope, type: Type, name: string): Value {
  if (type.kind === "row-type")
    return { kind: "opaque", type: "row", members: new Map(), data: undefined, columns: undefined };
  const element = elementTypes[type.name.text];
  if (type.extents !== undefined && element !== undefined) {
    const shape = shapeOf(context, scope, type.extents);
    return shape === undefined ? errorValue : tensor(element, shape);
  }
  const unit = numberTypes[type.name.text];
  if (unit !== undefined) return isWhole(unit) ? whole(symbol(name), unit) : unknown(unit);
  switch (type.name.text) {
    case "bool":
      return bool(undefined);
    case "string":
      return { kind: "string", value: undefined };
    case "mean":
      return { kind: "mean", sum: undefined, count: undefined };
    case "list":
    case "seq": {
      const item = itemType(type);
      return {
        kind: "list",
        items: [],
        element: item && abstractOf(context, scope, item, `${name} item`),
      };
    }
  }
  if (opaqueTypes.includes(type.name.text)) {
    return {
      kind: "opaque",
      type: type.name.text,
      members: new Map(),
      data: undefined,
      columns: undefined,
    };
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
  return type.extents === undefined ? undefined : elementTypes[type.name.text];
}

/** `Message` of `list[Message]`. */
export function itemType(type: NamedType): NamedType | undefined {
  const [extent] = type.extents ?? [];
  if (extent?.kind !== "size" || extent.value.kind !== "name") return undefined;
  const { text, span } = extent.value;
  return { kind: "named-type", name: { text, span }, extents: undefined, optional: false, span };
}

/** The record or enum that a type's name means. */
export function typeItem(
  context: Context,
  module: Module,
  type: NamedType,
): RecordItem | EnumItem | undefined {
  const name = type.name.text;
  const found = lookup(module, name);
  if (found?.kind === "item" && (found.item.kind === "record" || found.item.kind === "enum")) {
    // A record of itself has no end, and is reported where it is defined.
    return reachesCycle(found.module, found.item) ? undefined : found.item;
  }
  if (name === "") return undefined;
  const names = [
    ...Object.keys(numberTypes),
    ...Object.keys(elementTypes),
    ...opaqueTypes,
    "string",
    "mean",
    "list",
    "seq",
  ];
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
    const size = sizeOf(context, scope, extent.value);
    if (size === undefined) return undefined;
    shape.push(axis(size));
  }
  return shape;
}

/** A size from an expression: a whole number, or an enum used as the number of its cases. */
export function sizeOf(context: Context, scope: Scope, expr: Expr): Size | undefined {
  const value = context.evaluate(context, scope, expr);
  if (value.kind === "number" && value.size !== undefined) return value.size;
  if (value.kind === "definition" && value.item.kind === "enum")
    return constant(value.item.cases.length);
  if (value.kind !== "error") {
    context.report(
      error("type-mismatch", {
        at: expr.span,
        title: `a size is a whole number, and this is ${showType(value)}`,
      }),
    );
  }
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

/** What is asked of a value, for messages: `zephyr's \`x\``. */
export interface Ask {
  readonly what: string;
  /** Where the type was written. */
  readonly declared: Span;
}

/**
 * The value as the type wants it, or `error` after a report. Sizes named in `open` and not yet in `bindings`
 * are bound by what they meet.
 */
export function fitted(
  context: Context,
  scope: Scope,
  value: Value,
  type: Type,
  at: Expr,
  ask: Ask,
  open: ReadonlySet<string> = new Set(),
  bindings: Bindings = new Map(),
): Value {
  if (value.kind === "error") return value;
  if (type.optional && value.kind === "none") return value;
  if (type.kind === "row-type") return value;
  const element = elementTypes[type.name.text];
  if (type.extents !== undefined && element !== undefined) {
    if (
      value.kind !== "tensor" &&
      type.extents.length > 0 &&
      type.extents.every((extent) => extent.kind === "run")
    ) {
      // A number is a tensor without axes where a run of axes may be empty.
      if (value.kind === "number") bindRun(type.extents, [], bindings);
      if (value.kind === "number") return value;
    }
    return fitTensor(context, scope, value, type, element, at, ask, open, bindings);
  }
  const unit = numberTypes[type.name.text];
  if (unit !== undefined) return fitNumber(context, value, unit, type, at, ask);
  const name = type.name.text;
  if ((name === "list" || name === "seq") && value.kind === "list")
    return fitList(context, scope, value, type, at, ask);
  if (value.kind === name) return value;
  if (value.kind === "opaque" && value.type === name) return value;
  if (
    name === "template" &&
    (value.kind === "closure" || value.kind === "definition") &&
    value.item.kind === "template"
  ) {
    return value.kind === "closure"
      ? value
      : {
          kind: "closure",
          item: value.item,
          module: value.module,
          arguments: new Map(),
          written: new Map(),
        };
  }
  if (name === "bool" && value.kind === "bool") return value;
  const known =
    opaqueTypes.includes(name) || ["bool", "string", "mean", "list", "seq"].includes(name);
  const item = known ? undefined : typeItem(context, scope.module, type);
  if (!known && item === undefined) return errorValue;
  if (
    item !== undefined &&
    (value.kind === "record" || value.kind === "case") &&
    value.item === item
  )
    return value;
  context.report(
    error("type-mismatch", {
      at: at.span,
      title: `${ask.what} is ${article(name)} and this is ${showType(value)}`,
      secondary: [{ span: ask.declared, text: "asked here" }],
    }),
  );
  return errorValue;
}

/** Each item fitted to the type of one; a list of no type takes anything. */
function fitList(
  context: Context,
  scope: Scope,
  list: ListValue,
  type: NamedType,
  at: Expr,
  ask: Ask,
): Value {
  const item = itemType(type);
  if (item === undefined) return list;
  const items = list.items.map((one, place) => {
    const written = at.kind === "list" ? (at.items[place] ?? at) : at;
    return fitted(context, scope, one, item, written, { ...ask, what: `each of ${ask.what}` });
  });
  return items.some((one) => one.kind === "error") ? errorValue : { ...list, items };
}

function fitTensor(
  context: Context,
  scope: Scope,
  value: Value,
  type: NamedType,
  element: ElementType,
  at: Expr,
  ask: Ask,
  open: ReadonlySet<string>,
  bindings: Bindings,
): Value {
  const extents = type.extents ?? [];
  if (value.kind !== "tensor") {
    context.report(
      error("type-mismatch", {
        at: at.span,
        title: `${ask.what} is a tensor and this is ${showType(value)}`,
        secondary: [{ span: ask.declared, text: "asked here" }],
      }),
    );
    return errorValue;
  }
  if (!sameElement(value.dtype, element, context)) {
    const whole = value.dtype === "i32" && element !== "bool";
    context.report(
      error(whole ? "int-for-float" : "dtype-mismatch", {
        at: at.span,
        title: `${ask.what} has ${element === "i32" ? "int" : element} elements and this is ${showTensor(value)}`,
        secondary: [{ span: ask.declared, text: "asked here" }],
        notes: ["Nothing is converted unasked."],
        fixes: whole ? [replace(at.span, `f32(${textOf(at.span)})`)] : [],
      }),
    );
    return errorValue;
  }
  return fitShape(context, scope, value, extents, at, ask, open, bindings) ? value : errorValue;
}

/** `float` is the run's precision; while lowering that is a dtype like any other. */
function sameElement(actual: ElementType, wanted: ElementType, context: Context): boolean {
  if (actual === wanted) return true;
  const floats: readonly ElementType[] = ["float", "f32", "f16"];
  return context.emit !== undefined && floats.includes(actual) && floats.includes(wanted);
}

function fitShape(
  context: Context,
  scope: Scope,
  value: TensorValue,
  extents: readonly Extent[],
  at: Expr,
  ask: Ask,
  open: ReadonlySet<string>,
  bindings: Bindings,
): boolean {
  const runAt = extents.findIndex((extent) => extent.kind === "run");
  const fixed = runAt < 0 ? extents.length : extents.length - 1;
  const enough = runAt < 0 ? value.shape.length === fixed : value.shape.length >= fixed;
  if (!enough) {
    reportRank(context, value, extents, at, ask);
    return false;
  }
  let place = 0;
  for (const extent of extents) {
    if (extent.kind === "run") {
      const count = value.shape.length - fixed;
      if (
        !bindOrCompareRun(
          context,
          scope,
          extent,
          value.shape.slice(place, place + count),
          open,
          bindings,
        )
      ) {
        reportRank(context, value, extents, at, ask);
        return false;
      }
      place += count;
      continue;
    }
    const actual = value.shape[place++];
    const name = extent.value.kind === "name" ? extent.value.text : undefined;
    if (name !== undefined && open.has(name) && !bindings.has(name)) {
      if (actual.kind === "run") {
        reportRank(context, value, extents, at, ask);
        return false;
      }
      bindings.set(name, [actual]);
      continue;
    }
    const wanted = sizeOf(context, withBindings(scope, bindings, open), extent.value);
    if (wanted === undefined) return false;
    const same = sameAxis(context, actual, axis(wanted));
    if (same !== "equal") {
      reportSize(context, value, actual, wanted, extent, same === "cannot-tell", at, ask);
      return false;
    }
  }
  return true;
}

function bindRun(extents: readonly Extent[], axes: readonly Axis[], bindings: Bindings): void {
  for (const extent of extents) {
    if (extent.kind === "run") bindings.set(`..${extent.name?.text ?? ""}`, axes);
  }
}

function bindOrCompareRun(
  context: Context,
  scope: Scope,
  extent: Extract<Extent, { kind: "run" }>,
  axes: readonly Axis[],
  open: ReadonlySet<string>,
  bindings: Bindings,
): boolean {
  const key = `..${extent.name?.text ?? ""}`;
  const known = bindings.get(key) ?? (open.has(key) ? undefined : runOf(scope, key.slice(2)));
  if (known === undefined) {
    bindings.set(key, axes);
    return true;
  }
  return (
    known.length === axes.length &&
    known.every((one, at) => sameAxis(context, one, axes[at]) === "equal")
  );
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

function fitNumber(
  context: Context,
  value: Value,
  unit: Unit,
  type: NamedType,
  at: Expr,
  ask: Ask,
): Value {
  if (value.kind === "tensor" && value.shape.length === 0 && unit === "float") return value;
  if (value.kind !== "number") {
    context.report(
      error("type-mismatch", {
        at: at.span,
        title: `${ask.what} is ${showUnit(unit)} and this is ${showType(value)}`,
        secondary: [{ span: ask.declared, text: "asked here" }],
      }),
    );
    return errorValue;
  }
  if (value.unit === unit || (unit === "span" && isSpan(value.unit)))
    return atLeastOne(context, value, type, at);
  if (unit === "float" && value.unit === "int") {
    // A literal without a point is a float where one is wanted; so is a size, once it leaves shapes.
    const amount = amountOf(value);
    return amount === undefined ? unknown("float") : real(amount);
  }
  if (unit === "float" && value.unit === "ratio") return { ...value, unit: "float" };
  context.report(wrongUnit(value, at.span, { ...ask, units: [unit] }));
  return errorValue;
}

function atLeastOne(context: Context, value: NumberValue, type: NamedType, at: Expr): Value {
  const amount = amountOf(value);
  if (type.name.text !== "dim" || amount === undefined || amount >= 1) return value;
  context.report(
    error("type-mismatch", { at: at.span, title: `a size is at least 1, and this is ${amount}` }),
  );
  return errorValue;
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

function reportRank(
  context: Context,
  value: TensorValue,
  extents: readonly Extent[],
  at: Expr,
  ask: Ask,
): void {
  const first = extents[0]?.span;
  const last = extents[extents.length - 1]?.span;
  const wanted =
    first === undefined || last === undefined ? "" : first.file.text.slice(first.start, last.end);
  context.report(
    error("rank-mismatch", {
      at: at.span,
      title: `${ask.what} has the axes [${wanted}] and this is ${showTensor(value)}`,
      secondary: [{ span: ask.declared, text: "asked here" }],
    }),
  );
}

function reportSize(
  context: Context,
  value: TensorValue,
  actual: Axis,
  wanted: Size,
  extent: Extent,
  unproved: boolean,
  at: Expr,
  ask: Ask,
): void {
  const has = actual.kind === "axis" ? show(actual.size) : `..${actual.key}`;
  const numbers = knownSize(wanted) !== undefined;
  context.report(
    error(unproved ? "size-unproved" : "size-mismatch", {
      at: at.span,
      title: unproved
        ? `I cannot tell whether ${has} equals ${show(wanted)}`
        : `${ask.what} has ${show(wanted)} here and is given ${has}`,
      label: showTensor(value),
      secondary: [{ span: extent.span, text: numbers ? show(wanted) : "asked here" }],
      notes: unproved
        ? ["It may be true of every model that you build. Say so, and each one is checked:"]
        : [],
      fixes: unproved ? [requireFix(at.span, has, show(wanted))] : [],
    }),
  );
}

function article(name: string): string {
  return /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`;
}
