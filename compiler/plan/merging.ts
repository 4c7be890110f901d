/** Parameters with adapters worked into them, as programs: one for each clause of each rewritten block. */

import type { MergePlan, Plan } from "../../runtime/plan.ts";
import { checkpointOf, fileName } from "../core/checkpoint.ts";
import { mergesOf } from "../core/exports.ts";
import type { NamedModel } from "../core/pipeline.ts";
import type { Graph } from "../graph/graph.ts";
import { mergeGraph } from "../graph/merge.ts";
import type { ModelToLower } from "../graph/programs.ts";
import { type SavedOptions, savedModelToLower, savedPlan } from "./saved.ts";

export interface Merges {
  readonly graphs: readonly Graph[];
  readonly plans: readonly MergePlan[];
}

/** For what is written without its adapters. */
export const nothingMerged: Merges = { graphs: [], plans: [] };

/** Programs are called `PREFIX.PATH`. */
export function mergesIn(
  prefix: string,
  model: ModelToLower,
  optimise: (graph: Graph) => Graph,
): Merges {
  const clause = checkpointOf(model.root.item, "hf");
  const merges = mergesOf(model.root).map(({ block, member, parameter }) => ({
    parameter: fileName(clause, parameter.path),
    graph: optimise(mergeGraph(`${prefix}.${parameter.path}`, block, member, model)),
  }));
  return {
    graphs: merges.map(({ graph }) => graph),
    plans: merges.map(({ parameter, graph }) => ({ parameter, program: graph.name })),
  };
}

/** A plan for merging a model that was saved. */
export function mergingPlan(
  named: NamedModel,
  options: SavedOptions,
): { readonly plan: Plan; readonly merges: readonly MergePlan[] } {
  const { graphs, plans } = mergesIn("merge", savedModelToLower(named, options), options.optimise);
  const plan = savedPlan(named, { graphs, generate: undefined, sources: new Map() }, options);
  return { plan, merges: plans };
}
