/** `x[:, 0, 1 : T, ..]`: slices of a tensor. A single index takes its axis away. */

import { error } from "../diagnostics/diagnostic.ts";
import type { IndexExpr } from "../syntax/ast.ts";
import { add, compare, constant, knownSize, type Size, show, subtract } from "../tensor/size.ts";
import { emit, numericShape } from "./algebra.ts";
import { sizeOf } from "./annotation.ts";
import type { Context } from "./context.ts";
import { showTensor, showType } from "./show.ts";
import { type Axis, axis, errorValue, type Scope, tensor, type Value } from "./value.ts";

/** What is kept of one axis. */
interface Part {
  readonly start: Size;
  readonly axis: Axis;
  readonly single: boolean;
}

export function index(context: Context, scope: Scope, expr: IndexExpr): Value {
  const object = context.evaluate(context, scope, expr.object);
  if (object.kind === "error") return object;
  if (object.kind !== "tensor") {
    context.report(
      error("type-mismatch", {
        at: expr.object.span,
        title: `an index picks from a tensor, and this is ${showType(object)}`,
      }),
    );
    return errorValue;
  }
  const [rest, second] = expr.indices.filter((one) => one.kind === "rest");
  if (second !== undefined) {
    context.report(
      error("defined-twice", {
        at: second.span,
        title: "`..` stands for all the axes that are left, so there is one of it",
        secondary: [{ span: rest.span, text: "the first one" }],
      }),
    );
    return errorValue;
  }
  const rests = rest === undefined ? 0 : 1;
  const named = expr.indices.length - rests;
  if (named > object.shape.length || (rests === 0 && named !== object.shape.length)) {
    context.report(
      error("rank-mismatch", {
        at: expr.span,
        title: `this has ${named} indices for ${showTensor(object)}`,
        fixes:
          named < object.shape.length
            ? [{ text: "`..` stands for the axes that you leave as they are" }]
            : [],
      }),
    );
    return errorValue;
  }
  const parts: Part[] = [];
  for (const one of expr.indices) {
    if (one.kind === "rest") {
      const count = object.shape.length - named;
      for (let at = 0; at < count; at++) parts.push(whole(object.shape[parts.length]));
      continue;
    }
    const full = object.shape[parts.length];
    const part = one.kind === "all" ? whole(full) : partOf(context, scope, one, full);
    if (part === undefined) return errorValue;
    parts.push(part);
  }
  const shape = parts.flatMap((part) => (part.single ? [] : [part.axis]));
  if (context.emit === undefined) return tensor(object.dtype, shape);
  const starts = parts.map((part) => knownSize(part.start) ?? 0);
  const sizes = numericShape(parts.map((part) => part.axis));
  const sliced = emit(context, "slice", [object.node], { starts, sizes }, expr.span);
  const node = parts.some((part) => part.single)
    ? emit(context, "reshape", [sliced], { shape: numericShape(shape) }, expr.span)
    : sliced;
  return tensor(object.dtype, shape, node);
}

function whole(full: Axis): Part {
  return { start: constant(0), axis: full, single: false };
}

function partOf(
  context: Context,
  scope: Scope,
  one: Extract<IndexExpr["indices"][number], { kind: "at" | "range" }>,
  full: Axis,
): Part | undefined {
  if (full.kind === "run") {
    context.report(
      error("rank-mismatch", {
        at: one.span,
        title: `this would cut a run of axes, \`..${full.key}\``,
      }),
    );
    return undefined;
  }
  if (one.kind === "at") {
    const at = sizeOf(context, scope, one.value);
    if (at === undefined || !inside(context, one.span, at, add(at, constant(1)), full.size))
      return undefined;
    return { start: at, axis: axis(constant(1)), single: true };
  }
  const start = one.start === undefined ? constant(0) : sizeOf(context, scope, one.start);
  const end = one.end === undefined ? full.size : sizeOf(context, scope, one.end);
  if (start === undefined || end === undefined || !inside(context, one.span, start, end, full.size))
    return undefined;
  return { start, axis: axis(subtract(end, start)), single: false };
}

/** Refuses what is surely outside; sizes that cannot be compared are compared again as numbers. */
function inside(
  context: Context,
  at: IndexExpr["span"],
  start: Size,
  end: Size,
  full: Size,
): boolean {
  const [first, last, room] = [knownSize(start), knownSize(end), knownSize(full)];
  const outside =
    (first !== undefined && first < 0) ||
    (last !== undefined && room !== undefined && last > room) ||
    (first !== undefined && last !== undefined && last <= first) ||
    (room === undefined && compare(end, add(full, constant(1))) === "equal");
  if (!outside) return true;
  context.report(
    error("index-out-of-range", {
      at,
      title: `${show(start)} to ${show(end)} reaches outside an axis of ${show(full)}`,
    }),
  );
  return false;
}
