/** The attention templates: which tile a shape gets on a target. */

import { type AttentionTile, alone, channelsOf } from "./attention-tile.ts";
import { cheapest, loadCost, rowCost } from "./software.ts";
import type { AttentionShape, KernelTarget } from "./template.ts";

export { attentionKeyValueGradient, attentionQueryGradient } from "./attention-backward.ts";
export { attentionForward } from "./attention-forward.ts";
export type { AttentionTile } from "./attention-tile.ts";

export type AttentionPart = "forward" | "query" | "key-value";

/** Tiles of inner products, and sums over them, of each kernel. */
const workOf: Readonly<Record<AttentionPart, { readonly dots: number; readonly sums: number }>> = {
  forward: { dots: 1, sums: 1 },
  query: { dots: 2, sums: 1 },
  "key-value": { dots: 2, sums: 2 },
};

/** The tile for a shape. It depends on nothing else but the target, and so does the order of sums. */
export function chooseAttention(
  shape: AttentionShape,
  part: AttentionPart,
  target: KernelTarget,
): AttentionTile {
  const lanes = target.hasSubgroups && target.subgroupSize > 0 ? target.subgroupSize : 1;
  const threads = lanes === 1 ? alone : lanes;
  const fitting = rowsThatFit(shape, part, lanes, target.software ? 32 : 16);
  const [fewest = 1, ...more] = fitting;
  if (!target.software) return { rows: fitting.at(-1) ?? fewest, lanes, threads };
  const best = cheapest([
    candidate(shape, part, lanes, fewest),
    ...more.map((rows) => candidate(shape, part, lanes, rows)),
  ]);
  return { rows: best.rows, lanes, threads };
}

/**
 * Powers of two, not needlessly more than there are positions. Results stay in registers, at most `most`
 * of four channels: a GPU's thread has some 128 registers for these and the scores, while a CPU keeps its
 * own in the cache and gains up to 32.
 */
function rowsThatFit(
  { queries, keys, channels }: AttentionShape,
  part: AttentionPart,
  lanes: number,
  most: number,
): readonly number[] {
  const positions = part === "key-value" ? keys : queries;
  const results = workOf[part].sums * channelsOf(channels, lanes).blocks;
  return [1, 2, 4, 8, 16].filter(
    (rows) => rows === 1 || (rows * results <= most && rows < 2 * positions),
  );
}

/** What lavapipe needs for a number of rows, if nothing is hidden. */
function candidate(shape: AttentionShape, part: AttentionPart, lanes: number, rows: number) {
  const { batch, heads, queries, keys, channels } = shape;
  const { dots, sums } = workOf[part];
  const { blocks } = channelsOf(channels, lanes);
  const [down, across] = part === "key-value" ? [keys, queries] : [queries, keys];
  const tiles = batch * heads * Math.ceil(down / rows) * Math.ceil(across / (4 * lanes));
  const dotTurn = (Math.ceil(rows / lanes) + 4) * loadCost + 4 * rows * rowCost;
  const sumTurn = blocks * (loadCost + rows * rowCost);
  const run = tiles * (dots * Math.ceil(channels / 4) * dotTurn + sums * 4 * lanes * sumTurn);
  // Milliseconds, within a quarter of what was measured for 32 and 64 channels and up to 16 rows.
  const compile = 200 + 35 * rows * (dots + sums * blocks) + 1.6 * (rows * sums * blocks) ** 2;
  return { rows, run, compile: compile * 1e6 };
}
