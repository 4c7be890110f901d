/** What an editor says of each field of a step: its type, what it is for, and what may stand in it. */

import { hasField, type StepField } from "../core/step-fields.ts";
import type { StepItem } from "../syntax/ast.ts";
import type { Unit } from "../types/unit.ts";
import type { Role } from "./declaration.ts";

export interface FieldHelp {
  readonly type: string;
  readonly doc: string;
  readonly isNeeded: boolean;
  /** What is offered first. */
  readonly roles: readonly Role[];
  readonly units: readonly Unit[];
  /** Words that mean something in this field alone. */
  readonly words: readonly string[];
}

const models: readonly Role[] = ["model", "adapt", "train"];

const helps: Readonly<Record<StepField, FieldHelp>> = {
  model: needed("model", "The model that the step starts from, which stays as it was.", models),
  models: needed("list of models", "The models that are compared.", models),
  dataset: needed("dataset", "Windows of tokens: what `pack` or `pad` makes.", ["dataset"]),
  loss: needed("fn … -> mean", "A function that gives a sum and a count.", ["fn"]),
  optimizer: needed("optimizer", "How weights change: `adamw(weight_decay = 0.0)`.", ["optimizer"]),
  learning_rate: needed("schedule or float", "The rate over the run: a schedule or a number.", [
    "schedule",
  ]),
  metrics: needed("list of metrics", "What is measured, beside the loss.", ["metric"]),
  batch: amount("seq", "Windows of one step of the optimizer.", ["seq"], true),
  length: amount("span", "How long the run is.", ["steps", "epochs", "tokens"], true),
  at_once: amount(
    "seq",
    "Windows computed at once: a part of the batch, with the same result and less memory. All of it if left out.",
    ["seq"],
  ),
  grad_clip: amount("float", "The longest gradient; longer ones are shortened to it.", []),
  memory: amount("bytes", "What the run may use. What the device has, if left out.", ["bytes"]),
  seed: amount("int", "Decides order, dropout and fresh weights. 0 if left out.", []),
  limit: amount("tokens", "The most tokens that a model writes for a row. 256tok if left out.", [
    "tokens",
  ]),
  precision: words("precision", "What is computed in.", ["f32"]),
  eval: words(
    "every(span, on = dataset)",
    "The loss on other rows as it trains: `every(50steps, on = held_out)`.",
    ["every"],
  ),
  save: words(
    "string, best(…) or last(…)",
    "Where the result goes: a folder, the best state, or the last one with checkpoints on the way.",
    ["best", "last"],
  ),
  format: words("format", "`peft` for adapters alone, `safetensors` for the whole model.", [
    "safetensors",
    "peft",
  ]),
  to: needed("string", "The folder that is written.", []),
};

export function fieldHelp(kind: StepItem["kind"], name: string): FieldHelp | undefined {
  return hasField(kind, name) ? helps[name] : undefined;
}

function needed(type: string, doc: string, roles: readonly Role[]): FieldHelp {
  return { type, doc, isNeeded: true, roles, units: [], words: [] };
}

function amount(type: string, doc: string, units: readonly Unit[], isNeeded = false): FieldHelp {
  return { type, doc, isNeeded, roles: [], units, words: [] };
}

function words(type: string, doc: string, offered: readonly string[]): FieldHelp {
  return { type, doc, isNeeded: false, roles: [], units: [], words: offered };
}
