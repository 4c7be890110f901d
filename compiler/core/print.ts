/**
 * The models of a pipeline as text, a line a parameter: what it is, whether a training changes it, and what it
 * holds at first.
 *
 *     model tuned, adapted from base
 *       layers.0.weight  f32[16, 16]  frozen   of base
 *       layers.0.lora_A  f32[2, 16]   trained  uniform(0.25)
 *       head.weight = embed.weight
 */

import { showShape } from "../types/show.ts";
import type { Initial, Parameter } from "../types/value.ts";
import { checkpointOf, fileName } from "./checkpoint.ts";
import { originOf } from "./holders.ts";
import type { NamedModel } from "./pipeline.ts";
import { parametersOf, tiesOf } from "./tree.ts";

export interface CoreParameter {
  readonly path: string;
  readonly type: string;
  readonly isTrained: boolean;
  /** What it holds at first, in words; the path of the parameter that it is, where it is tied. */
  readonly source: string;
  readonly isTied: boolean;
}

export function coreParameters(named: NamedModel): readonly CoreParameter[] {
  const { root, trained } = named.model;
  const ties = tiesOf(root);
  return parametersOf(root).map(({ parameter }) => {
    const { path, dtype, shape } = parameter;
    const tied = ties.get(path);
    return {
      path,
      type: `${dtype}[${showShape(shape)}]`,
      isTrained: trained === "all" || trained.has(path),
      source: tied ?? sourceOf(named, parameter),
      isTied: tied !== undefined,
    };
  });
}

export function printModel(named: NamedModel): string {
  const parameters = coreParameters(named);
  const width = (of: (one: CoreParameter) => string) =>
    Math.max(0, ...parameters.filter(({ isTied }) => !isTied).map((one) => of(one).length));
  const [paths, types] = [width(({ path }) => path), width(({ type }) => type)];
  const lines = parameters.map(({ path, type, isTrained, source, isTied }) =>
    isTied
      ? `${path} = ${source}`
      : [path.padEnd(paths), type.padEnd(types), isTrained ? "trained" : "frozen ", source].join(
          "  ",
        ),
  );
  return [headOf(named), ...lines.map((line) => `  ${line}`), ""].join("\n");
}

function headOf({ kind, name, model, from }: NamedModel): string {
  if (from !== undefined) return `model ${name}, ${kind} from ${from.name}`;
  const block = model.root.name;
  return model.checkpoint === undefined
    ? `model ${name}, a fresh ${block}`
    : `model ${name}, a ${block} from ${JSON.stringify(model.checkpoint)}`;
}

function sourceOf(named: NamedModel, { path, init }: Parameter): string {
  const origin = originOf(named, path);
  if (origin !== named) return `of ${origin.name}`;
  if (named.kind === "trained") return `made by ${named.holder}`;
  const { root, checkpoint } = named.model;
  const isLoaded = named.kind === "loaded" && checkpoint !== undefined;
  return isLoaded
    ? JSON.stringify(fileName(checkpointOf(root.item, "hf"), path))
    : showInitial(init);
}

function showInitial(init: Initial): string {
  switch (init.kind) {
    case "fill":
      return `${init.value}`;
    case "normal":
      return `normal(${init.std})`;
    case "uniform":
      return `uniform(${init.bound})`;
    default:
      return init satisfies never;
  }
}
