/** The next token, from its logits: the likeliest, or drawn from those that temperature, top-k and top-p leave. */

import { streamOf, unitRandom } from "./initialize.ts";

export type Choice =
  | { readonly kind: "greedy" }
  | {
      readonly kind: "sample";
      /** Above 0; 1 leaves the model's probabilities as they are. */
      readonly temperature: number;
      /** Only the k likeliest; undefined for all. */
      readonly topK?: number | undefined;
      /** Only the likeliest that together reach this share (Holtzman et al. 2019, arXiv:1904.09751). */
      readonly topP?: number | undefined;
      readonly seed: number;
    };

/** `counter` numbers the draws of a seed: each token of each row has its own. */
export function chooseToken(logits: Float32Array, choice: Choice, counter: number): number {
  if (choice.kind === "greedy") return likeliest(logits);
  const { temperature, topK, topP, seed } = choice;
  const order = topK === undefined && topP === undefined ? undefined : byLogit(logits);
  const candidates = order?.subarray(0, topK ?? order.length) ?? Uint32Array.from(logits.keys());
  const largest = logits[likeliest(logits)];
  const weights = Float64Array.from(candidates, (id) =>
    Math.exp((logits[id] - largest) / temperature),
  );
  const kept = topP === undefined ? weights : weights.subarray(0, nucleus(weights, topP));
  const total = kept.reduce((sum, weight) => sum + weight, 0);
  let left = unitRandom(seed, streamOf("generation"), counter) * total;
  for (const [place, weight] of kept.entries()) {
    left -= weight;
    if (left < 0) return candidates[place];
  }
  return candidates[kept.length - 1];
}

/** The first of equals. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}

/** Ids from the largest logit down; equals by id, so that the order is the same everywhere. */
function byLogit(logits: Float32Array): Uint32Array {
  return Uint32Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
}

/** How many of the sorted weights it takes to reach the share `topP` of all. */
function nucleus(weights: Float64Array, topP: number): number {
  const enough = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  for (const [place, weight] of weights.entries()) {
    sum += weight;
    if (sum >= enough) return place + 1;
  }
  return weights.length;
}
