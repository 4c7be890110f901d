/** Evaluations and checkpoints that a run of this length never comes to. */

import type { Quantity } from "../core/fields.ts";
import type { TrainStep } from "../core/pipeline.ts";
import { type Diagnostic, error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { textOf } from "../source/file.ts";
import type { RunLength } from "../types/apply.ts";
import type { Closure } from "../types/value.ts";

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
    const steps = `${stepsOf(every, length)} steps`;
    const span = every.unit === "steps" ? steps : `${textOf(every.at)}, which is ${steps},`;
    const tenth = Math.max(1, Math.floor(length.steps / 10));
    return error(slug, {
      at: every.at,
      title: `${what} every ${span} never comes in a run of ${length.steps}`,
      secondary: [{ span: step.length.at, text: `${length.steps} steps` }],
      fixes: [replace(every.at, `${tenth}steps`)],
    });
  });
}

/** For a schedule that asks for more of a run than there is: a share of it, in the place of the one span it is given. */
export function shareOfRun({ item, written }: Closure, length: RunLength): Fix {
  const steps = `${length.spanSteps("ratio", 0.03)} of ${length.steps} steps`;
  const spans = item.params.flatMap(({ name, type }) => {
    const value = written.get(name.text);
    return value !== undefined && type.kind === "named-type" && type.name.text === "span"
      ? [value.span]
      : [];
  });
  return spans.length === 1
    ? replace(spans[0], "3%", `3%, which is ${steps}`)
    : { text: `a share of the run, such as 3%: here ${steps}` };
}
