/**
 * The model of a pipeline that is to write, and where its weights are: a checkpoint that the pipeline reads, or
 * what a step saved. A model that was never trained is not taken for one that was.
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { MachineError } from "../../runtime/errors.ts";
import { requireSavedOf } from "../../runtime/export.ts";
import { isAdapter } from "../../runtime/weights/peft.ts";
import { originOf } from "../core/holders.ts";
import type { NamedModel, Pipeline, TrainStep } from "../core/pipeline.ts";
import { parametersOf } from "../core/tree.ts";
import { modelPlanOf } from "../plan/model-plan.ts";
import { UsageError } from "./command.ts";
import type { Loaded } from "./load.ts";
import { meant } from "./meant.ts";

/** A model with all it takes to let it write. */
export interface WritableModel {
  readonly named: NamedModel;
  /** What the pipeline is called in messages. */
  readonly source: string;
  /** The address of the folder that has the parameters of a model on the way to this one. */
  readonly placeOf: (origin: NamedModel) => string;
  readonly folderOf: (address: string) => Promise<string>;
  /** The folder with its tokenizer and its chat template. */
  readonly tokenizer: string;
}

/**
 * `wanted` is the name of a model or of the step that trained it; the last one of the file where it is left out.
 * @throws UsageError for a name that means none, MachineError for one whose weights are nowhere
 */
export async function savedModel(
  loaded: Loaded,
  wanted: string | undefined,
): Promise<WritableModel> {
  const { pipeline, source, folderOf } = loaded;
  const named = chosen(pipeline, source.path, wanted);
  const placeOf = (origin: NamedModel) => placeIn(loaded, named, origin);
  await requireSaved(named, placeOf, folderOf);
  return {
    named,
    source: source.path,
    placeOf,
    folderOf,
    tokenizer: await tokenizerFolder(loaded, named),
  };
}

/** A pipeline that was edited since says another adapter than the one that its step saved. */
async function requireSaved(
  named: NamedModel,
  placeOf: WritableModel["placeOf"],
  folderOf: WritableModel["folderOf"],
): Promise<void> {
  const { model } = named;
  const paths = parametersOf(model.root).map(({ parameter }) => parameter.path);
  const plan = modelPlanOf(model, (path) => path, new Set());
  for (const place of new Set(paths.map((path) => placeOf(originOf(named, path))))) {
    const folder = await folderOf(place);
    if (isAdapter(folder)) await requireSavedOf(plan, folder);
  }
}

function chosen({ models }: Pipeline, file: string, wanted: string | undefined): NamedModel {
  const withWeights = models.filter(
    ({ kind, model }) =>
      kind === "trained" || (kind === "loaded" && model.checkpoint !== undefined),
  );
  const found =
    wanted === undefined
      ? withWeights.at(-1)
      : withWeights.find((one) => one.name === wanted || one.holder === wanted);
  if (found !== undefined) return found;
  const names = withWeights.map(({ name }) => name);
  const list = names.length === 0 ? "" : `; there are ${names.join(", ")}`;
  if (wanted === undefined) throw new UsageError(`${file} has no model with weights to write with`);
  const untrained = models.find(({ name }) => name === wanted);
  if (untrained === undefined) {
    const near = meant(wanted, names);
    throw new UsageError(
      `${file} has no model ${wanted}${near === undefined ? list : `; ${near}`}`,
    );
  }
  const trained = models.find((one) => one.kind === "trained" && isMadeFrom(one, untrained));
  throw new UsageError(
    trained === undefined
      ? `nothing in ${file} trains ${wanted}${list}`
      : `${wanted} is what ${trained.holder} starts from; what it made is --model ${trained.holder}`,
  );
}

function isMadeFrom(model: NamedModel, other: NamedModel): boolean {
  return model.from === other || (model.from !== undefined && isMadeFrom(model.from, other));
}

function placeIn(loaded: Loaded, named: NamedModel, origin: NamedModel): string {
  switch (origin.kind) {
    case "trained":
      return savedBy(loaded, origin);
    case "adapted":
      // A step saves whole adapters, what is frozen of them too.
      return savedBy(loaded, latestTraining(named));
    case "loaded":
      if (origin.model.checkpoint !== undefined) return origin.model.checkpoint;
      throw new MachineError(
        `${named.name} goes on from ${origin.name}, whose random numbers were saved nowhere`,
        [`train ${origin.name} in full, or load it from a checkpoint`],
      );
    default:
      return origin.kind satisfies never;
  }
}

function latestTraining(named: NamedModel): NamedModel {
  return named.kind === "trained" || named.from === undefined ? named : latestTraining(named.from);
}

function savedBy({ pipeline, directory, source }: Loaded, trained: NamedModel): string {
  const step = pipeline.steps.find(
    (one): one is TrainStep => one.kind === "train" && one.model === trained,
  );
  const to = step?.save?.to;
  if (to === undefined) {
    throw new MachineError(`${trained.holder} saves nothing, so its model is gone after a run`, [
      `give it \`save = "out/${trained.holder}"\` and run it`,
    ]);
  }
  const folder = resolve(directory, to);
  const isThere = ["config.json", "adapter_config.json"].some((name) =>
    existsSync(join(folder, name)),
  );
  if (isThere) return to;
  throw new MachineError(`${trained.holder} has saved no model in ${to} yet`, [
    `\`ftc run ${source.path} ${trained.holder}\` trains it`,
  ]);
}

/** Beside the checkpoint that the model began with, or beside what a step saved. */
async function tokenizerFolder(loaded: Loaded, named: NamedModel): Promise<string> {
  const { checkpoint } = named.model;
  return loaded.folderOf(checkpoint ?? savedBy(loaded, latestTraining(named)));
}
