/** The calls that give a mean, which is a sum and a count: `cross_entropy` and `mean`, over all or where a mask holds. */

import type { Span } from "../source/file.ts";
import { axesAgree, elementsFit } from "./agreement.ts";
import { castNode, emit, filled, numericShape, spread } from "./algebra.ts";
import type { Context } from "./context.ts";
import { type Arguments, takes, tensorOf, wrong } from "./given.ts";
import { real } from "./number.ts";
import { showTensor } from "./show.ts";
import { errorValue, type TensorValue, type Value } from "./value.ts";

export function crossEntropy(context: Context, given: Arguments, at: Span): Value {
  const [logits, answer] = [tensorOf(context, given, "logits"), tensorOf(context, given, "answer")];
  if (logits === undefined || answer === undefined) return errorValue;
  const spanOf = (name: string) => given.get(name)?.expr.span ?? at;
  const shown = showTensor(logits);
  if (
    !elementsFit(context, "float", "`cross_entropy` works", logits.dtype, shown, spanOf("logits"))
  )
    return errorValue;
  if (answer.dtype !== "i32") return wrong(context, given, "answer", "an int tensor");
  if (logits.shape.at(-1)?.kind !== "axis")
    return wrong(context, given, "logits", "a tensor whose last axis are the classes");
  const rows = logits.shape.slice(0, -1);
  if (!axesAgree(context, answer, rows, "the answer for each row of logits", spanOf("answer")))
    return errorValue;
  const where = given.has("where") ? maskOf(context, given, answer, at) : { node: undefined };
  if (where === undefined) return errorValue;
  if (context.emit === undefined) return { kind: "mean", sum: undefined, count: undefined };
  const sizes = numericShape(logits.shape);
  const count = sizes.slice(0, -1).reduce((product, size) => product * size, 1);
  const flat = (node: number | undefined, shape: readonly number[]) =>
    emit(context, "reshape", [node], { shape }, at);
  const wide = castNode(context, logits.node, logits.dtype, "f32", at);
  const mask =
    where.node === undefined
      ? emit(context, "constant", [], { value: 1, dtype: "bool", shape: [count] }, at)
      : flat(where.node, [count]);
  const loss = emit(
    context,
    "crossEntropy",
    [flat(wide, [count, sizes[sizes.length - 1]]), flat(answer.node, [count]), mask],
    {},
    at,
  );
  const counted = emit(context, "cast", [mask], { to: "f32" }, at);
  return {
    kind: "mean",
    sum: emit(context, "reduceSum", [loss], { axes: [0] }, at),
    count: emit(context, "reduceSum", [counted], { axes: [0] }, at),
  };
}

export function mean(context: Context, given: Arguments, at: Span): Value {
  const x = tensorOf(context, given, "x");
  if (x === undefined) return errorValue;
  if (!takes(context, given, "x", "add", at)) return errorValue;
  const where = given.has("where") ? maskOf(context, given, x, at) : { node: undefined };
  if (where === undefined) return errorValue;
  if (context.emit === undefined) return { kind: "mean", sum: undefined, count: undefined };
  const wide = castNode(context, x.node, x.dtype, "f32", at);
  const shape = numericShape(x.shape);
  const axes = shape.map((_, place) => place);
  if (where.node === undefined) {
    const count = shape.reduce((product, size) => product * size, 1);
    return {
      kind: "mean",
      sum: emit(context, "reduceSum", [wide], { axes }, at),
      count: emit(context, "constant", [], { value: count, dtype: "f32", shape: [] }, at),
    };
  }
  const kept = emit(
    context,
    "select",
    [where.node, wide, filled(context, real(0), "f32", x.shape, at)],
    {},
    at,
  );
  const counted = emit(context, "cast", [where.node], { to: "f32" }, at);
  return {
    kind: "mean",
    sum: emit(context, "reduceSum", [kept], { axes }, at),
    count: emit(context, "reduceSum", [counted], { axes }, at),
  };
}

/** The `where` of a loss: a bool tensor of the shape, or true for all of it. */
function maskOf(
  context: Context,
  given: Arguments,
  of: TensorValue,
  at: Span,
): { node: number | undefined } | undefined {
  const where = given.get("where")?.value;
  if (where?.kind === "bool") {
    const none = () => filled(context, real(0), "bool", of.shape, at);
    return { node: where.value === true ? undefined : none() };
  }
  if (where?.kind !== "tensor" || where.dtype !== "bool") {
    if (where?.kind !== "error") wrong(context, given, "where", "a bool tensor");
    return undefined;
  }
  const span = given.get("where")?.expr.span ?? at;
  // A mask of the end of the shape holds for each of what comes before.
  const end = of.shape.slice(Math.max(0, of.shape.length - where.shape.length));
  if (!axesAgree(context, where, end, "a mask of these elements", span)) return undefined;
  return { node: spread(context, where, of.shape, at) };
}
