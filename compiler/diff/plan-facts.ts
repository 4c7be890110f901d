/** What a plan says: steps and batches, models and adapters, stages of data, programs, memory. */

import type { DataStage } from "../../runtime/data/plan.ts";
import type { Job, ModelPlan, Plan } from "../../runtime/plan.ts";
import { elementsOf } from "../plan/summary.ts";
import { memoryTable, showBytes } from "../plan/table.ts";
import { countFact, type Fact, FactList, type Facts, wordFact } from "./facts.ts";

export function planFacts(plan: Plan): Facts {
  const list = new FactList();
  for (const job of plan.jobs) addJob(list, job);
  for (const [name, model] of Object.entries(plan.models)) addModel(list, plan, name, model);
  for (const [name, { stages }] of Object.entries(plan.datasets))
    addStages(list, `dataset ${name}`, stages);
  for (const { owner, bytes } of memoryTable(plan)) list.add("memory", owner, bytesFact(bytes));
  list.add("memory", "in all", bytesFact(plan.requires.bytes));
  return list.facts;
}

/** The programs of a plan: what there is of a graph once it is compiled. */
export function programFacts(plan: Plan): Facts {
  const list = new FactList();
  for (const [name, { dispatches }] of Object.entries(plan.programs))
    list.add(`program ${name}`, "dispatches", countFact(dispatches.length));
  return list.facts;
}

function addJob(list: FactList, job: Job): void {
  const section = `${job.kind} ${job.name}`;
  list.open(section);
  switch (job.kind) {
    case "train":
      list.add(section, "model", wordFact(job.model));
      list.add(section, "dataset", wordFact(job.dataset));
      list.add(section, "steps", countFact(job.steps));
      list.add(section, "batch", amountFact("seq", job.sequences));
      list.add(section, "at_once", amountFact("seq", job.atOnce));
      list.add(section, "seed", countFact(job.seed));
      if (job.evaluate !== undefined) {
        list.add(section, "eval.every", amountFact("steps", job.evaluate.every));
        list.add(section, "eval.on", wordFact(job.evaluate.dataset));
      }
      if (job.save !== undefined) {
        list.add(section, "save", wordFact(job.save.keep));
        list.add(section, "save.to", wordFact(job.save.to));
        if (job.save.every !== undefined)
          list.add(section, "save.every", amountFact("steps", job.save.every));
      }
      return;
    case "evaluate":
      list.add(section, "models", wordFact(job.models.map((model) => model.name).join(", ")));
      list.add(section, "dataset", wordFact(job.dataset));
      list.add(section, "metrics", wordFact(job.metrics.map((metric) => metric.name).join(", ")));
      if (job.generate !== undefined)
        list.add(section, "limit", amountFact("tok", job.generate.limit));
      return;
    case "export":
      list.add(section, "model", wordFact(job.model));
      list.add(section, "format", wordFact(job.format));
      list.add(section, "to", wordFact(job.to));
      return;
    default:
      job satisfies never;
  }
}

function addModel(list: FactList, plan: Plan, name: string, model: ModelPlan): void {
  const section = `model ${name}`;
  list.open(section);
  if (model.checkpoint !== undefined) list.add(section, "from", wordFact(model.checkpoint));
  const { trained, frozen } = elementsOf(plan, model);
  list.add(section, "trained parameters", countFact(trained));
  list.add(section, "frozen parameters", countFact(frozen));
  for (const [key, value] of Object.entries(model.config))
    list.add(section, `config.${key}`, jsonFact(value));
  const several = model.adapters.length > 1;
  for (const [index, adapter] of model.adapters.entries()) {
    const own = several ? `${adapter.name} (${index + 1})` : adapter.name;
    for (const [key, value] of Object.entries(adapter.arguments))
      list.add(section, `${own}.${key}`, jsonFact(value));
    list.add(section, `${own} modules`, {
      meaning: adapter.modules.join(),
      shown: `${adapter.modules.length} (${lastNames(adapter.modules)})`,
    });
  }
}

/** `q_proj, v_proj` of forty-eight paths. */
function lastNames(paths: readonly string[]): string {
  return [...new Set(paths.map((path) => path.split(".").at(-1) ?? path))].join(", ");
}

function addStages(list: FactList, section: string, stages: readonly DataStage[]): void {
  list.open(section);
  list.add(section, "stages", wordFact(stages.map((stage) => stage.stage).join(" |> ")));
  for (const { stage, args, output } of stages) {
    if (output !== undefined) list.add(section, `${stage} part`, wordFact(output));
    for (const [name, value] of Object.entries(args))
      list.add(section, `${stage}.${name}`, argumentFact(value));
  }
}

/** Templates, tokenizers and row types are shown by their name. */
function argumentFact(value: unknown): Fact {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return jsonFact(value);
  const named = ["name", "folder", "kind"].flatMap((key) =>
    Object.entries(value).flatMap(([own, word]) => (own === key ? [String(word)] : [])),
  );
  return { meaning: JSON.stringify(value), shown: named[0] ?? JSON.stringify(value) };
}

export function jsonFact(value: unknown): Fact {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { meaning: JSON.stringify(value), shown: text };
}

export function amountFact(unit: string, amount: number): Fact {
  return { meaning: `${amount}${unit}`, shown: `${amount}${unit}` };
}

function bytesFact(bytes: number): Fact {
  return { meaning: String(bytes), shown: showBytes(bytes) };
}
