/** The call of `attention`: queries, keys and values of one precision, whose axes go together. */

import { error } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/file.ts";
import { constant, remainder, show } from "../tensor/size.ts";
import { axesAgree, elementsFit, reportPrecision } from "./agreement.ts";
import { numericShape } from "./algebra.ts";
import { type Context, compareSizes } from "./context.ts";
import { type Arguments, tensorOf, wrong } from "./given.ts";
import { amountOf } from "./number.ts";
import { requireFix } from "./require-fix.ts";
import { showTensor } from "./show.ts";
import { type Axis, errorValue, tensor, type Value } from "./value.ts";

export function attention(context: Context, given: Arguments, at: Span): Value {
  const names = ["q", "k", "v", "segment"] as const;
  const [q, k, v, segment] = names.map((name) => tensorOf(context, given, name));
  if (q === undefined || k === undefined || v === undefined || segment === undefined)
    return errorValue;
  const causal = given.get("causal")?.value;
  if (causal?.kind !== "bool") return wrong(context, given, "causal", "true or false");
  const scale = given.get("scale")?.value;
  if (scale !== undefined && scale.kind !== "number")
    return wrong(context, given, "scale", "a number");
  if ([q, k, v].some((one) => one.shape.length !== 4)) {
    context.report(
      error("rank-mismatch", {
        at,
        title: `attention has the axes batch, head, position and channel, and q is ${showTensor(q)}`,
      }),
    );
    return errorValue;
  }
  const spanOf = (name: string) => given.get(name)?.expr.span ?? at;
  for (const [name, one] of [
    ["q", q],
    ["k", k],
    ["v", v],
  ] as const) {
    if (
      !elementsFit(context, "float", "`attention` works", one.dtype, showTensor(one), spanOf(name))
    )
      return errorValue;
    if (one.dtype === q.dtype) continue;
    reportPrecision(context, one, q, "the queries", spanOf(name));
    return errorValue;
  }
  if (segment.dtype !== "i32") return wrong(context, given, "segment", "an int tensor");
  const [batch, heads, , channels] = q.shape;
  const [, shared, positions] = k.shape;
  const isAlike =
    axesAgree(
      context,
      k,
      [batch, shared, positions, channels],
      "a key for these queries",
      spanOf("k"),
    ) &&
    axesAgree(context, v, k.shape, "a value for these keys", spanOf("v")) &&
    axesAgree(
      context,
      segment,
      [batch, positions],
      "the segment of these keys",
      spanOf("segment"),
    ) &&
    headsAgree(context, heads, shared, spanOf("k"));
  if (!isAlike) return errorValue;
  if (context.emit === undefined) return tensor(q.dtype, q.shape);
  const width = numericShape(q.shape)[3];
  const chosen = scale === undefined ? undefined : amountOf(scale);
  if (
    q.node === undefined ||
    k.node === undefined ||
    v.node === undefined ||
    segment.node === undefined
  )
    return errorValue;
  const node = context.emit.attend({
    query: q.node,
    key: k.node,
    value: v.node,
    segment: segment.node,
    causal: causal.value === true,
    scale: chosen ?? 1 / Math.sqrt(width),
    origin: at,
  });
  return tensor(q.dtype, q.shape, node);
}

/** Each key head serves a whole number of query heads. */
function headsAgree(context: Context, queries: Axis, keys: Axis, at: Span): boolean {
  if (queries.kind === "run" || keys.kind === "run") return false;
  const left = remainder(queries.size, keys.size);
  const same = compareSizes(context, left, constant(0));
  if (same === "equal") return true;
  const [heads, groups] = [show(queries.size), show(keys.size)];
  const isOpen = same === "cannot-tell";
  context.report(
    error(isOpen ? "size-unproved" : "size-mismatch", {
      at,
      title: isOpen
        ? `I cannot tell whether ${heads} query heads are shared out among ${groups} key heads`
        : `${heads} query heads are not shared out evenly among ${groups} key heads`,
      fixes: isOpen ? [requireFix(at, show(left), "0")] : [],
    }),
  );
  return false;
}
