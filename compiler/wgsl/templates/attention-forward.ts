/**
 * Attention without a tensor of scores, by online softmax (Milakov and Gimelshein 2018, as in
 * FlashAttention): a tile of queries goes through tiles of keys with the highest score so far, the sum of
 * exponentials below it and the weighted sum of values, and rescales both sums when a higher score comes.
 * Tiles that causality hides are not visited.
 */

import { attentionKernel, keyPlane, overKeys, queryPlane, valuePlane } from "./attention-parts.ts";
import {
  type AttentionTile,
  acrossLanes,
  channelsOf,
  dots,
  overRows,
  results,
  storeRows,
  sums,
} from "./attention-tile.ts";
import { f, range } from "./frame.ts";
import type { AttentionForwardSpec, KernelText } from "./template.ts";

/** Stands for −∞, which WGSL may assume there is none of. */
const lowest = "-3e38f";

export function attentionForward(spec: AttentionForwardSpec, tile: AttentionTile): KernelText {
  const { rows, lanes } = tile;
  const { blocks } = channelsOf(spec.channels, lanes);
  const outOf = (row: number) => range(blocks).map((block) => `t_out${row}_${block}`);
  const soften = range(rows).flatMap((row) => {
    const x = `t_x${row}`;
    const ofLane = `max(max(${x}.x, ${x}.y), max(${x}.z, ${x}.w))`;
    return [
      `let ${x} = select(vec4<f32>(${lowest}), t_score${row} * ${f(spec.scale)}, t_see${row});`,
      `let t_higher${row} = max(t_high${row}, t_max(${ofLane}));`,
      // Where a row has seen nothing yet, every exponent is 0: the mask, not the exponential, makes zeros.
      `let t_p${row} = select(vec4<f32>(), exp(${x} - vec4<f32>(t_higher${row})), t_see${row});`,
      `let t_fix${row} = exp(t_high${row} - t_higher${row});`,
      `t_high${row} = t_higher${row};`,
      // Of a lane's own keys; the lanes are added up at the end.
      `t_sum${row} = fma(t_sum${row}, t_fix${row}, dot(t_p${row}, vec4<f32>(1.0f)));`,
      ...outOf(row).map((out) => `${out} *= t_fix${row};`),
    ];
  });
  const divide = range(rows).flatMap((row) => [
    `let t_all${row} = t_add(t_sum${row});`,
    `let t_share${row} = select(0.0f, 1.0f / t_all${row}, t_all${row} > 0.0f);`,
    ...outOf(row).map((out) => `${out} *= t_share${row};`),
    `let t_lse${row} = select(${lowest}, t_high${row} + log(t_all${row}), t_all${row} > 0.0f);`,
  ]);
  const lses = range(rows).map((row) => `t_lse${row}`);
  const scope = [acrossLanes("max", tile), acrossLanes("add", tile)];
  return attentionKernel(spec, tile, "query", scope, [
    ...results("t_out", spec, tile),
    ...range(rows).flatMap((row) => [`var t_high${row} = ${lowest};`, `var t_sum${row} = 0.0f;`]),
    ...overKeys(spec, tile, [
      ...dots("t_score", queryPlane(spec), keyPlane(spec), spec, tile),
      ...soften,
      ...sums("t_out", "t_p", valuePlane(spec), spec.keys, spec, tile),
    ]),
    ...divide,
    ...storeRows(spec.queries, spec, tile, [
      {
        name: "t_out",
        store: (row, channel, value) => spec.storeOut("t_batch", "t_head", row, channel, value),
      },
    ]),
    "if (t_lane == 0u) {",
    `var t_lses = array<f32, ${rows}>(${lses.join(", ")});`,
    ...overRows(spec.queries, rows, [
      "let t_lse = t_lses[t_stored];",
      `{ ${spec.storeLse("t_batch", "t_head", "t_storedRow", "t_lse")} }`,
    ]),
    "}",
  ]);
}
