/**
 * What each kind of step has: its fields, and the words that may stand in a field with arguments of their own.
 * A test sets every one of them and sees that it matters.
 */

import type { StepItem } from "../syntax/ast.ts";

const fields = {
  train: [
    "model",
    "dataset",
    "loss",
    "optimizer",
    "learning_rate",
    "grad_clip",
    "batch",
    "at_once",
    "length",
    "precision",
    "memory",
    "seed",
    "eval",
    "save",
  ],
  evaluate: ["models", "dataset", "loss", "metrics", "limit"],
  export: ["model", "format", "to"],
} as const satisfies Readonly<Record<StepItem["kind"], readonly string[]>>;

/** A field of one kind of step or another. */
export type StepField = (typeof fields)[StepItem["kind"]][number];

export const stepFields: Readonly<Record<StepItem["kind"], readonly StepField[]>> = fields;

/** Whether steps of this kind have a field of this name. */
export function hasField(kind: StepItem["kind"], name: string): name is StepField {
  const names: readonly string[] = fields[kind];
  return names.includes(name);
}

/** By field and word, the names of the arguments in order: `eval = every(50steps, on = held_out)`. */
export const fieldCalls: Readonly<
  Record<"eval" | "save", Readonly<Record<string, readonly string[]>>>
> = {
  eval: { every: ["span", "on"] },
  save: { best: ["metric", "to", "every"], last: ["to", "every"] },
};
