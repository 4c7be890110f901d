/**
 * The gradients of attention (FlashAttention, Dao et al. 2022, §3.1), recomputing the probabilities
 * p = exp(score − lse). With d = dOut · value and delta = Σ dOut · out a query, dScore = p (d − delta).
 * dQuery has a kernel whose rows are queries; dKey and dValue one whose rows are keys, which goes over the
 * query heads of its group. So each result has one writer: no atomics, and one order of sums.
 */

import {
  attentionKernel,
  keyPlane,
  overKeys,
  overQueries,
  queryPlane,
  valuePlane,
} from "./attention-parts.ts";
import {
  type AttentionTile,
  dots,
  fourChannels,
  ofRow,
  overChannels,
  type Plane,
  results,
  rowLoads,
  storeRows,
  sums,
} from "./attention-tile.ts";
import { f, range, u } from "./frame.ts";
import type {
  AttentionBackwardSpec,
  AttentionKeyValueGradientSpec,
  AttentionQueryGradientSpec,
  KernelText,
} from "./template.ts";

export function attentionQueryGradient(
  spec: AttentionQueryGradientSpec,
  tile: AttentionTile,
): KernelText {
  const loads = rowLoads(tile);
  const { channels, scale } = spec;
  const deltas = [
    ...loads.map((at) => `let t_lse${at} = ${spec.lse.load("t_batch", "t_head", `t_row${at}`)};`),
    ...loads.map((at) => `var t_delta${at} = 0.0f;`),
    ...overChannels(
      channels,
      loads.map((at) => {
        const [mine, by] = [outPlane(spec), outGradientPlane(spec)].map((plane) =>
          fourChannels(plane, `t_row${at}`, channels),
        );
        return `t_delta${at} += dot(${mine}, ${by});`;
      }),
    ),
  ];
  const gradients = range(tile.rows).flatMap((row) => {
    const lse = `vec4<f32>(${ofRow("t_lse", row, tile)})`;
    const delta = `vec4<f32>(${ofRow("t_delta", row, tile)})`;
    return [...probability(row, scale, lse), ...scoreGradient(row, scale, delta)];
  });
  return attentionKernel(
    spec,
    tile,
    "query",
    [],
    [
      ...deltas,
      ...results("t_result", spec, tile),
      ...overKeys(spec, tile, [
        ...dots("t_score", queryPlane(spec), keyPlane(spec), spec, tile),
        ...dots("t_d", outGradientPlane(spec), valuePlane(spec), spec, tile),
        ...gradients,
        ...sums("t_result", "t_g", keyPlane(spec), spec.keys, spec, tile),
      ]),
      ...storeRows(spec.queries, spec, tile, [
        {
          name: "t_result",
          store: (row, channel, value) =>
            spec.storeQueryGradient("t_batch", "t_head", row, channel, value),
        },
      ]),
    ],
  );
}

export function attentionKeyValueGradient(
  spec: AttentionKeyValueGradientSpec,
  tile: AttentionTile,
): KernelText {
  const { heads, groups, queries, channels, scale } = spec;
  const perGroup = heads / groups;
  const query = queryPlane(spec);
  const outGradient = outGradientPlane(spec);
  const lses = range(4).map((at) => spec.lse.load("t_batch", "t_head", `t_column${at}`));
  // The columns' dOut is at hand where the inner products with the values are made.
  const deltas = range(4).map(
    (at) => `dot(${fourChannels(outPlane(spec), `t_column${at}`, channels)}, t_four${at})`,
  );
  const gradients = range(tile.rows).flatMap((row) => [
    ...probability(row, scale, "t_lse"),
    ...scoreGradient(row, scale, "t_delta"),
  ]);
  const store = (write: AttentionKeyValueGradientSpec["storeKeyGradient"]) => {
    return (row: string, channel: string, value: string) =>
      write("t_batch", "t_keyHead", row, channel, value);
  };
  return attentionKernel(
    spec,
    tile,
    "key",
    [],
    [
      ...results("t_keyResult", spec, tile),
      ...results("t_valueResult", spec, tile),
      `for (var t_inGroup = 0u; t_inGroup < ${u(perGroup)} * t_one; t_inGroup++) {`,
      `let t_head = t_keyHead * ${u(perGroup)} + t_inGroup;`,
      ...overQueries(spec, tile, [
        `let t_lse = vec4<f32>(${lses.join(", ")});`,
        "var t_delta = vec4<f32>();",
        ...dots("t_score", keyPlane(spec), query, spec, tile),
        ...dots("t_d", valuePlane(spec), outGradient, spec, tile, [
          `t_delta += vec4<f32>(${deltas.join(", ")});`,
        ]),
        ...gradients,
        ...sums("t_valueResult", "t_p", outGradient, queries, spec, tile),
        ...sums("t_keyResult", "t_g", query, queries, spec, tile),
      ]),
      "}",
      ...storeRows(spec.keys, spec, tile, [
        { name: "t_keyResult", store: store(spec.storeKeyGradient) },
        { name: "t_valueResult", store: store(spec.storeValueGradient) },
      ]),
    ],
  );
}

/** Where nothing is seen, the exponential may be anything, also infinite, and is not taken. */
function probability(row: number, scale: number, lse: string): readonly string[] {
  return [
    `let t_p${row} = select(vec4<f32>(), exp(t_score${row} * ${f(scale)} - ${lse}), t_see${row});`,
  ];
}

function scoreGradient(row: number, scale: number, delta: string): readonly string[] {
  return [`let t_g${row} = t_p${row} * (t_d${row} - ${delta}) * ${f(scale)};`];
}

function outPlane({ out }: AttentionBackwardSpec): Plane {
  return { tensor: out, head: "t_head" };
}

function outGradientPlane({ outGradient }: AttentionBackwardSpec): Plane {
  return { tensor: outGradient, head: "t_head" };
}
