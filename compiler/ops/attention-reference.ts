/** The meaning of attention and its gradient on the CPU, one query at a time; see attention.ts for the formulas. */

import type { NdArray } from "../tensor/ndarray.ts";

export interface Heads {
  readonly q: NdArray;
  readonly k: NdArray;
  readonly v: NdArray;
  readonly querySegment: NdArray;
  readonly keySegment: NdArray;
  readonly offset: NdArray;
  readonly causal: boolean;
  readonly scale: number;
}

/** The lse of a query that sees nothing: far below all others, and finite, as WGSL wants it. */
const nothing = -3e38;

export function forwardReference(heads: Heads): { out: Float64Array; lse: Float64Array } {
  const { q, v } = heads;
  const channels = q.shape[3];
  const out = new Float64Array(q.data.length);
  const lse = new Float64Array(q.data.length / channels);
  forEachQuery(heads, ({ row, query, keyStart, visible }) => {
    const scores = visible.map((key) => score(heads, query, keyStart + key * channels));
    const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = scores.reduce((sum, value) => sum + Math.exp(value - most), 0);
    lse[row] = visible.length === 0 ? nothing : most + Math.log(total);
    visible.forEach((key, at) => {
      const probability = Math.exp(scores[at] - lse[row]);
      addScaled(out, query, v.data, keyStart + key * channels, probability, channels);
    });
  });
  return { out, lse };
}

export function backwardReference(
  heads: Heads,
  out: NdArray,
  lse: NdArray,
  dout: NdArray,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array } {
  const { q, k, v, scale } = heads;
  const channels = q.shape[3];
  const dq = new Float64Array(q.data.length);
  const dk = new Float64Array(k.data.length);
  const dv = new Float64Array(v.data.length);
  forEachQuery(heads, ({ row, query, keyStart, visible }) => {
    const delta = dot(dout.data, query, out.data, query, channels);
    for (const key of visible) {
      const at = keyStart + key * channels;
      const probability = Math.exp(score(heads, query, at) - lse.data[row]);
      const dscore = probability * (dot(dout.data, query, v.data, at, channels) - delta);
      addScaled(dq, query, k.data, at, scale * dscore, channels);
      addScaled(dk, at, q.data, query, scale * dscore, channels);
      addScaled(dv, at, dout.data, query, probability, channels);
    }
  });
  return { dq, dk, dv };
}

interface Query {
  /** Its place in lse. */
  readonly row: number;
  /** Where its channels begin in q, out and their gradients. */
  readonly query: number;
  /** Where the channels of its head's first key begin in k, v and their gradients. */
  readonly keyStart: number;
  readonly visible: readonly number[];
}

function forEachQuery(heads: Heads, visit: (query: Query) => void): void {
  const [batch, count, queries, channels] = heads.q.shape;
  const [, groups, keys] = heads.k.shape;
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < queries; t++) {
      const visible = visibleKeys(heads, b, t);
      for (let h = 0; h < count; h++) {
        const group = Math.floor(h / (count / groups));
        const row = (b * count + h) * queries + t;
        const keyStart = (b * groups + group) * keys * channels;
        visit({ row, query: row * channels, keyStart, visible });
      }
    }
  }
}

function visibleKeys(heads: Heads, batch: number, query: number): number[] {
  const { querySegment, keySegment, offset, causal } = heads;
  const queries = querySegment.shape[1];
  const keys = keySegment.shape[1];
  const segment = querySegment.data[batch * queries + query];
  const last = causal ? Math.min(keys - 1, query + offset.data[0]) : keys - 1;
  const visible: number[] = [];
  for (let key = 0; key <= last; key++) {
    if (segment >= 0 && keySegment.data[batch * keys + key] === segment) visible.push(key);
  }
  return visible;
}

function score({ q, k, scale }: Heads, query: number, key: number): number {
  return scale * dot(q.data, query, k.data, key, q.shape[3]);
}

function dot(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += a[aStart + at] * b[bStart + at];
  return sum;
}

function addScaled(
  to: Float64Array,
  toStart: number,
  from: Float64Array,
  fromStart: number,
  by: number,
  length: number,
): void {
  for (let at = 0; at < length; at++) to[toStart + at] += from[fromStart + at] * by;
}
