/**
 * The training loop: micro-batches, updates, evaluations, checkpoints. The host stays a few steps ahead of
 * the device and hears of each step's loss a little later; it waits only where something must be true of
 * the state: before an evaluation, before a checkpoint, at the end.
 */

import type { RunCheckpoints, RunState } from "./checkpoint.ts";
import { showCount } from "./count.ts";
import { type Batch, trainingBatches, type Windows } from "./data/batches.ts";
import { MachineError, planFault } from "./errors.ts";
import { columnsOf, meanOf, measure, numberOf } from "./evaluate.ts";
import type { Executor, ProgramExecution, Results } from "./execute.ts";
import { firstNotFinite, type NotFinite } from "./finite.ts";
import type { Interrupt } from "./interrupt.ts";
import type { EvaluationMetrics, Metrics, StepMetrics } from "./metrics.ts";
import { type Outcome, outcomeOf, unwrapped } from "./outcome.ts";
import type { TrainJob } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { evaluateScalar } from "./scalar.ts";

export interface Training {
  readonly executor: Executor;
  readonly job: TrainJob;
  readonly dataset: Windows;
  /** For periodic evaluations. */
  readonly heldOut: Windows | undefined;
  readonly metrics: Metrics;
  readonly progress: Progress;
  readonly interrupt: Interrupt;
  readonly checkpoints: RunCheckpoints;
  /** Where to go on; undefined to start. The tensors of `job.state` hold what belongs to it. */
  readonly from: RunState | undefined;
  /** Seconds, from any origin. */
  readonly now: () => number;
}

export type TrainOutcome =
  | { readonly kind: "done"; readonly best: BestEvaluation | undefined }
  /** Saved after `step` steps, at `checkpoint`. */
  | { readonly kind: "interrupted"; readonly step: number; readonly checkpoint: string };

export interface BestEvaluation {
  readonly step: number;
  readonly loss: number;
}

/** Steps that the host may be ahead: enough to hide a read's round trip, few enough to stop soon. */
const ahead = 2;

const updateResults = ["loss.sum", "loss.count", "norm"] as const;

/**
 * Trains to the end or to an interruption.
 * @throws MachineError where a loss or a gradient stops being a number
 */
export async function train(training: Training): Promise<TrainOutcome> {
  const { executor, job, interrupt, checkpoints } = training;
  for (const program of [job.accumulate, job.update]) await executor.prepare(program);
  const run = new Run(training);
  if (run.owesEvaluation) await run.evaluate();
  for (let step = run.done; step < job.steps; step++) {
    run.queue(step);
    await run.hear(ahead);
    const done = step + 1;
    if (interrupt.isRequested) {
      const checkpoint = await run.save();
      return { kind: "interrupted", step: done, checkpoint };
    }
    if (evaluatesAfter(job, done)) await run.evaluate();
    if (isDue(job.save?.every, done)) await run.save();
  }
  await run.hear(0);
  if (job.save !== undefined) await run.save();
  const { best } = run;
  if (job.save?.keep === "best" && best !== undefined && best.step !== job.steps) {
    await checkpoints.restore(executor, job.state, best.step);
  }
  return { kind: "done", best };
}

function evaluatesAfter(job: TrainJob, done: number): boolean {
  if (job.evaluate === undefined || done === 0) return false;
  return done === job.steps || isDue(job.evaluate.every, done);
}

function isDue(every: number | undefined, done: number): boolean {
  return every !== undefined && done % every === 0;
}

interface PendingStep {
  readonly step: number;
  readonly tokens: number;
  readonly results: Promise<Outcome<Results>>;
}

/** A run under way: what is queued, and what is known of the steps that are done. */
class Run {
  readonly #training: Training;
  readonly #batch: (step: number, micro: number) => Batch;
  readonly #pending: PendingStep[] = [];
  readonly #started: number;
  readonly #tokensBefore: number;
  readonly #secondsBefore: number;
  readonly #doneBefore: number;
  #done: number;
  #tokens: number;
  #evaluated: number;
  #best: BestEvaluation | undefined;

  constructor(training: Training) {
    const { job, dataset, from, now } = training;
    this.#training = training;
    const batches = trainingBatches(dataset, job);
    this.#batch = (step, micro) => batches.batch(step, micro);
    this.#started = now();
    this.#doneBefore = this.#done = from?.step ?? 0;
    this.#tokensBefore = this.#tokens = from?.tokens ?? 0;
    this.#secondsBefore = from?.seconds ?? 0;
    this.#evaluated = from?.evaluated ?? 0;
    this.#best = from?.best;
  }

  /** Steps whose results were heard. */
  get done(): number {
    return this.#done;
  }

  /** Whether an interruption came between a step and the evaluation after it. */
  get owesEvaluation(): boolean {
    return this.#evaluated < this.#done && evaluatesAfter(this.#training.job, this.#done);
  }

  get best(): BestEvaluation | undefined {
    return this.#best;
  }

  /** Queues a step; `step` counts from 0. */
  queue(step: number): void {
    const { executor, job } = this.#training;
    const batches = this.#batches(step);
    for (const { program, execution } of this.#executions(step, batches)) {
      executor.run(program, execution);
    }
    const tokens = batches.reduce((sum, batch) => sum + tokensOf(batch), 0);
    const results = outcomeOf(executor.results(job.update, updateResults));
    this.#pending.push({ step, tokens, results });
  }

  /** Waits until at most `left` queued steps are not heard of. */
  async hear(left: number): Promise<void> {
    while (this.#pending.length > left) {
      const oldest = this.#pending.shift();
      if (oldest === undefined) return;
      const { step, tokens, results } = oldest;
      await this.#report(step, tokens, unwrapped(await results));
    }
  }

  async evaluate(): Promise<void> {
    const { executor, job, heldOut, metrics, progress } = this.#training;
    const { evaluate, save } = job;
    if (evaluate === undefined || heldOut === undefined) {
      planFault(`${job.name} evaluates without a dataset`);
    }
    await this.hear(0);
    const means = await measure(executor, evaluate, heldOut, (done) =>
      progress.activity(`${evaluate.dataset}  ${done}/${heldOut.count}`),
    );
    const loss = meanOf(means, "loss");
    const line: EvaluationMetrics = {
      step: this.#done,
      evaluation: evaluate.dataset,
      metrics: { loss, perplexity: Math.exp(loss) },
    };
    metrics.add(line);
    this.#evaluated = this.#done;
    progress.note(`${job.name}  step ${this.#done}  ${evaluate.dataset} loss ${loss.toFixed(4)}`);
    if (!Number.isFinite(loss) || loss >= (this.#best?.loss ?? Number.POSITIVE_INFINITY)) return;
    this.#best = { step: this.#done, loss };
    if (save?.keep === "best") await this.save();
  }

  /** Everything that the steps so far left, on disk. Answers where. */
  async save(): Promise<string> {
    const { executor, job, checkpoints, from } = this.#training;
    await this.hear(0);
    // A finished run that is taken up again has nothing to add to its checkpoint.
    if (this.#done === from?.step && this.#evaluated === from.evaluated) {
      return checkpoints.folder(this.#done);
    }
    const state = {
      step: this.#done,
      tokens: this.#tokens,
      seconds: this.#seconds(),
      evaluated: this.#evaluated,
      best: this.#best,
    };
    return checkpoints.save(executor, job.state, state);
  }

  async #report(step: number, tokens: number, results: Results): Promise<void> {
    const { job, metrics, progress } = this.#training;
    const count = numberOf(results, "loss.count");
    if (count === 0) throw nothingLearned(job, step + 1);
    const line: StepMetrics = {
      step: step + 1,
      loss: numberOf(results, "loss.sum") / count,
      learning_rate: evaluateScalar(job.learningRate, { step, seed: job.seed }),
      grad_norm: numberOf(results, "norm"),
      tokens: this.#tokens + tokens,
      seconds: this.#seconds(),
    };
    if (!Number.isFinite(line.loss) || !Number.isFinite(line.grad_norm)) await this.#stop(line);
    this.#done = line.step;
    this.#tokens = line.tokens;
    metrics.add(line);
    progress.step({
      job: job.name,
      step: line.step,
      steps: job.steps,
      loss: line.loss,
      tokens: line.tokens - this.#tokensBefore,
      seconds: line.seconds - this.#secondsBefore,
      done: line.step - this.#doneBefore,
    });
  }

  #batches(step: number): Batch[] {
    const { sequences, atOnce } = this.#training.job;
    return Array.from({ length: sequences / atOnce }, (_, micro) => this.#batch(step, micro));
  }

  /** What a step runs, in order. */
  #executions(step: number, batches: readonly Batch[]): ProgramExecution[] {
    const { accumulate, update, seed } = this.#training.job;
    const first = step * batches.length;
    const micros = batches.map((batch, micro) => ({
      program: accumulate,
      execution: {
        batch: columnsOf(batch),
        variables: { step, seed, execution: first + micro },
      },
    }));
    const variables = { step, seed, execution: first };
    return [...micros, { program: update, execution: { batch: {}, variables } }];
  }

  async #stop(line: StepMetrics): Promise<never> {
    const { executor, job, progress } = this.#training;
    const step = line.step - 1;
    const executions = this.#executions(step, this.#batches(step));
    const found = await firstNotFinite(executor, job, executions, (looked) =>
      progress.activity(`${job.name}  looking for what is not a number  ${looked}`),
    );
    progress.end();
    const what = `the ${Number.isFinite(line.loss) ? "gradient" : "loss"} of step ${line.step} is not a number`;
    throw new MachineError(`${what}: ${whereNotFinite(found)}`, waysOut(found, job, line));
  }

  #seconds(): number {
    return this.#secondsBefore + this.#training.now() - this.#started;
  }
}

function whereNotFinite(found: NotFinite | undefined): string {
  switch (found?.kind) {
    case undefined:
      return "all that it computes is finite when it is computed again";
    case "frozen":
      return `${found.name}, which is frozen, holds some that are none since it was loaded`;
    case "trained":
      return `of ${found.tensors} tensors ${found.broken} were not finite before it, the first is ${found.name}`;
    case "computed":
      return `its weights are finite, and the first tensor that is not is what \`${found.label}\` gives, in ${showCount(found.broken)} of ${showCount(found.elements)} elements`;
    default:
      return found satisfies never;
  }
}

function waysOut(found: NotFinite | undefined, job: TrainJob, line: StepMetrics): string[] {
  if (found?.kind === "frozen") return [`look for the fault in the checkpoint of ${job.model}`];
  return [
    `lower the learning rate, which was ${line.learning_rate}, or warm up for longer`,
    "clip the gradient (`grad_clip = 1.0`)",
    "look at the batch of that step for rows unlike the others",
  ];
}

function nothingLearned(job: TrainJob, step: number): MachineError {
  return new MachineError(
    `no position of the ${job.sequences} sequences of step ${step} counts for the loss`,
    ["use a larger `batch`, or leave out rows of which nothing is learned"],
  );
}

/** Padding is not counted. Windows are, where a dataset has no segments. */
function tokensOf(batch: Batch): number {
  const { segment } = batch;
  if (segment === undefined) return Object.values(batch)[0]?.shape[0] ?? 0;
  let count = 0;
  for (const value of segment.data) if (value >= 0) count++;
  return count;
}
