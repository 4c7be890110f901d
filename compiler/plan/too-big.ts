/** What a plan needs and may not have: more memory than its author allows, or one thing that a device does not take. */

import type { Quantity } from "../core/fields.ts";
import type { Pipeline, Step, TrainStep } from "../core/pipeline.ts";
import { windowOf } from "../core/sequences.ts";
import { withField } from "../core/step-edit.ts";
import { type Diagnostic, error, type Fix, replace, warning } from "../diagnostics/diagnostic.ts";
import type { Column } from "../types/value.ts";
import type { PlannedPrograms } from "./programs.ts";
import { memoryTable, type Oversized, oversized, showBytes } from "./table.ts";
import { isAssumed, type Target } from "./target.ts";

/** Bytes of the whole plan with another step in the place of one. */
export type BytesWith = (step: TrainStep, instead: TrainStep) => number;

/** Owners that are named, the largest first. */
const mostOwners = 5;

/** A train step whose plan is larger than its `memory`. */
export function budgetFaults(
  { steps }: Pipeline,
  planned: PlannedPrograms,
  bytesWith: BytesWith,
): readonly Diagnostic[] {
  const { bytes } = planned.requires;
  return steps.flatMap((step) => {
    if (step.kind !== "train" || step.memory === undefined || bytes <= step.memory.amount)
      return [];
    return error("too-big", {
      at: step.memory.at,
      title: `this run needs ${showBytes(bytes)} and may use ${showBytes(step.memory.amount)}`,
      notes: memoryTable(planned)
        .slice(0, mostOwners)
        .map((row) => `${row.owner.padEnd(12)}${showBytes(row.bytes).padStart(10)}`),
      fixes: whatHelps(step, step.memory, bytes, (instead) => bytesWith(step, instead)),
    });
  });
}

/**
 * What would make the plan smaller, each with its new total: fewer sequences at once, which give the same result in more
 * parts; shorter windows; both; and how much memory the run is to be given as it is.
 */
function whatHelps(
  step: TrainStep,
  memory: Quantity,
  bytes: number,
  bytesWith: (instead: TrainStep) => number,
): Fix[] {
  const totals = new Map<string, number>();
  const total = (atOnce: number, length?: number): number => {
    const key = `${atOnce} ${length}`;
    const known = totals.get(key) ?? bytesWith(smaller(step, atOnce, length));
    totals.set(key, known);
    return known;
  };
  const fits = (atOnce: number, length?: number) => total(atOnce, length) <= memory.amount;
  const fewer = divisorsOf(step.sequences).filter((count) => count < step.atOnce);
  const [fewest] = fewer;
  const most = fewer.findLast((count) => fits(count));
  const length = halfOf(step);
  const fixes: Fix[] = [];
  if (most !== undefined) fixes.push(inParts(step, most, total(most)));
  else if (fewest !== undefined && total(fewest) < bytes)
    fixes.push({ text: `${withCount(fewest, total(fewest))}: still too much` });
  const isShort = length !== undefined && fits(step.atOnce, length);
  if (length !== undefined && isShort)
    fixes.push({ text: inWindows(step, length, total(step.atOnce, length)) });
  else if (
    length !== undefined &&
    most === undefined &&
    fewest !== undefined &&
    fits(fewest, length)
  )
    fixes.push({
      text: `at_once = ${fewest}seq and ${inWindows(step, length, total(fewest, length))}`,
    });
  const mebibytes = `${Math.ceil(bytes / 2 ** 20)}MiB`;
  return [
    ...fixes,
    replace(memory.at, mebibytes, `memory = ${mebibytes}, where the device has it`),
  ];
}

function withCount(count: number, total: number): string {
  return `at_once = ${count}seq, which needs ${showBytes(total)}`;
}

function inParts({ item, sequences }: TrainStep, count: number, total: number): Fix {
  const parts = `the same result in ${sequences / count} parts a step`;
  const text = `${withCount(count, total)}: ${parts}`;
  return withField(item, "at_once", `${count}seq`, "batch", text);
}

function inWindows({ dataset }: TrainStep, length: number, total: number): string {
  return `windows of ${length}tok in ${dataset.name}, which needs ${showBytes(total)}`;
}

/** Of the step's windows. Each length that is tried is a plan of its own, so no more of them are. */
function halfOf({ dataset }: TrainStep): number | undefined {
  const length = windowOf(dataset.value);
  return length !== undefined && length % 2 === 0 ? length / 2 : undefined;
}

function smaller(step: TrainStep, atOnce: number, length: number | undefined): TrainStep {
  if (length === undefined) return { ...step, atOnce };
  const { value } = step.dataset;
  const columns = new Map(
    [...value.columns].map(([name, column]): [string, Column] => [
      name,
      column.kind === "window" ? { ...column, length } : column,
    ]),
  );
  return { ...step, atOnce, dataset: { ...step.dataset, value: { ...value, columns } } };
}

function divisorsOf(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1).filter((one) => count % one === 0);
}

/**
 * Tensors and results that a device does not take in one piece, the largest of each step. A device that is only
 * assumed may be another in the end, so there it is a warning.
 */
export function deviceFaults(
  { steps }: Pipeline,
  planned: PlannedPrograms,
  target: Target,
): readonly Diagnostic[] {
  const make = isAssumed(target) ? warning : error;
  const byStep = new Map<Step, Oversized[]>();
  for (const one of oversized(planned, target)) {
    const step =
      steps.find(({ item }) => one.program?.startsWith(`${item.name.text}.`)) ?? steps[0];
    byStep.set(step, [...(byStep.get(step) ?? []), one]);
  }
  return [...byStep].map(([step, all]) => {
    const [largest] = all.toSorted((a, b) => b.bytes - a.bytes);
    const others = all.length - 1;
    const takes = `${nameOf(target)} takes ${showBytes(largest.most)}`;
    return make("too-big", {
      at: step.item.name.span,
      title: `${largest.what} is ${showBytes(largest.bytes)} in one piece, and ${takes}`,
      notes: others === 0 ? [] : [`So are ${others} more of this step.`],
      fixes:
        step.kind === "train" && largest.program !== undefined && step.atOnce > 1
          ? [{ text: "a smaller `at_once`, or shorter windows" }]
          : [{ text: "a device that takes more, or a model with a smaller vocabulary" }],
    });
  });
}

/**
 * Steps with a kernel that binds more buffers than a device offers. Fusion keeps to what there is, but the gradients
 * of attention read and write nine, which no device that computes in earnest lacks.
 */
export function bindingFaults(
  { steps }: Pipeline,
  { programs }: PlannedPrograms,
  target: Target,
): readonly Diagnostic[] {
  return steps.flatMap((step) => {
    const own = Object.entries(programs).filter(([name]) =>
      name.startsWith(`${step.item.name.text}.`),
    );
    const dispatches = own.flatMap(([, program]) => program.dispatches);
    const most = Math.max(0, ...dispatches.map(({ bindings }) => bindings.length));
    if (most <= target.mostBindings) return [];
    const kernel = dispatches.find(({ bindings }) => bindings.length === most);
    return error("too-big", {
      at: step.item.name.span,
      title: `${kernel?.label ?? "a kernel"} works on ${most} buffers at once, and ${nameOf(target)} takes ${target.mostBindings}`,
      fixes: [{ text: "another device: `--device`, of those that `ftc doctor` finds" }],
    });
  });
}

function nameOf(target: Target): string {
  return isAssumed(target) ? "WebGPU in software" : target.name;
}
