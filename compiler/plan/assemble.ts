/**
 * A checked pipeline as a plan: tensors by name, the graphs of every step, the jobs. Window counts come from
 * whoever has read the data; spans become steps here and nowhere else.
 */

import { createHash } from "node:crypto";
import type { DataPlan, TokenizerReference } from "../../runtime/data/plan.ts";
import type {
  AdapterPlan,
  GeneratePlan,
  Job,
  ModelPlan,
  Plan,
  TensorSource,
  TrainJob,
} from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import { adaptedBlocks } from "../core/adapt.ts";
import { checkpointOf, fileName, plainString } from "../core/checkpoint.ts";
import type { Quantity } from "../core/fields.ts";
import { jsonOf } from "../core/model.ts";
import type {
  EvaluateStep,
  ExportStep,
  NamedDataset,
  NamedModel,
  Pipeline,
  TrainStep,
} from "../core/pipeline.ts";
import { parametersOf, tiesOf } from "../core/tree.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import { numbersOf } from "../graph/lower.ts";
import { printGraph } from "../graph/print.ts";
import {
  accumulateGraph,
  type BatchColumn,
  evaluateGraph,
  generateGraph,
  gradientName,
  stateName,
  sums,
  type Trained,
  updateGraph,
} from "../graph/programs.ts";
import { applySchedule, initialStates, type RunLength } from "../types/apply.ts";
import { checking } from "../types/check.ts";
import { inner, moduleScope } from "../types/scope.ts";
import type { Initial, Instance } from "../types/value.ts";
import { hostScalar } from "./host.ts";
import { planPrograms } from "./programs.ts";
import type { Target } from "./target.ts";

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
  /** What the passes make of a graph. */
  readonly optimise: (graph: Graph) => Graph;
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

class Assembler {
  readonly #pipeline: Pipeline;
  readonly #options: AssembleOptions;
  readonly #graphs: Graph[] = [];
  readonly #sources = new Map<string, TensorSource>();
  readonly #models = new Map<string, ModelPlan>();
  readonly #jobs: Job[] = [];
  readonly #found: Diagnostic[] = [];
  #seed = 0;

  constructor(pipeline: Pipeline, options: AssembleOptions) {
    this.#pipeline = pipeline;
    this.#options = options;
  }

  run(): Assembled {
    for (const step of this.#pipeline.steps) if (step.kind === "train") this.#seed = step.seed;
    for (const step of this.#pipeline.steps) {
      if (step.kind === "train") this.#train(step);
      else if (step.kind === "evaluate") this.#evaluate(step);
      else this.#export(step);
    }
    if (this.#found.some((fault) => fault.severity === "error"))
      return { plan: undefined, graphs: this.#graphs, diagnostics: this.#found };
    const planned = planPrograms(
      this.#graphs,
      this.#options.target,
      (name) => this.#sources.get(name) ?? bug(`nothing says what ${name} holds`),
    );
    this.#memory(planned.requires.bytes, planned.buffers);
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
    return {
      plan: this.#found.length > 0 ? undefined : plan,
      graphs: this.#graphs,
      diagnostics: this.#found,
    };
  }

  #graph(graph: Graph): string {
    this.#graphs.push(this.#options.optimise(graph));
    return graph.name;
  }

  // Models ----------------------------------------------------------------------------------------

  /** Names, sources and the plan of a model; the same however often it is asked for. */
  #lower(named: NamedModel): {
    root: Instance;
    nameOf: (path: string) => string;
    trained: Trained[];
  } {
    const { model } = named;
    const ties = tiesOf(model.root);
    const owned = parametersOf(model.root);
    const brought = new Set(
      owned
        .filter(({ owner }) => owner.adapter !== undefined)
        .map(({ parameter }) => parameter.path),
    );
    const nameOf = (path: string): string => {
      const tied = ties.get(path) ?? path;
      return `${brought.has(tied) ? named.name : model.base}.${tied}`;
    };
    const trained: Trained[] = [];
    for (const { parameter } of owned) {
      if (ties.has(parameter.path)) continue;
      const name = nameOf(parameter.path);
      const type = { dtype: "f32" as const, shape: numbersOf(parameter.shape) };
      if (model.trained === "all" || model.trained.has(parameter.path))
        trained.push({ name, type });
      const isLoaded = model.checkpoint !== undefined && !brought.has(parameter.path);
      const clause = checkpointOf((model.root.base ?? model.root).item, "hf");
      this.#sources.set(
        name,
        isLoaded
          ? { kind: "checkpoint", model: model.base, name: fileName(clause, parameter.path) }
          : sourceOf(parameter.init, this.#seed, name),
      );
    }
    this.#addModel(named, nameOf, new Set(trained.map((one) => one.name)));
    return { root: model.root, nameOf, trained };
  }

  #addModel(
    named: NamedModel,
    nameOf: (path: string) => string,
    trained: ReadonlySet<string>,
  ): void {
    const { model } = named;
    const clause = checkpointOf(model.root.item, "hf");
    const plan: ModelPlan = {
      checkpoint: model.checkpoint,
      // The checker let only references through as tokenizers.
      tokenizer: model.tokenizer?.data as TokenizerReference | undefined,
      config: model.config,
      parameters: parametersOf(model.root)
        .filter(({ parameter }) => !tiesOf(model.root).has(parameter.path))
        .map(({ parameter, name, owner }) => {
          const tensor = nameOf(parameter.path);
          const base = {
            name: fileName(clause, parameter.path),
            tensor,
            trained: trained.has(tensor),
          };
          return owner.adapter === undefined
            ? base
            : { ...base, adapter: { module: fileName(clause, owner.path), parameter: name } };
        }),
      generate: this.#models.get(named.name)?.generate,
      adapters: adaptersOf(model.root, (path) => fileName(clause, path)),
      task: "CAUSAL_LM",
    };
    this.#models.set(named.name, plan);
    // Weights of an adapted model are its base's, which has the checkpoint.
    if (model.base !== named.name && !this.#models.has(model.base))
      this.#models.set(model.base, {
        ...plan,
        adapters: [],
        parameters: plan.parameters.filter((one) => one.adapter === undefined),
      });
  }

  #generate(named: NamedModel, context: number): void {
    const { root, nameOf } = this.#lower(named);
    const known = this.#models.get(named.name);
    if (known === undefined || known.generate !== undefined) return;
    const caches = `cache.${named.name}`;
    const { rows } = generation;
    const programs = [generation.chunk, 1].map((chunk) => ({
      chunk,
      program: this.#graph(
        generateGraph(
          `${named.name}.write.${chunk}`,
          { root, nameOf },
          { rows, chunk, context, caches },
        ),
      ),
    }));
    const last = this.#graphs[this.#graphs.length - 1];
    const names = last.inputs
      .filter((input) => input.name.startsWith(`${caches}.`))
      .map((input) => input.name);
    for (const name of names)
      this.#sources.set(
        name,
        name.endsWith(".segment") ? { kind: "fill", value: -1 } : { kind: "zeros" },
      );
    const logits = last.outputs.find((output) => output.name === "logits");
    const vocabulary = logits === undefined ? 0 : last.types[logits.value].shape[1];
    const generate: GeneratePlan = { rows, programs, context, vocabulary, caches: names };
    this.#models.set(named.name, { ...known, generate });
  }

  // Steps -----------------------------------------------------------------------------------------

  #train(step: TrainStep): void {
    const name = step.item.name.text;
    const length = this.#length(step);
    const context = checking(this.#found);
    if (typeof step.learningRate !== "number") {
      const at = [...step.learningRate.written.values()][0]?.span ?? step.item.name.span;
      const warmup = step.learningRate.written.get("warmup")?.span ?? at;
      const labels = [{ span: step.length.at, text: `${length.steps} steps` }];
      applySchedule(context, step.learningRate, undefined, length, {
        at: warmup,
        slug: "warmup-too-long",
        labels,
      });
    }
    const { root, nameOf, trained } = this.#lower(step.model);
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
      accumulateGraph(`${name}.accumulate`, { root, nameOf }, step.loss, batch, trained),
    );
    const update = updateGraph(`${name}.update`, {
      trained,
      optimizer: step.optimizer,
      schedule: step.learningRate,
      length,
      clip: step.clip,
      states,
    });
    this.#graph(update);
    const evaluate =
      step.evaluate === undefined
        ? undefined
        : this.#periodic(step, step.evaluate, length, { root, nameOf });
    const state = trained.flatMap((one) => [
      one.name,
      gradientName(one.name),
      ...[...states.keys()].map((own) => stateName(one.name, own)),
    ]);
    const job: Omit<TrainJob, "identity"> = {
      kind: "train",
      name,
      model: step.model.name,
      dataset: step.dataset.name,
      accumulate,
      update: update.name,
      state: [...state, ...Object.values(sums)],
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
    this.#jobs.push({ ...job, identity: this.#identity(step, job) });
  }

  #identity(step: TrainStep, job: object): string {
    const hash = createHash("sha256");
    for (const graph of this.#graphs) hash.update(printGraph(graph).replace(/ +\/\/.*$/gm, ""));
    const data = this.#options.data.get(step.dataset.name);
    const sources = [...this.#sources].sort(([a], [b]) => (a < b ? -1 : 1));
    return hash.update(JSON.stringify([job, data, sources])).digest("hex");
  }

  #periodic(
    step: TrainStep,
    evaluate: NonNullable<TrainStep["evaluate"]>,
    length: RunLength,
    model: { root: Instance; nameOf: (path: string) => string },
  ): TrainJob["evaluate"] {
    const every = stepsOf(evaluate.every, length);
    if (every > length.steps) {
      this.#found.push(
        error("eval-never", {
          at: evaluate.every.at,
          title: `an evaluation every ${every} steps never happens in a run of ${length.steps}`,
        }),
      );
    }
    const batch = { sequences: step.atOnce, columns: columnsOf(evaluate.on) };
    const program = this.#graph(
      evaluateGraph(`${step.item.name.text}.evaluate`, model, step.loss, batch),
    );
    return { every, dataset: evaluate.on.name, program };
  }

  /** Spans as steps: an epoch is the windows of the dataset over the sequences of a batch. */
  #length(step: TrainStep): RunLength {
    const windows =
      this.#options.data.get(step.dataset.name)?.windows ??
      bug(`nobody counted ${step.dataset.name}`);
    const epoch = windows / step.sequences;
    const window = Math.max(
      1,
      ...[...columnsOf(step.dataset).values()].map((column) => column.shape[0] ?? 1),
    );
    const tokens = step.sequences * window;
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
    const columns = columnsOf(step.dataset);
    const window = Math.max(1, ...[...columns.values()].map((column) => column.shape[0] ?? 1));
    // The runtime's own metrics: what needs the model's writing says so there.
    const writes = step.metrics.includes("exact_match");
    const models = step.models.map((named) => {
      const { root, nameOf } = this.#lower(named);
      const program = this.#graph(
        evaluateGraph(`${name}.${named.name}`, { root, nameOf }, step.loss, {
          sequences: generation.rows,
          columns,
        }),
      );
      if (writes) this.#generate(named, window + generation.chunk);
      return { name: named.name, model: named.name, program };
    });
    this.#jobs.push({
      kind: "evaluate",
      name,
      models,
      dataset: step.dataset.name,
      metrics: step.metrics,
      generate: writes ? { limit: step.limit } : undefined,
    });
  }

  #export(step: ExportStep): void {
    this.#lower(step.model);
    this.#jobs.push({
      kind: "export",
      name: step.item.name.text,
      model: step.model.name,
      format: step.format,
      to: step.to,
      dtype: "f32",
      merges: [],
    });
  }

  // Memory ----------------------------------------------------------------------------------------

  #memory(bytes: number, buffers: readonly { arena: string; bytes: number }[]): void {
    for (const step of this.#pipeline.steps) {
      if (step.kind !== "train" || step.memory === undefined || bytes <= step.memory.amount)
        continue;
      const owners = [...buffers].sort((a, b) => b.bytes - a.bytes).slice(0, 5);
      this.#found.push(
        error("too-big", {
          at: step.memory.at,
          title: `this run needs ${showBytes(bytes)} and may use ${showBytes(step.memory.amount)}`,
          notes: owners.map((owner) => `${owner.arena.padEnd(12)}${showBytes(owner.bytes)}`),
          fixes:
            step.atOnce > 1
              ? [
                  {
                    text: `at_once = ${Math.max(1, Math.floor(step.atOnce / 2))}seq, the same result in more parts`,
                  },
                ]
              : [],
        }),
      );
    }
  }
}

function stepsOf(span: Quantity, length: RunLength): number {
  return Math.max(1, length.spanSteps(span.unit, span.amount));
}

export function showBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 2 ** (10 * power)).toFixed(power === 0 ? 0 : 2)}${units[power]}`;
}

/** Window columns of a dataset, as a batch has them. */
function columnsOf(dataset: NamedDataset): Map<string, BatchColumn> {
  const columns = new Map<string, BatchColumn>();
  for (const [name, column] of dataset.value.columns) {
    if (column.kind !== "window" || column.length === undefined) continue;
    columns.set(name, { dtype: column.of === "bool" ? "bool" : "i32", shape: [column.length] });
  }
  return columns;
}

function sourceOf(init: Initial, seed: number, stream: string): TensorSource {
  if (init.kind === "fill") return init.value === 0 ? { kind: "zeros" } : init;
  return { ...init, seed, stream };
}

/** Applications of adapters, those with the same arguments together, as their `peft` clause wants them. */
function adaptersOf(root: Instance, fileNameOf: (path: string) => string): AdapterPlan[] {
  const plans = new Map<unknown, AdapterPlan & { modules: string[] }>();
  for (const block of adaptedBlocks(root)) {
    const closure = block.adapter;
    if (closure === undefined) continue;
    const known = plans.get(closure);
    if (known !== undefined) {
      known.modules.push(fileNameOf(block.path));
      continue;
    }
    const values = [...closure.arguments].flatMap(([name, value]) => {
      const json = jsonOf(value);
      return json === undefined ? [] : [[name, json] as const];
    });
    const clause = checkpointOf(block.item, "peft");
    const scope = inner(moduleScope(closure.module), closure.arguments);
    const context = checking([]);
    const config = clause?.config.flatMap((binding) => {
      const json = jsonOf(context.evaluate(context, scope, binding.value));
      return json === undefined ? [] : [[binding.name.text, json] as const];
    });
    const weights = clause?.weights.map(
      ({ path, name }) =>
        [
          path.steps.map((step) => (step.kind === "name" ? step.text : "")).join("."),
          plainString(name),
        ] as const,
    );
    const peft =
      config === undefined || weights === undefined
        ? {}
        : { peft: { config: Object.fromEntries(config), weights: Object.fromEntries(weights) } };
    plans.set(closure, {
      name: closure.item.name.text,
      arguments: Object.fromEntries(values),
      modules: [fileNameOf(block.path)],
      ...peft,
    });
  }
  return [...plans.values()];
}
