/**
 * A checked pipeline as a plan: tensors by name, the graphs of every step, the jobs. Window counts come from
 * whoever has read the data; spans become steps here and nowhere else.
 */

import type { ColumnType, DataPlan } from "../../runtime/data/plan.ts";
import type {
  Job,
  Measurement,
  ModelPlan,
  Plan,
  TensorSource,
  TrainJob,
} from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import { checkpointOf, fileName } from "../core/checkpoint.ts";
import { unmergeable, withoutLayout } from "../core/exports.ts";
import { Holders, originOf } from "../core/holders.ts";
import type {
  EvaluateStep,
  ExportStep,
  NamedDataset,
  NamedModel,
  Pipeline,
  TrainStep,
} from "../core/pipeline.ts";
import { parametersOf, tiesOf } from "../core/tree.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Graph, TensorType } from "../graph/graph.ts";
import { numbersOf } from "../graph/lower.ts";
import {
  accumulateGraph,
  type BatchColumn,
  evaluateGraph,
  gradientName,
  type ModelToLower,
  stateName,
  sums,
  type Trained,
  updateGraph,
} from "../graph/programs.ts";
import type { Span } from "../source/file.ts";
import { applySchedule, initialStates, type RunLength } from "../types/apply.ts";
import { checking } from "../types/check.ts";
import type { Initial, Parameter } from "../types/value.ts";
import { generationOf } from "./generation.ts";
import { hostScalar } from "./host.ts";
import { trainingIdentity } from "./identity.ts";
import { mergesIn, nothingMerged } from "./merging.ts";
import { measuresOf, metricPlanOf } from "./metrics.ts";
import { modelPlanOf } from "./model-plan.ts";
import { periodFaults, shareOfRun, stepsOf } from "./periods.ts";
import { type PlannedPrograms, planPrograms } from "./programs.ts";
import { isAssumed, type Target } from "./target.ts";
import { bindingFaults, budgetFaults, deviceFaults } from "./too-big.ts";
import { verifyPlan } from "./verify.ts";

/** What reading a dataset told: how many windows it has, and a hash of their tokens. */
export interface DataFacts {
  readonly windows: number;
  readonly hash: string;
}

export interface AssembleOptions {
  readonly source: string;
  readonly compiler: string;
  readonly target: Target;
  readonly data: ReadonlyMap<string, DataFacts>;
  /** Hash of the files at a model's address, where they were hashed. */
  readonly filesOf?: (address: string) => string | undefined;
  /** What the passes make of a graph. */
  readonly optimise: (graph: Graph) => Graph;
  /** Whether models, kernels and the plan are verified. What is wrong with them is a bug. */
  readonly verify?: boolean;
}

export interface Assembled {
  /** Undefined after a fault. */
  readonly plan: Plan | undefined;
  readonly graphs: readonly Graph[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Texts that are generated at once, and tokens of a text that are read at once. */
const generation = { rows: 8, chunk: 16 } as const;

export function assemble(pipeline: Pipeline, options: AssembleOptions): Assembled {
  return new Assembler(pipeline, options).run();
}

/** The datasets of a pipeline's steps, by name. */
export function datasetsOf(pipeline: Pipeline): ReadonlyMap<string, NamedDataset> {
  const found = new Map<string, NamedDataset>();
  for (const step of pipeline.steps) {
    if (step.kind !== "export") found.set(step.dataset.name, step.dataset);
    if (step.kind === "train" && step.evaluate !== undefined)
      found.set(step.evaluate.on.name, step.evaluate.on);
  }
  return found;
}

export function dataPlanOf(dataset: NamedDataset): DataPlan {
  return { stages: dataset.value.stages };
}

/** A model as graphs need it. */
interface Lowered extends ModelToLower {
  /** Its key in the plan. */
  readonly name: string;
  readonly trained: readonly Trained[];
}

class Assembler {
  readonly #pipeline: Pipeline;
  readonly #options: AssembleOptions;
  readonly #graphs: Graph[] = [];
  readonly #sources = new Map<string, TensorSource>();
  readonly #models = new Map<string, ModelPlan>();
  readonly #lowered = new Map<string, Lowered>();
  readonly #jobs: Job[] = [];
  readonly #found: Diagnostic[] = [];
  readonly #holders: Holders;
  /** Parameters of the plan's models, which live whether or not a program reads them. */
  readonly #kept = new Map<string, TensorType>();
  /** The step at hand. */
  #at: Span | undefined;
  #seed = 0;

  constructor(pipeline: Pipeline, options: AssembleOptions) {
    this.#pipeline = pipeline;
    this.#holders = new Holders(pipeline.steps);
    this.#options = options;
  }

  run(): Assembled {
    for (const step of this.#pipeline.steps) if (step.kind === "train") this.#seed = step.seed;
    for (const step of this.#pipeline.steps) {
      this.#at = step.item.name.span;
      if (step.kind === "train") this.#train(step);
      else if (step.kind === "evaluate") this.#evaluate(step);
      else this.#export(step);
    }
    this.#found.sort((one, other) => one.primary.span.start - other.primary.span.start);
    const refused = { plan: undefined, graphs: this.#graphs, diagnostics: this.#found };
    if (this.#found.length > 0) return refused;
    const { verify = false } = this.#options;
    const planned = planPrograms(
      this.#graphs,
      this.#options.target,
      (name) => this.#sources.get(name) ?? bug(`nothing says what ${name} holds`),
      { kept: this.#kept, verify },
    );
    const tooBig = [
      ...budgetFaults(this.#pipeline, planned, (step, instead) => this.#bytesWith(step, instead)),
      ...deviceFaults(this.#pipeline, planned, this.#options.target),
      ...bindingFaults(this.#pipeline, planned, this.#options.target),
    ];
    if (tooBig.some(({ severity }) => severity === "error"))
      return { ...refused, diagnostics: tooBig };
    if (verify) demandSound(planned, this.#options.target);
    const datasets = [...datasetsOf(this.#pipeline)].map(([name, dataset]) => [
      name,
      dataPlanOf(dataset),
    ]);
    const plan: Plan = {
      format: "ftc-plan",
      version: 1,
      compiler: this.#options.compiler,
      source: this.#options.source,
      ...planned,
      models: Object.fromEntries(this.#models),
      datasets: Object.fromEntries(datasets),
      jobs: this.#jobs,
    };
    return { plan, graphs: this.#graphs, diagnostics: tooBig };
  }

  /** What all of it needs with another step in the place of one; without end where no device takes that. */
  #bytesWith(step: TrainStep, instead: TrainStep): number {
    const steps = this.#pipeline.steps.map((one) => {
      const put = one === step ? instead : one;
      return put.kind === "train" ? { ...put, memory: undefined } : put;
    });
    const { plan } = assemble({ ...this.#pipeline, steps }, this.#options);
    return plan?.requires.bytes ?? Number.POSITIVE_INFINITY;
  }

  /** A requirement of a body that the numbers of a step break, once, where the author can do something about it. */
  readonly #broken = (fault: Diagnostic): void => {
    const said = this.#found.some(
      ({ title, secondary }) =>
        title === fault.title && secondary.some(({ span }) => span === fault.primary.span),
    );
    if (said) return;
    this.#found.push({
      ...fault,
      primary: { span: this.#at ?? bug("no step is at hand"), text: "" },
      secondary: [{ span: fault.primary.span, text: "asked here" }],
    });
  };

  #graph(graph: Graph): string {
    this.#graphs.push(this.#options.optimise(graph));
    return graph.name;
  }

  // Models ----------------------------------------------------------------------------------------

  /** Names, sources and the plan of a model, found when it is first asked for. */
  #lower(named: NamedModel): Lowered {
    const own = this.#holders.nameOf(named);
    const known = this.#lowered.get(own);
    if (known !== undefined) return known;
    const { root } = named.model;
    const ties = tiesOf(root);
    const nameOf = (path: string): string => {
      const tied = ties.get(path) ?? path;
      return `${this.#holders.holderOf(named, tied)}.${tied}`;
    };
    const trained: Trained[] = [];
    for (const { parameter } of parametersOf(root)) {
      const { path } = parameter;
      if (ties.has(path)) continue;
      const name = nameOf(path);
      const type: TensorType = { dtype: "f32", shape: numbersOf(parameter.shape) };
      this.#kept.set(name, type);
      if (this.#holders.isTrained(named, path)) trained.push({ name, type });
      this.#sources.set(name, this.#sourceOf(named, parameter));
    }
    this.#addModel(named, nameOf, new Set(trained.map((one) => one.name)));
    const lowered = { name: own, root, nameOf, trained };
    this.#lowered.set(own, lowered);
    return lowered;
  }

  /** What a parameter's tensor holds before anything runs. A training that goes on from another's is given its result. */
  #sourceOf(named: NamedModel, parameter: Parameter): TensorSource {
    const { path, init } = parameter;
    const origin = originOf(named, path);
    const { kind, from, holder, model } = origin;
    if (kind === "trained" && from !== undefined) {
      const goesOn = this.#holders.isApart(origin) && originOf(from, path).kind === "trained";
      return goesOn ? { kind: "zeros" } : this.#sourceOf(from, parameter);
    }
    return kind === "loaded" && model.checkpoint !== undefined
      ? {
          kind: "checkpoint",
          model: model.base,
          name: fileName(checkpointOf(model.root.item, "hf"), path),
        }
      : sourceOf(init, this.#seed, `${holder}.${path}`);
  }

  #addModel(
    named: NamedModel,
    nameOf: (path: string) => string,
    trained: ReadonlySet<string>,
  ): void {
    const { model } = named;
    const plan = modelPlanOf(model, nameOf, trained);
    const own = this.#holders.nameOf(named);
    this.#models.set(own, plan);
    // Weights come from the model that has the checkpoint.
    if (model.base !== own && !this.#models.has(model.base))
      this.#models.set(model.base, { ...plan, adapters: [], parameters: [] });
  }

  #generate(named: NamedModel, context: number): void {
    const { name, root, nameOf } = this.#lower(named);
    const known = this.#models.get(name);
    if (known === undefined || known.generate !== undefined) return;
    const size = { ...generation, context };
    const { optimise } = this.#options;
    const { graphs, plan, sources } = generationOf(
      name,
      { root, nameOf, broken: this.#broken },
      size,
      optimise,
    );
    this.#graphs.push(...graphs);
    for (const [cache, source] of sources) this.#sources.set(cache, source);
    this.#models.set(name, { ...known, generate: plan });
  }

  // Steps -----------------------------------------------------------------------------------------

  #train(step: TrainStep): void {
    const name = step.item.name.text;
    const length = this.#length(step);
    this.#found.push(...periodFaults(step, length));
    const context = checking(this.#found);
    if (typeof step.learningRate !== "number") {
      const { written } = step.learningRate;
      const labels = [{ span: step.length.at, text: `${length.steps} steps` }];
      const at = [...written.values()][0]?.span ?? step.item.name.span;
      applySchedule(context, step.learningRate, undefined, length, {
        at,
        slug: "warmup-too-long",
        labels,
        written,
        fixes: [shareOfRun(step.learningRate, length)],
      });
    }
    const { name: model, root, nameOf, trained } = this.#lower(step.model);
    const saved = step.item.fields.find((field) => field.name.text === "save");
    if (saved !== undefined) this.#found.push(...withoutLayout(root, saved.span));
    const batch = { sequences: step.atOnce, columns: columnsOf(step.dataset) };
    const states = initialStates(context, step.optimizer);
    for (const one of trained) {
      this.#sources.set(gradientName(one.name), { kind: "zeros" });
      for (const [state, value] of states)
        this.#sources.set(
          stateName(one.name, state),
          value === 0 ? { kind: "zeros" } : { kind: "fill", value },
        );
    }
    for (const sum of Object.values(sums)) this.#sources.set(sum, { kind: "zeros" });
    if (this.#found.length > 0) return;
    const accumulate = this.#graph(
      accumulateGraph(
        `${name}.accumulate`,
        { root, nameOf, broken: this.#broken },
        step.loss,
        batch,
        trained,
      ),
    );
    const update = updateGraph(`${name}.update`, {
      trained,
      optimizer: step.optimizer,
      schedule: step.learningRate,
      length,
      clip: step.clip,
      states,
      broken: this.#broken,
    });
    this.#graph(update);
    const evaluate =
      step.evaluate === undefined
        ? undefined
        : this.#periodic(step, step.evaluate, length, { root, nameOf, broken: this.#broken });
    const state = trained.flatMap((one) => [
      one.name,
      gradientName(one.name),
      ...[...states.keys()].map((own) => stateName(one.name, own)),
    ]);
    const job: Omit<TrainJob, "identity"> = {
      kind: "train",
      name,
      model,
      dataset: step.dataset.name,
      accumulate,
      update: update.name,
      state: [...state, ...Object.values(sums)],
      ...this.#start(step, [...states.keys()]),
      steps: length.steps,
      sequences: step.sequences,
      atOnce: step.atOnce,
      seed: step.seed,
      learningRate: hostScalar(update, "learning_rate"),
      evaluate,
      save:
        step.save === undefined
          ? undefined
          : {
              to: step.save.to,
              dtype: "f32",
              keep: step.save.keep,
              every: step.save.every === undefined ? undefined : stepsOf(step.save.every, length),
            },
    };
    this.#jobs.push({ ...job, identity: this.#identity(step, job, update) });
  }

  /** What a training finds changed by those before it, where there is any. */
  #start(step: TrainStep, states: readonly string[]): Pick<TrainJob, "start"> {
    const { nameOf: before } = this.#lower(step.start);
    const { root, nameOf } = this.#lower(step.model);
    const again = parametersOf(root)
      .map(({ parameter }) => parameter.path)
      .filter((path) => step.model.changed.has(path) && !tiesOf(root).has(path))
      .filter((path) => originOf(step.start, path).kind === "trained");
    if (again.length === 0) return {};
    const isApart = this.#holders.isApart(step.model);
    return {
      start: {
        copies: isApart ? again.map((path) => ({ from: before(path), to: nameOf(path) })) : [],
        fresh: isApart
          ? []
          : again.flatMap((path) => states.map((state) => stateName(nameOf(path), state))),
      },
    };
  }

  #identity(step: TrainStep, job: Omit<TrainJob, "identity">, update: Graph): string {
    const { root, nameOf, trained } = this.#lower(step.model);
    const model = { root, nameOf, broken: this.#broken };
    const one = (dataset: NamedDataset) => ({ sequences: 1, columns: columnsOf(dataset) });
    const measures = measuresOf(step.loss);
    const graphs = [
      accumulateGraph("forward", model, step.loss, one(step.dataset), []),
      update,
      ...(step.evaluate === undefined
        ? []
        : [evaluateGraph("evaluate", model, measures, one(step.evaluate.on))]),
    ];
    const datasets = [step.dataset, ...(step.evaluate === undefined ? [] : [step.evaluate.on])];
    return trainingIdentity({
      job,
      graphs,
      trained: trained.map(({ name }) => name),
      sources: this.#sources,
      data: datasets.map(({ name }) => this.#options.data.get(name)?.hash),
      filesOf: (name) => this.#options.filesOf?.(this.#models.get(name)?.checkpoint ?? ""),
      earlier: this.#jobs.filter((other) => other.kind === "train"),
    });
  }

  #periodic(
    step: TrainStep,
    evaluate: NonNullable<TrainStep["evaluate"]>,
    length: RunLength,
    model: ModelToLower,
  ): TrainJob["evaluate"] {
    const name = `${step.item.name.text}.evaluate`;
    const measures = measuresOf(step.loss);
    return {
      every: stepsOf(evaluate.every, length),
      dataset: evaluate.on.name,
      ...this.#measurement(name, model, measures, evaluate.on, step.atOnce),
    };
  }

  /** Programs for all windows of a dataset, `atOnce` of them together. */
  #measurement(
    name: string,
    model: ModelToLower,
    measures: ReturnType<typeof measuresOf>,
    dataset: NamedDataset,
    atOnce: number,
  ): Measurement {
    const columns = columnsOf(dataset);
    const program = (own: string, sequences: number) =>
      this.#graph(evaluateGraph(own, model, measures, { sequences, columns }));
    const windows = this.#windowsOf(dataset);
    const whole = program(name, Math.min(atOnce, windows));
    const left = windows % Math.min(atOnce, windows);
    return left === 0
      ? { program: whole }
      : { program: whole, rest: program(`${name}.rest`, left) };
  }

  #windowsOf({ name }: NamedDataset): number {
    return this.#options.data.get(name)?.windows ?? bug(`nobody counted ${name}`);
  }

  /** Spans as steps: an epoch is the windows of the dataset over the sequences of a batch. */
  #length(step: TrainStep): RunLength {
    const epoch = this.#windowsOf(step.dataset) / step.sequences;
    const tokens = step.sequences * windowOf(columnsOf(step.dataset));
    const fixed = (unit: string, amount: number) =>
      unit === "epochs" ? amount * epoch : unit === "tokens" ? amount / tokens : amount;
    const steps = Math.max(1, Math.round(fixed(step.length.unit, step.length.amount)));
    return {
      steps,
      spanSteps: (unit, amount) =>
        Math.round(unit === "ratio" ? amount * steps : fixed(unit, amount)),
    };
  }

  #evaluate(step: EvaluateStep): void {
    const name = step.item.name.text;
    const metrics = step.metrics.map(metricPlanOf);
    const writes = metrics.some(({ kind }) => kind === "answers");
    const context = windowOf(columnsOf(step.dataset)) + generation.chunk;
    const models = step.models.map((named) => {
      const { name: model, root, nameOf } = this.#lower(named);
      const measurement = this.#measurement(
        `${name}.${model}`,
        { root, nameOf, broken: this.#broken },
        measuresOf(step.loss, step.metrics),
        step.dataset,
        generation.rows,
      );
      if (writes) this.#generate(named, context);
      return { name: model, model, ...measurement };
    });
    this.#jobs.push({
      kind: "evaluate",
      name,
      models,
      dataset: step.dataset.name,
      metrics,
      generate: writes ? { limit: step.limit } : undefined,
    });
  }

  #export(step: ExportStep): void {
    const name = step.item.name.text;
    const { name: key, root, nameOf } = this.#lower(step.model);
    const isWhole = step.format === "safetensors";
    const refused = isWhole ? unmergeable : withoutLayout;
    this.#found.push(...refused(root, step.item.name.span));
    if (this.#found.length > 0) return;
    const model = { root, nameOf, broken: this.#broken };
    const merges = isWhole ? mergesIn(name, model, this.#options.optimise) : nothingMerged;
    this.#graphs.push(...merges.graphs);
    this.#jobs.push({
      kind: "export",
      name,
      model: key,
      format: step.format,
      to: step.to,
      dtype: "f32",
      merges: merges.plans,
    });
  }
}

/** Tokens of a window: the longest column there is. */
function windowOf(columns: ReadonlyMap<string, BatchColumn>): number {
  return Math.max(1, ...[...columns.values()].map((column) => column.shape[0] ?? 1));
}

/** Columns of a dataset of windows, as a batch has them. */
function columnsOf(dataset: NamedDataset): Map<string, BatchColumn> {
  const columns = new Map<string, BatchColumn>();
  for (const [name, column] of dataset.value.columns) {
    if (column.kind === "window" && column.length !== undefined)
      columns.set(name, { dtype: column.of === "bool" ? "bool" : "i32", shape: [column.length] });
    const dtype = column.kind === "value" ? valueDtypes[column.of.kind] : undefined;
    if (dtype !== undefined) columns.set(name, { dtype, shape: [] });
  }
  return columns;
}

/** Columns with one value a window; a case is its place in its enum. */
const valueDtypes: Readonly<Partial<Record<ColumnType["kind"], BatchColumn["dtype"]>>> = {
  int: "i32",
  enum: "i32",
  bool: "bool",
  float: "f32",
};

function sourceOf(init: Initial, seed: number, stream: string): TensorSource {
  if (init.kind === "fill") return init.value === 0 ? { kind: "zeros" } : init;
  return { ...init, seed, stream };
}

/** What is too large for a device that is only assumed has been said as a warning. */
function demandSound(planned: PlannedPrograms, target: Target): void {
  const mostBound = isAssumed(target) ? Number.POSITIVE_INFINITY : target.mostBound;
  const faults = verifyPlan(planned, { ...target, mostBound });
  if (faults.length > 0) bug(`the plan is not sound: ${faults.join("; ")}`);
}
