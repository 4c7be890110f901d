/** What an editor says of each field of a step, by the manual's words, and what it offers for its value. */

import { hasField, type StepField } from "../core/step-fields.ts";
import { type FieldDoc, fieldDocs } from "../doc/step-fields.ts";
import type { StepItem } from "../syntax/ast.ts";
import type { Unit } from "../types/unit.ts";
import type { Role } from "./declaration.ts";

export interface FieldHelp extends FieldDoc {
  /** What is offered first. */
  readonly roles: readonly Role[];
  readonly units: readonly Unit[];
  /** Words that mean something in this field alone. */
  readonly words: readonly string[];
}

const models: readonly Role[] = ["model", "adapt", "train"];

const roles: Partial<Readonly<Record<StepField, readonly Role[]>>> = {
  model: models,
  models,
  dataset: ["dataset"],
  loss: ["fn"],
  optimizer: ["optimizer"],
  learning_rate: ["schedule"],
  metrics: ["metric"],
};

const units: Partial<Readonly<Record<StepField, readonly Unit[]>>> = {
  batch: ["seq"],
  at_once: ["seq"],
  length: ["steps", "epochs", "tokens"],
  memory: ["bytes"],
  limit: ["tokens"],
};

const words: Partial<Readonly<Record<StepField, readonly string[]>>> = {
  precision: ["f32"],
  eval: ["every"],
  save: ["best", "last"],
  format: ["safetensors", "peft"],
};

export function fieldHelp(kind: StepItem["kind"], name: string): FieldHelp | undefined {
  if (!hasField(kind, name)) return undefined;
  const { [name]: ownRoles = [] } = roles;
  const { [name]: ownUnits = [] } = units;
  const { [name]: ownWords = [] } = words;
  return { ...fieldDocs[name], roles: ownRoles, units: ownUnits, words: ownWords };
}
