/** Whether a value fits a type as written, which also finds the sizes that a signature leaves open. */

import { error } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Expr, Extent, NamedType, Type } from "../syntax/ast.ts";
import { knownSize, type Size, show } from "../tensor/size.ts";
import {
  type Bindings,
  itemType,
  opaqueTypes,
  runOf,
  sizeOf,
  tensorElement,
  typeItem,
  withBindings,
} from "./annotation.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { convertedTo } from "./conversion-fix.ts";
import { amountOf, real, unknown } from "./number.ts";
import { absentNotes, optional } from "./optional.ts";
import { requireFix } from "./require-fix.ts";
import { article, showAxis, showTensor, showType, showUnit } from "./show.ts";
import { isSpan, numberTypes, type Unit } from "./unit.ts";
import {
  type Axis,
  axis,
  type ElementType,
  errorValue,
  type ListValue,
  type NumberValue,
  type Scope,
  type TensorValue,
  type Value,
} from "./value.ts";
import { entryOf } from "./word-table.ts";
import { wrongUnit } from "./wrong-unit.ts";

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
  if (value.kind === "optional" && type.kind === "named-type") {
    if (!type.optional) {
      reportAbsent(context, value, type, at, ask);
      return errorValue;
    }
    const there = { ...type, optional: false };
    return optional(fitted(context, scope, value.of, there, at, ask, open, bindings));
  }
  // A row as the type of a value was reported where it stands.
  if (type.kind === "row-type") return errorValue;
  const element = tensorElement(type);
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
  const unit = type.extents === undefined ? entryOf(numberTypes, type.name.text) : undefined;
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

function reportAbsent(context: Context, value: Value, type: Type, at: Expr, ask: Ask): void {
  context.report(
    error("type-mismatch", {
      at: at.span,
      title: `${ask.what} is ${textOf(type.span)}, and this is ${showType(value)}`,
      secondary: [{ span: ask.declared, text: "asked here" }],
      notes: absentNotes(value),
    }),
  );
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
        fixes: whole ? [convertedTo(element, at.span, undefined)] : [],
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

/**
 * The sizes that a tensor decides by itself: those that stand alone for one of its axes. Found for all arguments
 * before any is fitted, so that `x: float[2 * D], y: float[D]` may stand in this order.
 */
export function bindSizes(
  value: Value,
  type: Type,
  open: ReadonlySet<string>,
  bindings: Bindings,
): void {
  if (value.kind !== "tensor" || type.kind === "row-type" || tensorElement(type) === undefined)
    return;
  const extents = type.extents ?? [];
  const runAt = extents.findIndex((extent) => extent.kind === "run");
  const spare = value.shape.length - extents.length;
  if (runAt < 0 ? spare !== 0 : spare < -1) return;
  for (const [at, extent] of extents.entries()) {
    const actual = value.shape[runAt >= 0 && at > runAt ? at + spare : at];
    if (extent.kind !== "size" || extent.value.kind !== "name" || actual.kind !== "axis") continue;
    const name = extent.value.text;
    if (open.has(name) && !bindings.has(name)) bindings.set(name, [actual]);
  }
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
  const has = showAxis(actual);
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
