/** What a plan needs and may not have: more memory than its author allows, or one thing that a device does not take. */

import type { Pipeline, Step, TrainStep } from "../core/pipeline.ts";
import { type Diagnostic, error, type Fix, warning } from "../diagnostics/diagnostic.ts";
import type { StepItem } from "../syntax/ast.ts";
import type { PlannedPrograms } from "./programs.ts";
import { memoryTable, type Oversized, oversized, showBytes } from "./table.ts";
import { isAssumed, type Target } from "./target.ts";

/** Bytes of the whole plan where a step has so many sequences in memory at once. */
export type BytesWith = (step: TrainStep, atOnce: number) => number;

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
      fixes: partsThatHelp({ step, budget: step.memory.amount }, bytes, bytesWith),
    });
  });
}

/**
 * Fewer sequences at once give the same result in more parts: the most that keep to the budget, or else one at a time,
 * each with what the run then needs.
 */
function partsThatHelp(
  { step, budget }: { readonly step: TrainStep; readonly budget: number },
  bytes: number,
  bytesWith: BytesWith,
): Fix[] {
  const smaller = divisorsOf(step.sequences).filter((count) => count < step.atOnce);
  const totals = new Map<number, number>();
  const total = (count: number) => {
    const known = totals.get(count) ?? bytesWith(step, count);
    totals.set(count, known);
    return known;
  };
  const count = smaller.findLast((one) => total(one) <= budget) ?? smaller[0];
  if (count === undefined || total(count) >= bytes) return [];
  const parts = step.sequences / count;
  return [
    {
      text: `at_once = ${count}seq, which needs ${showBytes(total(count))}: the same result in ${parts} parts a step`,
      edits: [edit(step.item, count)],
    },
  ];
}

function edit(item: StepItem, count: number): { span: StepItem["span"]; text: string } {
  const field = (name: string) => item.fields.find((one) => one.name.text === name);
  const written = field("at_once");
  if (written !== undefined) return { span: written.value.span, text: `${count}seq` };
  const { file, end } = field("batch")?.span ?? item.name.span;
  return { span: { file, start: end, end }, text: `\n  at_once = ${count}seq` };
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
