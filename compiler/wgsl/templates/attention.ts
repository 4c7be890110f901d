/** The attention templates: which tile a shape gets on a target. */

import { type AttentionTile, tileFor } from "./attention-tile.ts";
import type { AttentionShape, KernelTarget } from "./template.ts";

export { attentionKeyValueGradient, attentionQueryGradient } from "./attention-backward.ts";
export { attentionForward } from "./attention-forward.ts";
export type { AttentionTile } from "./attention-tile.ts";

export type AttentionPart = "forward" | "query" | "key-value";

export function chooseAttention(
  { queries, keys, channels }: AttentionShape,
  part: AttentionPart,
  target: KernelTarget,
): AttentionTile {
  return part === "key-value"
    ? tileFor(keys, channels, 2, target)
    : tileFor(queries, channels, 1, target);
}
