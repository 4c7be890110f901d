/**
 * What a training's result depends on, as a hash: what it computes, on what data, from what weights. In how many
 * parts a batch is computed is left out, as the device is: both change rounding and nothing else. So is what other
 * steps do, unless this one starts from their results.
 */

import { createHash } from "node:crypto";
import type { TensorSource, TrainJob } from "../../runtime/plan.ts";
import type { Graph } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { sums } from "../graph/programs.ts";

export interface Dependencies {
  readonly job: Omit<TrainJob, "identity">;
  /** Forward for one sequence, update, and the evaluation for one sequence where it decides what is kept. */
  readonly graphs: readonly Graph[];
  /** What it changes. */
  readonly trained: readonly string[];
  /** What tensors hold at first. */
  readonly sources: ReadonlyMap<string, TensorSource>;
  /** Hashes of the windows of the datasets that the step reads. */
  readonly data: readonly (string | undefined)[];
  /** Hash of the files of a model, where they were hashed. */
  readonly filesOf: (model: string) => string | undefined;
  /** Trainings that the plan does before. */
  readonly earlier: readonly TrainJob[];
}

export function trainingIdentity(dependencies: Dependencies): string {
  const { job, graphs, trained, sources, data, filesOf, earlier } = dependencies;
  const copied = job.start?.copies.map(({ from }) => from) ?? [];
  const read = new Set([
    ...graphs.flatMap((graph) => graph.inputs.map(({ name }) => name)),
    ...copied,
  ]);
  const starts = [...read].sort().flatMap((name) => {
    const source = sources.get(name);
    if (source === undefined) return [];
    return [[name, source, source.kind === "checkpoint" ? filesOf(source.model) : undefined]];
  });
  const shared = new Set<string>(Object.values(sums));
  const before = earlier.filter(({ state }) =>
    state.some((name) => read.has(name) && !shared.has(name)),
  );
  const { steps, sequences, seed, learningRate, start, evaluate, save } = job;
  const run = [steps, sequences, seed, learningRate, start, evaluate?.every, save?.keep];
  const hash = createHash("sha256");
  // Without the lines of the source: a comment above changes them.
  for (const graph of graphs) hash.update(printGraph(graph).replace(/ +\/\/.*$/gm, ""));
  hash.update(JSON.stringify([run, trained, starts, data, before.map(({ identity }) => identity)]));
  return hash.digest("hex");
}
