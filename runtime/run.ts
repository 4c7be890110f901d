/**
 * Runs a plan: loads its weights and datasets, does its jobs in order, and says what came of each. Weights
 * are loaded once and all jobs work on the same tensors, so an evaluation after a training sees its result.
 */

import { existsSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { identityOf, RunCheckpoints, type RunState } from "./checkpoint.ts";
import type { Dataset } from "./data/dataset.ts";
import type { DataFault } from "./data/fault.ts";
import { type DataSession, dataSession } from "./data/run.ts";
import type { Device } from "./device.ts";
import { planFault } from "./errors.ts";
import { type Answers, answer, measure, metricOf } from "./evaluate.ts";
import { Executor } from "./execute.ts";
import { exportAdapters, exportModel } from "./export.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { claimFolder } from "./folder-claim.ts";
import { Interrupt, Interrupted } from "./interrupt.ts";
import { chosenJobs } from "./jobs.ts";
import { loadTensors, type ResolveCheckpoint, startTraining } from "./load.ts";
import { Metrics } from "./metrics.ts";
import type { EvaluateJob, ExportJob, Job, ModelPlan, Plan, TrainJob } from "./plan.ts";
import type { Progress } from "./progress.ts";
import type {
  EvaluatedModel,
  EvaluateResult,
  ExportResult,
  JobResult,
  TrainResult,
} from "./results.ts";
import { train } from "./train.ts";

export interface RunOptions {
  readonly device: Device;
  /** The pipeline's folder, from which relative paths start. */
  readonly directory: string;
  readonly progress: Progress;
  /** Go on from the last checkpoint of a training that was interrupted. */
  readonly resume: boolean;
  readonly resolve: ResolveCheckpoint;
  /** Jobs to do, by name, with the trainings that they need; all, if undefined. */
  readonly only?: readonly string[] | undefined;
  /** Datasets that were read before are not read again. */
  readonly data?: DataSession | undefined;
  /** Hears of each job's result when it is there. */
  readonly finished?: (result: JobResult) => void;
}

export type RunOutcome =
  | { readonly kind: "done"; readonly results: readonly JobResult[] }
  /** `checkpoint` is where a training goes on from; undefined where nothing needed saving. */
  | { readonly kind: "interrupted"; readonly job: string; readonly checkpoint: string | undefined }
  /** The dataset has errors: the user's, for the caller to show. */
  | { readonly kind: "data"; readonly dataset: string; readonly faults: readonly DataFault[] };

/**
 * @throws MachineError for a device, file or training that fails, PlanFault for a plan that does not hold
 * together
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunOutcome> {
  const jobs = chosenJobs(plan, options.only);
  const { progress } = options;
  const interrupt = new Interrupt(() => {
    progress.note("finishing the step at hand; press Ctrl-C again to stop at once");
  });
  const executor = await Executor.open(options.device, plan);
  let current = "";
  try {
    await loadTensors(executor, options.resolve, (done, count) => {
      interrupt.check();
      progress.activity(`loading weights  ${done}/${count}`);
    });
    const run = new PlanRun(plan, options, executor, interrupt);
    const results: JobResult[] = [];
    for (const job of jobs) {
      current = job.name;
      const result = await run.do(job);
      if (result.kind === "interrupted" || result.kind === "data") return result;
      results.push(result);
      options.finished?.(result);
    }
    return { kind: "done", results };
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return { kind: "interrupted", job: current, checkpoint: undefined };
  } finally {
    progress.end();
    interrupt.close();
    executor.close();
  }
}

type Ended = Exclude<RunOutcome, { readonly kind: "done" }>;

class PlanRun {
  readonly #plan: Plan;
  readonly #options: RunOptions;
  readonly #executor: Executor;
  readonly #interrupt: Interrupt;
  readonly #data: DataSession;
  readonly #datasets = new Map<string, Dataset>();

  constructor(plan: Plan, options: RunOptions, executor: Executor, interrupt: Interrupt) {
    this.#plan = plan;
    this.#options = options;
    this.#executor = executor;
    this.#interrupt = interrupt;
    this.#data = options.data ?? dataSession(options.directory, options.resolve);
  }

  async do(job: Job): Promise<JobResult | Ended> {
    try {
      switch (job.kind) {
        case "train":
          return await this.#train(job);
        case "evaluate":
          return await this.#evaluate(job);
        case "export":
          return await this.#export(job);
        default:
          job satisfies never;
          return planFault("the plan has a job of a kind that this version does not know");
      }
    } catch (error) {
      if (error instanceof BrokenDataset) return error.outcome;
      throw error;
    }
  }

  async #train(job: TrainJob): Promise<TrainResult | Ended> {
    const folder = resolvePath(this.#options.directory, job.save?.to ?? join("out", job.name));
    const release = claimFolder(folder);
    try {
      return await this.#trainIn(folder, job);
    } finally {
      release();
    }
  }

  async #trainIn(folder: string, job: TrainJob): Promise<TrainResult | Ended> {
    const { progress } = this.#options;
    const dataset = await this.#dataset(job.dataset);
    const heldOut = job.evaluate && (await this.#dataset(job.evaluate.dataset));
    const checkpoints = new RunCheckpoints(
      join(folder, "checkpoints"),
      identityOf(this.#plan, job),
    );
    const from = await this.#start(job, checkpoints);
    if (from === undefined && job.start !== undefined)
      await startTraining(this.#executor, job.start);
    const metrics = Metrics.open(folder, from?.step ?? 0);
    const outcome = await train({
      executor: this.#executor,
      job,
      dataset,
      heldOut,
      metrics,
      progress,
      interrupt: this.#interrupt,
      checkpoints,
      from,
      now: () => performance.now() / 1000,
    });
    if (outcome.kind === "interrupted") {
      progress.note(
        `saved after step ${outcome.step} in ${outcome.checkpoint}; --resume goes on from there`,
      );
      return { kind: "interrupted", job: job.name, checkpoint: outcome.checkpoint };
    }
    const isNew = from?.step !== job.steps;
    if (job.save !== undefined && (isNew || !isWritten(folder))) await this.#write(job, folder);
    const fingerprint = await fingerprintOf(this.#executor, this.#model(job.model));
    const { lines } = metrics;
    return { kind: "train", name: job.name, folder, lines, best: outcome.best, fingerprint };
  }

  /**
   * Where a training starts. A finished one of the same identity is not done again; one that was
   * interrupted goes on only where the user asks for it.
   */
  async #start(job: TrainJob, checkpoints: RunCheckpoints): Promise<RunState | undefined> {
    const { progress, resume } = this.#options;
    const found = await checkpoints.find();
    if (found === undefined) {
      if (resume) progress.note(`${job.name} has no checkpoint yet and starts from the beginning`);
      return undefined;
    }
    const isFinished = found.isOwn && found.state.step === job.steps;
    if (!isFinished && !resume) {
      const { step } = found.state;
      if (found.isOwn) {
        progress.note(
          `${job.name} starts anew, though ${found.folder} holds step ${step} of the same run: --resume would go on`,
        );
      }
      return undefined;
    }
    const from = await checkpoints.latest();
    if (from === undefined) return undefined;
    await checkpoints.restore(this.#executor, job.state, from.step);
    progress.note(
      isFinished
        ? `${job.name} was done before: ${found.folder}`
        : `${job.name} goes on after step ${from.step}`,
    );
    return from;
  }

  async #write(job: TrainJob, folder: string): Promise<void> {
    if (job.save === undefined) return;
    const model = this.#model(job.model);
    const files = await this.#modelExport(model);
    if (model.adapters.length > 0) await exportAdapters(files, folder);
    else await exportModel(files, folder, job.save.dtype, []);
    this.#options.progress.note(`${job.name} is in ${folder}`);
  }

  async #evaluate(job: EvaluateJob): Promise<EvaluateResult> {
    const { progress } = this.#options;
    const dataset = await this.#dataset(job.dataset);
    const models: EvaluatedModel[] = [];
    const writes = job.metrics.some(({ kind }) => kind === "answers");
    for (const { name, model, ...measurement } of job.models) {
      const means = await measure(this.#executor, measurement, dataset, (done) => {
        this.#interrupt.check();
        progress.activity(`${job.name}  ${name}  ${done}/${dataset.count}`);
      });
      const answers = writes
        ? await this.#answers(job, name, this.#model(model), dataset)
        : undefined;
      const values = job.metrics.map((metric) => metricOf(metric, means, answers));
      models.push({ name, values, samples: answers?.samples ?? [] });
    }
    const metrics = job.metrics.map((metric) => metric.name);
    return { kind: "evaluate", name: job.name, metrics, models };
  }

  async #answers(
    job: EvaluateJob,
    name: string,
    model: ModelPlan,
    dataset: Dataset,
  ): Promise<Answers> {
    if (model.generate === undefined || job.generate === undefined) {
      planFault(`${job.name} lets ${name} write, and the plan does not say how`);
    }
    const examples = await dataset.examples();
    return answer(
      this.#executor,
      model.generate,
      dataset.tokenizer,
      examples,
      job.generate.limit,
      (done) => {
        this.#interrupt.check();
        this.#options.progress.activity(`${job.name}  ${name} answers  ${done}/${examples.length}`);
      },
    );
  }

  async #export(job: ExportJob): Promise<ExportResult> {
    const folder = resolvePath(this.#options.directory, job.to);
    const files = await this.#modelExport(this.#model(job.model));
    if (job.format === "peft") await exportAdapters(files, folder);
    else await exportModel(files, folder, job.dtype, job.merges);
    this.#options.progress.note(`${job.name} is in ${folder}`);
    return { kind: "export", name: job.name, folder };
  }

  async #modelExport(model: ModelPlan): Promise<Parameters<typeof exportAdapters>[0]> {
    const { resolve } = this.#options;
    const tokenizer = model.tokenizer && (await this.#data.tokenizer(model.tokenizer));
    return { executor: this.#executor, model, tokenizer, resolve };
  }

  async #dataset(name: string): Promise<Dataset> {
    const known = this.#datasets.get(name);
    if (known !== undefined) return known;
    const plan = this.#plan.datasets[name] ?? planFault(`the plan has no dataset ${name}`);
    this.#options.progress.activity(`reading ${name}`);
    const { dataset, faults } = await this.#data.run(plan);
    if (dataset === undefined) throw new BrokenDataset({ kind: "data", dataset: name, faults });
    this.#datasets.set(name, dataset);
    return dataset;
  }

  #model(name: string): ModelPlan {
    return this.#plan.models[name] ?? planFault(`the plan has no model ${name}`);
  }
}

/** Carries the faults of a dataset out of whatever job needed it. */
class BrokenDataset extends Error {
  readonly outcome: Ended;

  constructor(outcome: Ended) {
    super("a dataset has errors");
    this.outcome = outcome;
  }
}

/** Whether a model's files are there; each layout writes its config last. */
function isWritten(folder: string): boolean {
  return ["adapter_config.json", "config.json"].some((name) => existsSync(join(folder, name)));
}
