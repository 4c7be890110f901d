/** A model's tensors from where they were saved, for plans that are about one model and train nothing. */

import type { ModelPlan, Plan, TensorSource } from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import { checkpointOf, fileName, plainString } from "../core/checkpoint.ts";
import { originOf } from "../core/holders.ts";
import type { NamedModel } from "../core/pipeline.ts";
import { type Owned, parametersOf, tiesOf } from "../core/tree.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Graph, TensorType } from "../graph/graph.ts";
import { numbersOf } from "../graph/lower.ts";
import type { ModelToLower } from "../graph/programs.ts";
import { plainPath } from "../types/instance.ts";
import { modelPlanOf } from "./model-plan.ts";
import { planPrograms } from "./programs.ts";
import type { Target } from "./target.ts";

export interface SavedOptions {
  readonly source: string;
  readonly compiler: string;
  readonly target: Target;
  readonly optimise: (graph: Graph) => Graph;
  /** The folder or address that has the parameters of a model on the way to this one. */
  readonly placeOf: (origin: NamedModel) => string;
  /** Hears of requirements that the numbers break; the plan is not to be run then. */
  readonly broken: (fault: Diagnostic) => void;
}

/** The model's key among the plan's. */
export const savedModelKey = "model";

export function savedModelToLower(
  { model: { root } }: NamedModel,
  { broken }: Pick<SavedOptions, "broken">,
): ModelToLower {
  const ties = tiesOf(root);
  return { root, nameOf: (path) => `${savedModelKey}.${ties.get(path) ?? path}`, broken };
}

export interface SavedParts {
  readonly graphs: readonly Graph[];
  readonly generate: ModelPlan["generate"];
  /** What tensors that are no parameters hold at first. */
  readonly sources: ReadonlyMap<string, TensorSource>;
}

/** A plan without jobs: whoever runs it knows its programs. All parameters are among its tensors. */
export function savedPlan(named: NamedModel, parts: SavedParts, options: SavedOptions): Plan {
  const { root, nameOf } = savedModelToLower(named, options);
  const ties = tiesOf(root);
  const own = modelPlanOf(named.model, nameOf, new Set());
  // Its weights may be in several places, so that none is its checkpoint.
  const models: Record<string, ModelPlan> = {
    [savedModelKey]: { ...own, checkpoint: undefined, generate: parts.generate },
  };
  const sources = new Map(parts.sources);
  const kept = new Map<string, TensorType>();
  for (const owned of parametersOf(root)) {
    const { path, shape } = owned.parameter;
    if (ties.has(path)) continue;
    const origin = originOf(named, path);
    const saved = `saved.${origin.holder}`;
    const checkpoint = options.placeOf(origin);
    models[saved] = { ...own, checkpoint, adapters: [], parameters: [] };
    kept.set(nameOf(path), { dtype: "f32", shape: numbersOf(shape) });
    sources.set(nameOf(path), {
      kind: "checkpoint",
      model: saved,
      name: savedName(named, owned),
    });
  }
  const planned = planPrograms(
    parts.graphs,
    options.target,
    (name) => sources.get(name) ?? bug(`nothing says what ${name} holds`),
    { kept },
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
