/** Evaluations and checkpoints that a run of this length never comes to. */

import type { Quantity } from "../core/fields.ts";
import type { TrainStep } from "../core/pipeline.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { RunLength } from "../types/apply.ts";
import { showQuantity } from "../types/unit.ts";

/** A span of the run in steps; a period is one step at least. */
export function stepsOf(span: Quantity, length: RunLength): number {
  return Math.max(1, length.spanSteps(span.unit, span.amount));
}

export function periodFaults(step: TrainStep, length: RunLength): readonly Diagnostic[] {
  const periods = [
    { slug: "eval-never", what: "an evaluation", every: step.evaluate?.every },
    { slug: "save-never", what: "a checkpoint", every: step.save?.every },
  ] as const;
  return periods.flatMap(({ slug, what, every }) => {
    if (every === undefined || stepsOf(every, length) <= length.steps) return [];
    const written = showQuantity(every.unit, every.amount);
    const steps = `${stepsOf(every, length)} steps`;
    const span = every.unit === "steps" ? steps : `${written}, which is ${steps},`;
    const tenth = Math.max(1, Math.floor(length.steps / 10));
    return error(slug, {
      at: every.at,
      title: `${what} every ${span} never comes in a run of ${length.steps}`,
      secondary: [{ span: step.length.at, text: `${length.steps} steps` }],
      fixes: [{ text: `${tenth}steps`, edits: [{ span: every.at, text: `${tenth}steps` }] }],
    });
  });
}
