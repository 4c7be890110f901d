/**
 * A pipeline as what its items mean: models as trees of blocks, datasets as stages, steps with every field read.
 * Numbers are known here, except those that data decide; the driver finds those.
 */

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { error, replace } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Expr, MetricItem, Name, StepItem } from "../syntax/ast.ts";
import { checking } from "../types/check.ts";
import type { Context } from "../types/context.ts";
import { datasetOf } from "../types/data.ts";
import type { Findings } from "../types/findings.ts";
import { inner, moduleScope } from "../types/scope.ts";
import { showType } from "../types/show.ts";
import type { Closure, DatasetValue, Definition, OpaqueValue, Value } from "../types/value.ts";
import { adapted } from "./adapt.ts";
import { type FieldCall, Fields, type Quantity, quantityOf, stringOf } from "./fields.ts";
import { type Checkpoints, type Model, modelOf, modelValue } from "./model.ts";
import { sequencesOf, windowOf } from "./sequences.ts";
import { withField } from "./step-edit.ts";
import { parametersOf } from "./tree.ts";

export interface NamedDataset {
  readonly name: string;
  readonly value: DatasetValue;
  /** The name of its item; the expression of the step that makes it, where it has none. */
  readonly at: Span;
}

/** A `model`, what an `adapt` makes of one, or what a `train` step does. */
export interface NamedModel {
  readonly kind: "loaded" | "adapted" | "trained";
  /** As a pipeline says it: `base`, `sft.model`. */
  readonly name: string;
  /** The item that made it. */
  readonly holder: string;
  readonly model: Model;
  /** What it was made from. */
  readonly from: NamedModel | undefined;
  /** Paths of the parameters that it does not share with that one. */
  readonly changed: ReadonlySet<string>;
}

export interface TrainStep {
  readonly kind: "train";
  readonly item: StepItem;
  /** What it begins with. */
  readonly start: NamedModel;
  /** What it makes. */
  readonly model: NamedModel;
  readonly dataset: NamedDataset;
  readonly loss: Definition;
  readonly optimizer: Closure;
  readonly learningRate: Closure | number;
  readonly clip: number | undefined;
  readonly sequences: number;
  readonly atOnce: number;
  readonly length: Quantity;
  readonly memory: Quantity | undefined;
  readonly seed: number;
  readonly evaluate: { readonly every: Quantity; readonly on: NamedDataset } | undefined;
  readonly save:
    | { readonly keep: "best" | "last"; readonly to: string; readonly every: Quantity | undefined }
    | undefined;
}

export interface Metric {
  /** As the step has it, and as its number is reported. */
  readonly name: string;
  readonly definition: Definition & { readonly item: MetricItem };
}

/** Those that have a body: programs measure them as they do the loss, and the runtime finds the others. */
export function measured(metrics: readonly Metric[]): readonly Metric[] {
  return metrics.filter(({ definition }) => definition.item.body !== undefined);
}

export interface EvaluateStep {
  readonly kind: "evaluate";
  readonly item: StepItem;
  readonly models: readonly NamedModel[];
  readonly dataset: NamedDataset;
  readonly loss: Definition;
  readonly metrics: readonly Metric[];
  readonly limit: number;
}

export interface ExportStep {
  readonly kind: "export";
  readonly item: StepItem;
  readonly model: NamedModel;
  readonly format: "peft" | "safetensors";
  readonly to: string;
}

export type Step = TrainStep | EvaluateStep | ExportStep;

export interface Pipeline {
  readonly steps: readonly Step[];
  /** In the order written: items' own, what adapting makes of them, and what steps do. */
  readonly models: readonly NamedModel[];
  /** Sound datasets by name, whether a step reads them or not; the parts of a split as `chats.train`. */
  readonly datasets: ReadonlyMap<string, DatasetValue>;
  readonly diagnostics: readonly Diagnostic[];
}

export function pipelineOf(
  module: Module,
  checkpoints: Checkpoints,
  findings?: Findings,
): Pipeline {
  return new Reader(module, checkpoints, findings).read();
}

class Reader {
  readonly #module: Module;
  readonly #checkpoints: Checkpoints;
  readonly #found: Diagnostic[] = [];
  readonly #context: Context;
  readonly #names = new Map<string, Value>();
  readonly #models = new Map<Value, NamedModel>();
  readonly #datasets = new Map<Value, Name>();

  constructor(module: Module, checkpoints: Checkpoints, findings: Findings | undefined) {
    this.#module = module;
    this.#checkpoints = checkpoints;
    this.#context = checking(this.#found, findings);
  }

  /** Items in the order written: each may use what stands above it. */
  read(): Pipeline {
    const steps: Step[] = [];
    for (const item of this.#module.items.values()) {
      const scope = inner(moduleScope(this.#module), this.#names);
      switch (item.kind) {
        case "model": {
          const model = modelOf(this.#context, scope, item, this.#checkpoints);
          this.#addModel(item.name.text, model && namedModel("loaded", item.name.text, model));
          break;
        }
        case "adapt": {
          const base = this.#modelIn(
            this.#context.evaluate(this.#context, scope, item.model),
            item.model.span,
          );
          const made = base && adapted(this.#context, scope, base.model.root, item);
          this.#addModel(
            item.name.text,
            made && namedModel("adapted", item.name.text, { ...base.model, ...made }, base),
          );
          break;
        }
        case "dataset": {
          const value = datasetOf(this.#context, scope, item);
          this.#datasets.set(value, item.name);
          this.#names.set(item.name.text, value);
          break;
        }
        case "train":
        case "evaluate":
        case "export": {
          const step =
            item.kind === "train"
              ? this.#train(item)
              : item.kind === "evaluate"
                ? this.#evaluate(item)
                : this.#export(item);
          if (step !== undefined) steps.push(step);
          break;
        }
        default:
          break;
      }
    }
    const models = [...this.#models.values()];
    return { steps, models, datasets: this.#namedDatasets(), diagnostics: this.#found };
  }

  #namedDatasets(): ReadonlyMap<string, DatasetValue> {
    const found = new Map<string, DatasetValue>();
    for (const [name, value] of this.#names) {
      if (value.kind !== "dataset") continue;
      if (value.outputs.size === 0) found.set(name, value);
      for (const [output, part] of value.outputs) found.set(`${name}.${output}`, part);
    }
    return found;
  }

  #addModel(name: string, named: NamedModel | undefined): void {
    this.#names.set(name, named === undefined ? { kind: "error" } : this.#modelValue(named));
  }

  #modelValue(named: NamedModel): OpaqueValue {
    const facts = this.#checkpoints.get(named.model.checkpoint ?? "");
    const found = facts === undefined || "fault" in facts ? undefined : facts;
    const value = modelValue(named.model, found);
    this.#models.set(value, named);
    return value;
  }

  #modelIn(value: Value, at: Span): NamedModel | undefined {
    const found = this.#models.get(value);
    if (found === undefined && value.kind !== "error") {
      this.#context.report(
        error("type-mismatch", {
          at,
          title: `a model is wanted here, and this is ${showType(value)}`,
        }),
      );
    }
    return found;
  }

  // Steps -----------------------------------------------------------------------------------------

  #fields(item: StepItem): Fields {
    return new Fields(this.#context, inner(moduleScope(this.#module), this.#names), item);
  }

  #model(fields: Fields, name = "model"): NamedModel | undefined {
    const found = fields.value(name);
    return found === undefined ? undefined : this.#modelIn(found.value, found.at);
  }

  #dataset(value: Value, at: Span): NamedDataset | undefined {
    if (value.kind === "dataset") {
      const named = this.#datasets.get(value);
      return { name: named?.text ?? `data.${at.start}`, value, at: named?.span ?? at };
    }
    if (value.kind !== "error")
      this.#context.report(
        error("type-mismatch", {
          at,
          title: `a dataset is wanted here, and this is ${showType(value)}`,
        }),
      );
    return undefined;
  }

  #datasetField(fields: Fields): NamedDataset | undefined {
    const found = fields.value("dataset");
    return found === undefined ? undefined : this.#dataset(found.value, found.at);
  }

  #train(item: StepItem): TrainStep | undefined {
    const fields = this.#fields(item);
    const start = this.#model(fields);
    const dataset = this.#datasetField(fields);
    const loss = this.#loss(fields);
    const optimizer = this.#closure(fields, "optimizer");
    const learningRate = this.#rate(fields);
    const clip = fields.quantity("grad_clip", ["float"], false);
    const batch = sequencesOf(fields, "batch", true, dataset?.value);
    const atOnce = sequencesOf(fields, "at_once", false, dataset?.value);
    const length = fields.quantity("length", ["steps", "epochs", "tokens"], true);
    const memory = fields.quantity("memory", ["bytes"], false);
    const seed = fields.quantity("seed", ["int"], false);
    this.#precision(fields);
    const judge = this.#judgeOf(dataset);
    const evaluate = this.#periodic(fields, judge);
    const save = this.#save(fields, item, judge);
    const model = start && namedModel("trained", item.name.text, start.model, start);
    this.#addTrained(item.name.text, model);
    if (
      start === undefined ||
      model === undefined ||
      dataset === undefined ||
      loss === undefined ||
      optimizer === undefined
    )
      return undefined;
    if (learningRate === undefined || batch === undefined || length === undefined) return undefined;
    if (model.changed.size === 0) {
      this.#context.report(
        error("nothing-to-train", {
          at: item.name.span,
          title: `${start.name} has nothing to train: all of it is frozen`,
          fixes: [{ text: "put an adapter on it, or `train` a path" }],
        }),
      );
      return undefined;
    }
    const together = atOnce?.amount ?? batch.amount;
    if (batch.amount % together !== 0) {
      this.#context.report(
        error("requirement-broken", {
          at: atOnce?.at ?? batch.at,
          title: `a batch of ${batch.amount} sequences is not a whole number of parts of ${together}`,
        }),
      );
      return undefined;
    }
    return {
      kind: "train",
      item,
      start,
      model,
      dataset,
      loss,
      optimizer,
      learningRate,
      length,
      memory,
      evaluate,
      save,
      clip: clip?.amount,
      sequences: batch.amount,
      atOnce: together,
      seed: seed?.amount ?? 0,
    };
  }

  /** The trained model is a member of its step, for what comes after it. */
  #addTrained(name: string, model: NamedModel | undefined): void {
    if (model === undefined) {
      this.#names.set(name, { kind: "error" });
      return;
    }
    const members = new Map([["model", this.#modelValue(model)]]);
    this.#names.set(name, {
      kind: "opaque",
      type: "train step",
      members,
      data: undefined,
      columns: undefined,
    });
  }

  #evaluate(item: StepItem): EvaluateStep | undefined {
    const fields = this.#fields(item);
    const models = this.#list(fields.expr("models"), "models", item).map((expr) =>
      this.#modelIn(this.#value(expr), expr.span),
    );
    const dataset = this.#datasetField(fields);
    const loss = this.#loss(fields);
    const metrics = this.#list(fields.expr("metrics"), "metrics", item).flatMap(
      (expr): Metric[] => {
        const value = this.#value(expr);
        if (value.kind === "definition" && value.item.kind === "metric")
          return [{ name: textOf(expr.span), definition: { ...value, item: value.item } }];
        if (value.kind !== "error")
          this.#context.report(
            error("type-mismatch", {
              at: expr.span,
              title: `a metric is wanted here, and this is ${showType(value)}`,
            }),
          );
        return [];
      },
    );
    const limit = fields.quantity("limit", ["tokens"], false);
    const known = models.filter((model) => model !== undefined);
    if (
      dataset === undefined ||
      loss === undefined ||
      known.length === 0 ||
      known.length !== models.length
    )
      return undefined;
    return {
      kind: "evaluate",
      item,
      models: known,
      dataset,
      loss,
      metrics,
      limit: limit?.amount ?? 256,
    };
  }

  #export(item: StepItem): ExportStep | undefined {
    const fields = this.#fields(item);
    const model = this.#model(fields);
    const to = fields.text("to", true);
    const format = fields.expr("format");
    const name = format?.kind === "name" ? format.text : "safetensors";
    if (name !== "peft" && name !== "safetensors") {
      this.#context.report(
        error("no-such-name", {
          at: format?.span ?? item.span,
          title: `nothing is exported as \`${name}\``,
          notes: ["Formats are peft and safetensors."],
        }),
      );
      return undefined;
    }
    return model === undefined || to === undefined
      ? undefined
      : { kind: "export", item, model, format: name, to };
  }

  // Fields ----------------------------------------------------------------------------------------

  #value(expr: Expr): Value {
    return this.#context.evaluate(
      this.#context,
      inner(moduleScope(this.#module), this.#names),
      expr,
    );
  }

  #list(expr: Expr | undefined, name: string, item: StepItem): readonly Expr[] {
    if (expr?.kind === "list" && expr.items.length > 0) return expr.items;
    this.#context.report(
      error(expr === undefined ? "missing-field" : "type-mismatch", {
        at: expr?.span ?? item.name.span,
        title: `\`${name}\` is a list of one or more, as in ${name} = [a, b]`,
      }),
    );
    return [];
  }

  #loss(fields: Fields): Definition | undefined {
    const found = fields.value("loss");
    if (found === undefined) return undefined;
    const { value } = found;
    const isMean =
      value.kind === "definition" &&
      value.item.kind === "fn" &&
      value.item.result.kind === "named-type" &&
      value.item.result.name.text === "mean";
    if (value.kind === "definition" && isMean && value.item.params.length > 0) return value;
    const name = textOf(found.at);
    this.#context.report(
      error("type-mismatch", {
        at: found.at,
        title: isMean
          ? `a loss reads what the model gives, and \`${name}\` has no parameter for it`
          : `a loss is a function that gives a mean, and this is ${showType(value)}`,
      }),
    );
    return undefined;
  }

  #closure(fields: Fields, kind: "optimizer"): Closure | undefined {
    const found = fields.value(kind);
    if (found === undefined) return undefined;
    const value = this.#withDefaults(found.value, fields.expr(kind));
    if (value.kind === "closure" && value.item.kind === kind) return value;
    this.#context.report(
      error("type-mismatch", {
        at: found.at,
        title: `an optimizer is wanted here, and this is ${showType(found.value)}`,
      }),
    );
    return undefined;
  }

  /** `optimizer = adamw` is `adamw()`. */
  #withDefaults(value: Value, expr: Expr | undefined): Value {
    if (value.kind !== "definition" || expr === undefined) return value;
    return this.#value({
      kind: "call",
      callee: expr,
      sizes: undefined,
      arguments: [],
      span: expr.span,
    });
  }

  #rate(fields: Fields): Closure | number | undefined {
    const found = fields.value("learning_rate");
    if (found === undefined) return undefined;
    const { value, at } = found;
    if (value.kind === "closure" && value.item.kind === "schedule") return value;
    if (value.kind === "number")
      return quantityOf(this.#context, "learning_rate", value, at, ["float"])?.amount;
    this.#context.report(
      error("type-mismatch", {
        at,
        title: `a learning rate is a schedule or a number, and this is ${showType(value)}`,
      }),
    );
    return undefined;
  }

  #precision(fields: Fields): void {
    const expr = fields.expr("precision");
    if (expr === undefined || (expr.kind === "name" && expr.text === "f32")) return;
    this.#context.report(
      error("no-such-precision", {
        at: expr.span,
        title: "this version trains in f32",
        fixes: [replace(expr.span, "f32")],
      }),
    );
  }

  /** Rows that a step could be judged by: windows that it is not trained on. */
  #judgeOf(dataset: NamedDataset | undefined): string | undefined {
    for (const [value, { text }] of this.#datasets) {
      const isOther = value.kind === "dataset" && value !== dataset?.value;
      if (isOther && windowOf(value) !== undefined) return text;
    }
    return undefined;
  }

  #periodic(fields: Fields, judge: string | undefined): TrainStep["evaluate"] {
    const call = fields.call("eval");
    if (call === undefined) return undefined;
    const [span, on] = [call.given.get("span"), call.given.get("on")];
    if (span === undefined || on === undefined) {
      this.#context.report(
        error("eval-without-data", {
          at: call.span,
          title: `an evaluation needs ${span === undefined ? "a span" : "rows"}, as in every(10%, on = ${judge ?? "…"})`,
          fixes:
            on !== undefined
              ? [replace(call.span, `every(10%, on = ${textOf(on.span)})`)]
              : span !== undefined && judge !== undefined
                ? [replace(call.span, `every(${textOf(span.span)}, on = ${judge})`)]
                : [],
        }),
      );
      return undefined;
    }
    const every = this.#span("every", span);
    const dataset = this.#dataset(this.#value(on), on.span);
    return every === undefined || dataset === undefined ? undefined : { every, on: dataset };
  }

  /** `save = "out"`, `save = best(eval.loss, to = "out")`, `save = last(to = "out", every = 100steps)` */
  #save(fields: Fields, item: StepItem, judge: string | undefined): TrainStep["save"] {
    const expr = fields.expr("save");
    const plain = stringOf(expr);
    if (plain !== undefined) return { keep: "last", to: plain, every: undefined };
    const call = fields.call("save");
    if (call === undefined) return undefined;
    const [to, span] = [call.given.get("to"), call.given.get("every")];
    const place = stringOf(to);
    if (place === undefined) {
      this.#context.report(
        error(to === undefined ? "missing-argument" : "type-mismatch", {
          at: to?.span ?? call.span,
          title: to === undefined ? "a place to save to is missing" : "`to` is a string",
          fixes: [{ text: 'to = "out/…"' }],
        }),
      );
      return undefined;
    }
    const every = span === undefined ? undefined : this.#span("every", span);
    if (call.word !== "best") return { keep: "last", to: place, every };
    return this.#isJudged(fields, call, item, judge)
      ? { keep: "best", to: place, every }
      : undefined;
  }

  /** `best(eval.loss, …)`: the loss of the step's own evaluations decides, so there must be some. */
  #isJudged(fields: Fields, call: FieldCall, item: StepItem, judge: string | undefined): boolean {
    const metric = call.given.get("metric");
    if (metric === undefined || textOf(metric.span) !== "eval.loss") {
      this.#context.report(
        error(metric === undefined ? "missing-argument" : "no-such-name", {
          at: metric?.span ?? call.span,
          title: "`best` goes by `eval.loss`, the loss of the step's evaluations",
          fixes: [{ text: "best(eval.loss, to = …)" }],
        }),
      );
      return false;
    }
    if (fields.expr("eval") !== undefined) return true;
    this.#context.report(
      error("eval-without-data", {
        at: metric.span,
        title: "`best` compares evaluations, and this step has none",
        fixes:
          judge === undefined
            ? [{ text: "eval = every(10%, on = …), on rows that are not trained on" }]
            : [withField(item, "eval", `every(10%, on = ${judge})`, "length")],
      }),
    );
    return false;
  }

  #span(name: string, expr: Expr): Quantity | undefined {
    const units = ["steps", "epochs", "tokens", "ratio"] as const;
    return quantityOf(this.#context, name, this.#value(expr), expr.span, units);
  }
}

function namedModel(
  kind: NamedModel["kind"],
  holder: string,
  model: Model,
  from?: NamedModel,
): NamedModel {
  const name = kind === "trained" ? `${holder}.model` : holder;
  return { kind, name, holder, model, from, changed: changedIn(kind, model, from) };
}

function changedIn(kind: NamedModel["kind"], { root, trained }: Model, from?: NamedModel) {
  if (kind === "trained" && trained !== "all") return trained;
  const paths = parametersOf(root).map(({ parameter }) => parameter.path);
  if (kind !== "adapted" || from === undefined) return new Set(paths);
  const before = new Set(parametersOf(from.model.root).map(({ parameter }) => parameter.path));
  return new Set(paths.filter((path) => !before.has(path)));
}
