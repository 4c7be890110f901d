/**
 * Who holds the data of a model's parameters. A model is a value: what a step trains is a new one, and the model
 * as it was stays what it was. A training works in the place of the model that it starts from where no later step
 * asks for that one, and on tensors of its own where one does.
 */

import type { NamedModel, Step, TrainStep } from "./pipeline.ts";

export class Holders {
  /** Trained models with tensors of their own. */
  readonly #apart = new Set<NamedModel>();
  /** By model: the one that was trained in its place. */
  readonly #successors = new Map<NamedModel, NamedModel>();

  constructor(steps: readonly Step[]) {
    for (const [at, step] of steps.entries()) {
      if (step.kind !== "train") continue;
      const later = steps.slice(at + 1).flatMap(modelsOf);
      if (isAskedFor(step, later)) this.#apart.add(step.model);
      else this.#successors.set(step.start, step.model);
    }
  }

  /** The item or step in whose name the parameter's tensor is: `base`, `clerk`, `sft`. */
  holderOf(model: NamedModel, path: string): string {
    const origin = originOf(model, path);
    const { holder, from } = origin;
    return from !== undefined && this.#isInPlace(origin) ? this.holderOf(from, path) : holder;
  }

  /** As the model is called in plans and tables. One that was trained in another's place has its name. */
  nameOf(model: NamedModel): string {
    const { name, from } = model;
    return from !== undefined && this.#isInPlace(model) ? this.nameOf(from) : name;
  }

  isApart(model: NamedModel): boolean {
    return this.#apart.has(model);
  }

  /** Whether a step of the pipeline changes what the parameter's tensor holds. */
  isTrained(model: NamedModel, path: string): boolean {
    let last = model;
    for (let next = this.#successors.get(last); next !== undefined; ) {
      last = next;
      next = this.#successors.get(last);
    }
    return originOf(last, path).kind === "trained";
  }

  #isInPlace(model: NamedModel): boolean {
    return model.kind === "trained" && !this.#apart.has(model);
  }
}

/** The model that brought the parameter or changed it last, on the way to this one. */
export function originOf(model: NamedModel, path: string): NamedModel {
  return model.from === undefined || model.changed.has(path) ? model : originOf(model.from, path);
}

/** The models that a step asks for. */
export function modelsOf(step: Step): readonly NamedModel[] {
  switch (step.kind) {
    case "train":
      return [step.start];
    case "evaluate":
      return step.models;
    case "export":
      return [step.model];
    default:
      return step satisfies never;
  }
}

/** Whether one of the models has a parameter as it was before this training. */
function isAskedFor({ start, model }: TrainStep, later: readonly NamedModel[]): boolean {
  return [...model.changed].some((path) => {
    const before = originOf(start, path);
    return later.some((other) => originOf(other, path) === before);
  });
}
