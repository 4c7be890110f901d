/** How a model writes on: its programs for chunks of tokens, and the caches that they share. */

import type { GeneratePlan, TensorSource } from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import type { Graph } from "../graph/graph.ts";
import { generateGraph, type ModelToLower } from "../graph/programs.ts";

export interface GenerationSize {
  /** Texts at once. */
  readonly rows: number;
  /** Tokens of a text that are read at once. */
  readonly chunk: number;
  /** Tokens that a text and what is written after it may have. */
  readonly context: number;
}

export interface Generation {
  readonly graphs: readonly Graph[];
  readonly plan: GeneratePlan;
  /** What the caches hold before new texts. */
  readonly sources: ReadonlyMap<string, TensorSource>;
}

/** Of the model that plans call `name`. */
export function generationOf(
  name: string,
  model: ModelToLower,
  { rows, chunk: widest, context }: GenerationSize,
  optimise: (graph: Graph) => Graph,
): Generation {
  const caches = `cache.${name}`;
  const size = { rows, context, caches };
  const graphs = [widest, 1].map((chunk) =>
    optimise(generateGraph(`${name}.write.${chunk}`, model, { ...size, chunk })),
  );
  const [graph] = graphs;
  const names = graph.inputs
    .filter((input) => input.name.startsWith(`${caches}.`))
    .map((input) => input.name);
  const logits = graph.outputs.find((output) => output.name === "logits");
  if (logits === undefined) return bug(`${graph.name} gives no logits`);
  const plan = {
    rows,
    programs: [widest, 1].map((chunk, at) => ({ chunk, program: graphs[at].name })),
    context,
    vocabulary: graph.types[logits.value].shape[1],
    caches: names,
  };
  return { graphs, plan, sources: new Map(names.map((cache) => [cache, sourceOf(cache)])) };
}

/** A slot that nothing was written to has no segment, so nothing sees it. */
function sourceOf(cache: string): TensorSource {
  return cache.endsWith(".segment") ? { kind: "fill", value: -1 } : { kind: "zeros" };
}
