/** What a training made, in 64 characters: equal fingerprints are equal bits. */

import { createHash } from "node:crypto";
import type { Executor } from "./execute.ts";
import type { ModelPlan } from "./plan.ts";

/** Bytes read at a time. */
const pieceBytes = 64 * 2 ** 20;

/** sha256, in hexadecimal, over the names and bytes of a model's trained tensors, in the model's order. */
export async function fingerprintOf(
  executor: Pick<Executor, "pieces">,
  model: ModelPlan,
): Promise<string> {
  const hash = createHash("sha256");
  for (const { name, tensor, trained } of model.parameters) {
    if (!trained) continue;
    hash.update(`${name}\n`);
    for await (const piece of executor.pieces(tensor, pieceBytes)) hash.update(piece);
  }
  return hash.digest("hex");
}
