/**
 * Attention over visible keys, with its gradient: a T × S tensor of scores is never a value of the graph.
 *
 *   attention(q[B, H, T, K], k[B, G, S, K], v[B, G, S, K], querySegment: i32[B, T], keySegment: i32[B, S],
 *             offset: i32[]) → out[B, H, T, K], lse: f32[B, H, T]
 *   attentionGradientQuery(q, k, v, out, lse, dout, querySegment, keySegment, offset) → dq
 *   attentionGradientKeyValue(the same) → dk, dv
 *
 * Query head h uses key head floor(h / (H / G)). Key j is visible to query t iff their segments are equal and
 * not negative, and, if causal, j ≤ t + offset. With s = scale · q·k over visible keys, lse = log Σ exp(s) and
 * out = Σ exp(s − lse) · v; a query that sees nothing has out 0 and lse −3e38.
 */

import { bug } from "../bug.ts";
import { isFloat } from "../tensor/dtype.ts";
import { backwardReference, forwardReference } from "./attention-reference.ts";
import { flag, real } from "./attrs.ts";
import { demand, demandCount, demandType, once, operation, wantedOf } from "./define.ts";
import type { Op, TensorType } from "./op.ts";

const attrs = { causal: flag, scale: real };

const forward = operation("attention", {
  attrs,
  form: { kind: "attention", part: "forward" },
  infer(args) {
    demandCount("attention", args, 6);
    const [q, k, v, querySegment, keySegment, offset] = args;
    const lse = demandHeads("attention", args, [q, k, v], [querySegment, keySegment, offset]);
    return [q, lse];
  },
  reference([q, k, v, querySegment, keySegment, offset], chosen, [outType, lseType]) {
    const masks = { querySegment, keySegment, offset };
    const { out, lse } = forwardReference({ q, k, v, ...masks, ...chosen });
    return [
      { ...outType, data: out },
      { ...lseType, data: lse },
    ];
  },
});

export const attention: Op = {
  ...forward,
  gradient(emit, site) {
    const [q, k, v, ...masks] = site.args;
    const [dout, dlse] = site.gradients;
    if (dout === undefined || dlse !== undefined) bug("attention: lse has no gradient");
    const args = [q, k, v, ...site.results, dout, ...masks];
    const keyValue = once(() => emit.apply("attentionGradientKeyValue", args, site.attrs));
    return wantedOf(site, [
      () => emit.apply("attentionGradientQuery", args, site.attrs)[0],
      () => keyValue()[0],
      () => keyValue()[1],
    ]);
  },
};

export const attentionGradientQuery = operation("attentionGradientQuery", {
  attrs,
  form: { kind: "attention", part: "query" },
  infer: (args) => [demandBackward("attentionGradientQuery", args).q],
  reference: ([q, k, v, out, lse, dout, querySegment, keySegment, offset], chosen, [type]) => {
    const heads = { q, k, v, querySegment, keySegment, offset, ...chosen };
    return [{ ...type, data: backwardReference(heads, out, lse, dout).dq }];
  },
});

export const attentionGradientKeyValue = operation("attentionGradientKeyValue", {
  attrs,
  form: { kind: "attention", part: "key-value" },
  infer(args) {
    const { k, v } = demandBackward("attentionGradientKeyValue", args);
    return [k, v];
  },
  reference([q, k, v, out, lse, dout, querySegment, keySegment, offset], chosen, types) {
    const heads = { q, k, v, querySegment, keySegment, offset, ...chosen };
    const { dk, dv } = backwardReference(heads, out, lse, dout);
    return [
      { ...types[0], data: dk },
      { ...types[1], data: dv },
    ];
  },
});

type Three = readonly [TensorType, TensorType, TensorType];

/** The type of lse. */
function demandHeads(
  name: string,
  args: readonly TensorType[],
  [q, k, v]: Three,
  [querySegment, keySegment, offset]: Three,
): TensorType {
  const rule = (holds: boolean, text: string) => demand(holds, name, text, args);
  rule(q.shape.length === 4 && k.shape.length === 4, "q and k have four axes");
  const [batch, heads, queries, channels] = q.shape;
  const [, groups, keys] = k.shape;
  const isAlike = (a: TensorType, dtype: string, shape: readonly number[]) =>
    a.dtype === dtype && a.shape.length === shape.length && shape.every((n, i) => n === a.shape[i]);
  rule(isFloat(q.dtype), "q is a float");
  rule(isAlike(k, q.dtype, [batch, groups, keys, channels]), "k has the batch and channels of q");
  rule(isAlike(v, q.dtype, k.shape), "v is as k");
  rule(heads % groups === 0, "each key head serves a whole number of query heads");
  rule(isAlike(querySegment, "i32", [batch, queries]), "a query has a segment");
  rule(isAlike(keySegment, "i32", [batch, keys]), "a key has a segment");
  rule(isAlike(offset, "i32", []), "the offset is one i32");
  return { dtype: "f32", shape: [batch, heads, queries] };
}

function demandBackward(
  name: string,
  args: readonly TensorType[],
): { readonly q: TensorType; readonly k: TensorType; readonly v: TensorType } {
  demandCount(name, args, 9);
  const [q, k, v, , , , querySegment, keySegment, offset] = args;
  const lse = demandHeads(name, args, [q, k, v], [querySegment, keySegment, offset]);
  demandType(name, args, 3, q);
  demandType(name, args, 4, lse);
  demandType(name, args, 5, q);
  return { q, k, v };
}
