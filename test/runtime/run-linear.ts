/** Trains the plan of linear-plan.ts in a folder, as run.ts would, and hands back what it left. */

import { join } from "node:path";
import { identityOf, RunCheckpoints } from "../../runtime/checkpoint.ts";
import type { Device } from "../../runtime/device.ts";
import { Executor } from "../../runtime/execute.ts";
import { Interrupt } from "../../runtime/interrupt.ts";
import { Metrics, type MetricsLine } from "../../runtime/metrics.ts";
import type { TrainJob } from "../../runtime/plan.ts";
import { Progress } from "../../runtime/progress.ts";
import type { TensorData } from "../../runtime/tensor-data.ts";
import { type TrainOutcome, train } from "../../runtime/train.ts";
import { linearJob, linearPlan, points } from "./linear-plan.ts";

export interface LinearRun {
  readonly outcome: TrainOutcome;
  readonly weight: TensorData;
  readonly momentum: TensorData;
  readonly lines: readonly MetricsLine[];
  readonly shown: string;
}

export interface LinearOptions {
  readonly directory: string;
  readonly job?: Partial<TrainJob>;
  readonly rate?: number;
  readonly resume?: boolean;
  /** What the weights are before the first step. */
  readonly weight?: readonly number[];
  /** Hears the weights at the end, of a run that fails as well. */
  readonly left?: (weight: TensorData) => void;
  /** Asks for an end, as Ctrl-C does, when this text has been shown. */
  readonly interruptAt?: string;
  /** Hears everything that is shown. */
  readonly heard?: (text: string) => void;
}

export async function runLinear(device: Device, options: LinearOptions): Promise<LinearRun> {
  const { directory, rate = 0.1, resume = false, interruptAt, heard, left } = options;
  const job: TrainJob = { ...linearJob, ...options.job };
  const plan = { ...linearPlan(rate), jobs: [job] };
  const executor = await Executor.open(device, plan);
  if (options.weight !== undefined) await executor.write("w", Float32Array.from(options.weight));
  const checkpoints = new RunCheckpoints(join(directory, "checkpoints"), identityOf(plan, job));
  const from = resume ? await checkpoints.latest() : undefined;
  if (from !== undefined) await checkpoints.restore(executor, job.state, from.step);
  const metrics = Metrics.open(directory, from?.step ?? 0);
  let shown = "";
  const progress = new Progress({
    isTerminal: false,
    write(text) {
      shown += text;
      heard?.(text);
      if (interruptAt !== undefined && text.includes(interruptAt)) process.emit("SIGINT");
    },
  });
  const interrupt = new Interrupt(() => progress.note("finishing this step"));
  try {
    const outcome = await train({
      executor,
      job,
      dataset: points,
      heldOut: job.evaluate && points,
      metrics,
      progress,
      interrupt,
      checkpoints,
      from,
      now: () => performance.now() / 1000,
    });
    const weight = await executor.read("w");
    const momentum = await executor.read("momentum");
    return { outcome, weight, momentum, lines: metrics.lines, shown };
  } finally {
    left?.(await executor.read("w"));
    interrupt.close();
    executor.close();
  }
}
