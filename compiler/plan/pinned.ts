/** A plan that is kept: each model of the hub at the commit that the plan was made with, whatever its branch does. */

import type { DataArg, DataPlan, DataStage, TokenizerReference } from "../../runtime/data/plan.ts";
import type { ModelPlan, Plan } from "../../runtime/plan.ts";

/** The address to keep in the place of the one that is written. */
type Pin = (address: string) => string;

/** `commitOf` says the commit behind an address; undefined for a folder of this machine, which stays as it is. */
export function pinned(plan: Plan, commitOf: (address: string) => string | undefined): Plan {
  const pin: Pin = (address) => {
    const commit = commitOf(address);
    return commit === undefined ? address : `${address.replace(/@.*$/, "")}@${commit}`;
  };
  return {
    ...plan,
    models: mapped(plan.models, (model) => pinnedModel(model, pin)),
    datasets: mapped(
      plan.datasets,
      ({ stages }): DataPlan => ({ stages: pinnedStages(stages, pin) }),
    ),
  };
}

function pinnedModel(model: ModelPlan, pin: Pin): ModelPlan {
  const { checkpoint, tokenizer } = model;
  return {
    ...model,
    checkpoint: checkpoint === undefined ? undefined : pin(checkpoint),
    tokenizer: tokenizer === undefined ? undefined : pinnedTokenizer(tokenizer, pin),
  };
}

function pinnedTokenizer(tokenizer: TokenizerReference, pin: Pin): TokenizerReference {
  return tokenizer.kind === "tokenizer"
    ? { ...tokenizer, folder: pin(tokenizer.folder) }
    : { ...tokenizer, data: pinnedStages(tokenizer.data, pin) };
}

function pinnedStages(stages: readonly DataStage[], pin: Pin): DataStage[] {
  return stages.map((stage) => ({
    ...stage,
    args: mapped(stage.args, (arg) => pinnedArg(arg, pin)),
  }));
}

function pinnedArg(arg: DataArg, pin: Pin): DataArg {
  if (isList(arg)) return arg.map((one) => pinnedArg(one, pin));
  if (typeof arg !== "object") return arg;
  switch (arg.kind) {
    case "tokenizer":
    case "trained-tokenizer":
      return pinnedTokenizer(arg, pin);
    case "chat-template":
      return { ...arg, folder: pin(arg.folder) };
    case "data":
      return { ...arg, stages: pinnedStages(arg.stages, pin) };
    case "row":
    case "mapping":
    case "template":
      return arg;
    default:
      return arg satisfies never;
  }
}

function isList(arg: DataArg): arg is readonly DataArg[] {
  return Array.isArray(arg);
}

function mapped<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
