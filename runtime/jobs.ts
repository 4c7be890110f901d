/** Which jobs of a plan are done: all, or those that are asked for with the trainings that they go on from. */

import { MachineError } from "./errors.ts";
import type { Job, Plan } from "./plan.ts";

/** In the plan's order. @throws MachineError for a name that no job has */
export function chosenJobs(plan: Plan, only: readonly string[] | undefined): readonly Job[] {
  if (only === undefined) return plan.jobs;
  const names = plan.jobs.map((job) => job.name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new MachineError(`the plan has no job ${unknown}`, [`it has ${names.join(", ")}`]);
  const chosen = new Set<Job>();
  const wanted = new Set<string>();
  // What a job needs was trained before it: the last training of a tensor is met first.
  for (const job of plan.jobs.toReversed()) {
    const isNeeded = trainedBy(plan, job).some((tensor) => wanted.has(tensor));
    if (!isNeeded && !only.includes(job.name)) continue;
    chosen.add(job);
    for (const tensor of readBy(plan, job)) wanted.add(tensor);
  }
  return plan.jobs.filter((job) => chosen.has(job));
}

function trainedBy(plan: Plan, job: Job): readonly string[] {
  if (job.kind !== "train") return [];
  const parameters = plan.models[job.model]?.parameters ?? [];
  return parameters.filter(({ trained }) => trained).map(({ tensor }) => tensor);
}

function readBy(plan: Plan, job: Job): readonly string[] {
  const copied = job.kind === "train" ? (job.start?.copies ?? []).map(({ from }) => from) : [];
  const models = job.kind === "evaluate" ? job.models.map(({ model }) => model) : [job.model];
  const parameters = models.flatMap((model) => plan.models[model]?.parameters ?? []);
  return [...copied, ...parameters.map(({ tensor }) => tensor)];
}
