/**
 * A plan that does nothing but let one model write: its weights from where they were saved, and the programs for
 * one text at a time. It has no jobs; whoever runs it hands it prompts.
 */

import type { ModelPlan, Plan, TensorSource } from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import { checkpointOf, fileName, plainString } from "../core/checkpoint.ts";
import { originOf } from "../core/holders.ts";
import type { NamedModel } from "../core/pipeline.ts";
import { type Owned, parametersOf, tiesOf } from "../core/tree.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import { plainPath } from "../types/instance.ts";
import { generationOf } from "./generation.ts";
import { modelPlanOf } from "./model-plan.ts";
import { planPrograms } from "./programs.ts";
import type { Target } from "./target.ts";

export interface WritingOptions {
  readonly source: string;
  readonly compiler: string;
  readonly target: Target;
  readonly optimise: (graph: Graph) => Graph;
  /** Tokens of the longest text, with what is written after it. */
  readonly context: number;
  /** The folder or address that has the parameters of a model on the way to this one. */
  readonly placeOf: (origin: NamedModel) => string;
  /** Hears of requirements that the numbers break; the plan is not to be run then. */
  readonly broken: (fault: Diagnostic) => void;
}

/** Tokens of a prompt that are read at once. */
const chunk = 16;

/** The model's key among the plan's. */
export const writingModel = "model";

export function writingPlan(named: NamedModel, options: WritingOptions): Plan {
  const { root } = named.model;
  const ties = tiesOf(root);
  const nameOf = (path: string): string => `${writingModel}.${ties.get(path) ?? path}`;
  const size = { rows: 1, chunk, context: options.context };
  const toLower = { root, nameOf, broken: options.broken };
  const generation = generationOf(writingModel, toLower, size, options.optimise);
  const sources = new Map<string, TensorSource>(generation.sources);
  const own = modelPlanOf(named.model, nameOf, new Set());
  const models: Record<string, ModelPlan> = {
    [writingModel]: { ...own, checkpoint: undefined, generate: generation.plan },
  };
  for (const owned of parametersOf(root)) {
    const { path } = owned.parameter;
    if (ties.has(path)) continue;
    const origin = originOf(named, path);
    const saved = `saved.${origin.holder}`;
    const checkpoint = options.placeOf(origin);
    models[saved] = { ...own, checkpoint, adapters: [], parameters: [] };
    const name = savedName(named, owned);
    sources.set(nameOf(path), { kind: "checkpoint", model: saved, name });
  }
  const planned = planPrograms(
    generation.graphs,
    options.target,
    (name) => sources.get(name) ?? bug(`nothing says what ${name} holds`),
  );
  return {
    format: "ftc-plan",
    version: 1,
    compiler: options.compiler,
    source: options.source,
    ...planned,
    models,
    datasets: {},
    jobs: [],
  };
}

/** As files have it: `model.layers.0.self_attn.q_proj.weight`, `model.layers.0.self_attn.q_proj.lora_A.weight`. */
function savedName({ model }: NamedModel, { parameter, name, owner }: Owned): string {
  const clause = checkpointOf(model.root.item, "hf");
  if (owner.adapter === undefined) return fileName(clause, parameter.path);
  const peft = checkpointOf(owner.item, "peft");
  const own = peft?.weights.find(({ path }) => plainPath(path) === name)?.name;
  return `${fileName(clause, owner.path)}.${own === undefined ? name : plainString(own)}`;
}
