/** What is known of a value beyond its type: sizes of a model, columns of a dataset, spans of a run in steps. */

import { showCount } from "../../runtime/count.ts";
import type { NamedModel, Pipeline, TrainStep } from "../core/pipeline.ts";
import { blocksOf, parametersOf } from "../core/tree.ts";
import { knownSize } from "../tensor/size.ts";
import { amountOf } from "../types/number.ts";
import { showColumns } from "../types/rows.ts";
import { showType, showValue } from "../types/show.ts";
import type { Axis, Instance, NumberValue, Value } from "../types/value.ts";
import { holds } from "./places.ts";

/** One line: the type, and the value where it is known. */
export function typeLine(value: Value): string | undefined {
  if (value.kind === "error") return undefined;
  const [type, shown] = [showType(value), showValue(value)];
  return type === shown ? type : `${type} = ${shown}`;
}

export function datasetFacts(value: Value): string | undefined {
  if (value.kind !== "dataset") return undefined;
  if (value.outputs.size > 0) return `Parts: ${[...value.outputs.keys()].join(", ")}.`;
  return value.columns.size === 0 ? undefined : `Columns: \`${showColumns(value.columns)}\`.`;
}

/** By the name that a pipeline has for it. */
export function modelFacts({ models }: Pipeline, name: string): string | undefined {
  const named = models.find((one) => one.name === name);
  if (named === undefined) return undefined;
  const { root } = named.model;
  const all = parametersOf(root).map(({ parameter }) => parameter);
  const count = (some: typeof all) => some.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
  const trained = all.filter(({ path }) => named.changed.has(path));
  return [
    `${showCount(count(all))} parameters in ${blocksOf(root).length} blocks.`,
    ...(changes(named) ? [`${showCount(count(trained))} of them are trained or new.`] : []),
  ].join(" ");
}

function changes({ kind, changed }: NamedModel): boolean {
  return kind !== "loaded" && changed.size > 0;
}

function elementsOf(shape: readonly Axis[]): number {
  return shape.reduce(
    (product, axis) => product * (axis.kind === "axis" ? (knownSize(axis.size) ?? 1) : 1),
    1,
  );
}

/** Blocks that a path of an adapt names. */
export function blockFacts(blocks: readonly Instance[]): string | undefined {
  const [first] = blocks;
  if (first === undefined) return undefined;
  const types = [...new Set(blocks.map(showType))];
  const kinds = types.length > 3 ? `${types.slice(0, 3).join(", ")}, …` : types.join(", ");
  return blocks.length === 1
    ? `${first.path}: \`${kinds}\``
    : `${blocks.length} blocks, from ${first.path} on: \`${kinds}\``;
}

/** A share of a run, in what the length of the run is written in. Steps of epochs are known once rows are counted. */
export function spanFacts(
  pipeline: Pipeline,
  value: NumberValue,
  offset: number,
): string | undefined {
  const amount = amountOf(value);
  const step = pipeline.steps.find(
    (one): one is TrainStep => one.kind === "train" && holds(one.item.span, offset),
  );
  if (step === undefined || amount === undefined || value.unit !== "ratio") return undefined;
  const { amount: whole, unit } = step.length;
  if (unit === "steps") return `${Math.round(amount * whole)} of the run's ${whole} steps.`;
  const share = Number((amount * whole).toPrecision(4));
  return `${showCount(share)} of the run's ${showCount(whole)} ${unit}; \`ftc plan\` counts the rows and says how many steps that is.`;
}
