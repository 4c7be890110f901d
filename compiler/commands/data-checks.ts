/** What is wrong with counted datasets in view of what steps do with them: too few rows, rows that are held out and trained on. */

import {
  answerFaults,
  endMarkFaults,
  leakFaults,
  trainingFaults,
  vocabularyFaults,
} from "../../runtime/data/checks.ts";
import type { Dataset } from "../../runtime/data/dataset.ts";
import type { DataFault } from "../../runtime/data/fault.ts";
import type { Model } from "../core/model.ts";
import type { Pipeline, TrainStep } from "../core/pipeline.ts";
import { readsTokens } from "../core/step-checks.ts";

/** A fault of the dataset called `name`. */
export interface UseFault {
  readonly name: string;
  readonly fault: DataFault;
}

/** Each once, though several steps may use a dataset in the same way. */
export function useFaults(
  pipeline: Pipeline,
  datasets: ReadonlyMap<string, Dataset>,
): readonly UseFault[] {
  const found = new Map<string, UseFault>();
  const add = (name: string, faults: readonly DataFault[]) => {
    for (const fault of faults)
      found.set(`${name} ${fault.slug} ${fault.message}`, { name, fault });
  };
  for (const [name, model] of readings(pipeline)) {
    const dataset = datasets.get(name);
    const { vocab_size: vocabulary } = model.config;
    if (dataset !== undefined && typeof vocabulary === "number")
      add(name, vocabularyFaults(dataset, vocabulary));
  }
  for (const step of pipeline.steps) {
    if (step.kind !== "train") continue;
    const training = datasets.get(step.dataset.name);
    if (training === undefined) continue;
    add(step.dataset.name, [...trainingFaults(training), ...answerFaults(training)]);
    // Where a loss falls on labels, nothing is written that would have to end.
    if (readsTokens(step.loss)) add(step.dataset.name, endMarkFaults(training));
    for (const name of heldOutFrom(pipeline, step)) {
      const heldOut = datasets.get(name);
      if (heldOut !== undefined) add(name, leakFaults(training, heldOut));
    }
  }
  return [...found.values()];
}

/** Each dataset's name with a model that reads it. */
export function readings(pipeline: Pipeline): readonly (readonly [string, Model])[] {
  return pipeline.steps.flatMap((step) => {
    if (step.kind === "export") return [];
    if (step.kind === "evaluate")
      return step.models.map(({ model }) => [step.dataset.name, model] as const);
    const held = step.evaluate === undefined ? [] : [step.evaluate.on];
    return [step.dataset, ...held].map(({ name }) => [name, step.model.model] as const);
  });
}

/** Datasets that judge what a step trains. One that judges by its own rows says so by its name, so it hides nothing. */
function heldOutFrom(pipeline: Pipeline, { dataset, model, evaluate }: TrainStep): Set<string> {
  const judges = pipeline.steps.flatMap((step) =>
    step.kind === "evaluate" && step.models.some((one) => one.model.base === model.model.base)
      ? [step.dataset.name]
      : [],
  );
  const names = new Set(evaluate === undefined ? judges : [evaluate.on.name, ...judges]);
  names.delete(dataset.name);
  return names;
}
