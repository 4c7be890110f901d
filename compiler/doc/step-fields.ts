/** What each field of a step is for: the manual's tables and an editor's hover say it from here. */

import type { StepField } from "../core/step-fields.ts";

export interface FieldDoc {
  /** What may stand in it. */
  readonly type: string;
  readonly doc: string;
  /** What holds where it is left out; undefined for a field that a step needs. */
  readonly otherwise: string | undefined;
}

export const fieldDocs: Readonly<Record<StepField, FieldDoc>> = {
  model: needed("model", "the model that the step takes, which stays as it was"),
  models: needed("list of models", "the models that are compared"),
  dataset: needed("dataset", "windows of tokens: what `pack` or `pad` makes"),
  loss: needed("fn … -> mean", "a function that gives a sum and a count"),
  optimizer: needed("optimizer", "how weights change: `adamw(weight_decay = 0.0)`"),
  learning_rate: needed("schedule or float", "the rate over the run: a schedule or a number"),
  metrics: needed(
    "list of metrics",
    "what is measured beside the loss: `[perplexity, exact_match]`",
  ),
  batch: needed("seq", "windows of one step of the optimizer: `32seq`"),
  length: needed("span", "how long the run is: `200steps`, `2epochs`, `40Mtok`"),
  at_once: {
    type: "seq",
    doc: "windows computed at once: a part of the batch, with the same result and less memory",
    otherwise: "the batch",
  },
  grad_clip: {
    type: "float",
    doc: "the longest gradient; longer ones are shortened to it",
    otherwise: "not clipped",
  },
  precision: { type: "precision", doc: "what is computed in: `f32`", otherwise: "`f32`" },
  memory: {
    type: "bytes",
    doc: "what the run may use: `10GiB`",
    otherwise: "what the device has",
  },
  seed: { type: "int", doc: "decides order, dropout and fresh weights", otherwise: "0" },
  eval: {
    type: "every(span, on = dataset)",
    doc: "the loss on other rows as it trains: `every(50steps, on = held_out)`",
    otherwise: "none",
  },
  save: {
    type: "string, best(…) or last(…)",
    doc: "where the result goes: a folder, the best state, or the last one with checkpoints on the way",
    otherwise: "nowhere",
  },
  limit: {
    type: "tokens",
    doc: "the most tokens that a model writes for a row",
    otherwise: "`256tok`",
  },
  format: {
    type: "format",
    doc: "`peft` for adapters alone, `safetensors` for the whole model with adapters merged in",
    otherwise: "`safetensors`",
  },
  to: needed("string", "the folder that is written"),
};

function needed(type: string, doc: string): FieldDoc {
  return { type, doc, otherwise: undefined };
}
