/** A plan in numbers: what `ftc plan` prints as a table and as JSON. */

import type { ModelPlan, Plan } from "../../runtime/plan.ts";
import { type MemoryRow, memoryTable } from "./table.ts";

export interface PlanSummary {
  readonly trainings: readonly TrainingSummary[];
  readonly models: readonly ModelSummary[];
  readonly memory: {
    /** The largest first. Together they are `bytes`. */
    readonly owners: readonly MemoryRow[];
    readonly bytes: number;
  };
  readonly programs: number;
  readonly dispatches: number;
  readonly kernels: number;
}

export interface TrainingSummary {
  readonly name: string;
  readonly model: string;
  readonly dataset: string;
  readonly steps: number;
  readonly sequences: number;
  readonly epochs: number;
}

export interface ModelSummary {
  readonly name: string;
  /** Elements of its parameters. */
  readonly trained: number;
  readonly frozen: number;
}

/** `windows` counts those of a dataset. Models are those that steps train. */
export function planSummary(plan: Plan, windows: (dataset: string) => number): PlanSummary {
  const trainings = plan.jobs.flatMap((job) =>
    job.kind === "train"
      ? [
          {
            name: job.name,
            model: job.model,
            dataset: job.dataset,
            steps: job.steps,
            sequences: job.sequences,
            epochs: (job.steps * job.sequences) / Math.max(1, windows(job.dataset)),
          },
        ]
      : [],
  );
  const trained = new Set(trainings.map(({ model }) => model));
  return {
    trainings,
    models: [...trained].flatMap((name) =>
      Object.hasOwn(plan.models, name) ? [{ name, ...elementsOf(plan, plan.models[name]) }] : [],
    ),
    memory: { owners: memoryTable(plan), bytes: plan.requires.bytes },
    programs: Object.keys(plan.programs).length,
    dispatches: Object.values(plan.programs).reduce(
      (total, program) => total + program.dispatches.length,
      0,
    ),
    kernels: Object.keys(plan.kernels).length,
  };
}

/** Elements of a model's parameters; one that no program reads has no tensor and counts nothing. */
export function elementsOf(
  { tensors }: Plan,
  { parameters }: ModelPlan,
): { readonly trained: number; readonly frozen: number } {
  const count = (trained: boolean): number =>
    parameters
      .filter((one) => one.trained === trained)
      .map(({ tensor }) => tensors[tensor]?.shape.reduce((product, size) => product * size, 1) ?? 0)
      .reduce((sum, size) => sum + size, 0);
  return { trained: count(true), frozen: count(false) };
}
