/**
 * What a step brings together, before anything is counted: the columns of its rows, the model's `forward`, the loss
 * and the metrics. They are bound by name, so a name that one side has and the other lacks is a fault here.
 */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { Field, FnItem, MetricItem, StepItem } from "../syntax/ast.ts";
import { constant, knownSize, symbol } from "../tensor/size.ts";
import { applyForward, applyMeasure } from "../types/apply.ts";
import { isNeeded } from "../types/arguments.ts";
import { checking } from "../types/check.ts";
import { forwardOf } from "../types/instance.ts";
import { showColumns } from "../types/rows.ts";
import { showQuantity } from "../types/unit.ts";
import {
  axis,
  type Column,
  type DatasetValue,
  type Definition,
  tensor,
  type Value,
} from "../types/value.ts";
import { lossyMerge } from "./exports.ts";
import { contextOf } from "./model.ts";
import {
  type EvaluateStep,
  measured,
  type NamedDataset,
  type NamedModel,
  type Pipeline,
  type TrainStep,
} from "./pipeline.ts";
import { windowOf } from "./sequences.ts";

/** One pass of rows through a model, a loss and metrics. */
interface Use {
  readonly step: StepItem;
  readonly model: NamedModel;
  readonly dataset: NamedDataset;
  readonly loss: Definition;
  /** Those that have a body, which reads columns as a loss does. */
  readonly metrics: readonly Definition[];
  /** Where the step names the rows. */
  readonly at: Span;
}

/** `definitions` are the faults that were found where things are defined: a step does not tell them again. */
export function stepFaults(
  pipeline: Pipeline,
  definitions: readonly Diagnostic[],
): readonly Diagnostic[] {
  const said = new Set<string>();
  const isSound = (use: Use) =>
    [use.model.model.root, ...measures(use)].every(
      ({ item }) => !definitions.some(({ primary }) => isInside(primary.span, item.span)),
    );
  return pipeline.steps.flatMap((step) =>
    step.kind === "export"
      ? lossyMerge(step)
      : usesOf(step).flatMap((use) => faultsOf(use, isSound(use), said)),
  );
}

function isInside(span: Span, whole: Span): boolean {
  return span.file === whole.file && span.start >= whole.start && span.end <= whole.end;
}

function usesOf(step: TrainStep | EvaluateStep): readonly Use[] {
  return step.kind === "train" ? trainUses(step) : evaluateUses(step);
}

function trainUses({ item, start, dataset, loss, evaluate }: TrainStep): readonly Use[] {
  const own = {
    step: item,
    model: start,
    dataset,
    loss,
    metrics: [],
    at: fieldAt(item, "dataset"),
  };
  if (evaluate === undefined) return [own];
  return [own, { ...own, dataset: evaluate.on, at: fieldAt(item, "eval") }];
}

function evaluateUses({ item, models, dataset, loss, metrics }: EvaluateStep): readonly Use[] {
  return models.map((model) => ({
    step: item,
    model,
    dataset,
    loss,
    metrics: measured(metrics).map(({ definition }) => definition),
    at: fieldAt(item, "dataset"),
  }));
}

/**
 * What a pass reckons from the model's output, which is the first parameter of each, and from columns. One without
 * parameters is told where it is defined.
 */
function measures({ loss, metrics }: Use): readonly Measure[] {
  return [loss, ...metrics].flatMap(({ item, module }) =>
    (item.kind === "fn" || item.kind === "metric") && item.params.length > 0
      ? [{ item, module }]
      : [],
  );
}

interface Measure {
  readonly item: FnItem | MetricItem;
  readonly module: Module;
}

function fieldAt(item: StepItem, name: string): Span {
  return item.fields.find((field) => field.name.text === name)?.value.span ?? item.name.span;
}

/** `said` has what was found in the uses before: one mistake in rows that several steps read is told once. */
function faultsOf(use: Use, isSound: boolean, said: Set<string>): readonly Diagnostic[] {
  const names = isInWindows(use) ? [...missing(use), ...lost(use)] : [unwindowed(use)];
  const fresh = names.filter(({ key }) => !said.has(key));
  for (const { key } of fresh) said.add(key);
  const own = fresh.map(({ fault }) => fault);
  // Sizes say something only where every name is bound, and what binds them is sound.
  return [...own, ...beyondContext(use), ...(names.length === 0 && isSound ? sizes(use) : [])];
}

// Names -----------------------------------------------------------------------------------------

/** A fault of names, with what is the same in every step that has it. */
interface NameFault {
  readonly key: string;
  readonly fault: Diagnostic;
}

/** Parameters that are columns, with what reads by them. */
function readers(use: Use): readonly { by: string; param: Field }[] {
  const { root } = use.model.model;
  const forward = forwardOf(root)?.params ?? [];
  return [
    ...forward.map((param) => ({ by: `\`forward\` of ${root.name}`, param })),
    ...measures(use).flatMap(({ item }) =>
      item.params.slice(1).map((param) => ({ by: `\`${item.name.text}\``, param })),
    ),
  ];
}

function isInWindows({ dataset }: Use): boolean {
  const { columns } = dataset.value;
  return [...columns.values()].some(({ kind }) => kind === "window") || columns.size === 0;
}

/** Rows that no `pack` or `pad` was asked to lay out: most of what a step reads is not there yet. */
function unwindowed({ dataset: { name, value }, model, at }: Use): NameFault {
  const context = contextOf(model.model.root);
  const length = context === undefined ? "…" : `${context}tok`;
  const last = value.calls.at(-1);
  const isTokens = value.columns.get("tokens")?.kind === "tokens";
  const stage = isTokens ? "tokens" : "text or values";
  const ways = isTokens
    ? [{ text: `|> pack(length = ${length}) at the end of ${name}, or pad(…)` }]
    : [{ text: `|> tokenize(…) |> pack(length = ${length}) at the end of ${name}, or pad(…)` }];
  return {
    key: `windows ${name}`,
    fault: error("missing-column", {
      at,
      title: `a step reads windows of one length, and ${name} is rows of ${stage}`,
      secondary: last === undefined ? [] : [{ span: last.span, text: "the last stage" }],
      notes: [`${name} has ${showColumns(value.columns)}.`],
      fixes: ways,
    }),
  };
}

function missing(use: Use): readonly NameFault[] {
  const { columns } = use.dataset.value;
  return readers(use)
    .filter(({ param }) => isNeeded(param) && !columns.has(param.name.text))
    .map(({ by, param }) => {
      const name = param.name.text;
      const near = nearest(name, [...columns.keys()]);
      const fault = error("missing-column", {
        at: use.at,
        title: `${by} reads a column \`${name}\`, and ${use.dataset.name} has none`,
        secondary: [{ span: param.span, text: "read here" }],
        notes: [
          `${use.dataset.name} has ${showColumns(columns)}.`,
          ...(near === undefined ? [] : [`Is \`${near}\` meant?`]),
        ],
      });
      return { key: `${by} ${name} ${use.dataset.name}`, fault };
    });
}

/** Whether a loss falls on the tokens of a text, so that a model learns to write it. */
export function readsTokens({ item }: Definition): boolean {
  return item.kind === "fn" && item.params.some(({ name }) => name.text === "tokens");
}

/** Columns of the user's own that nobody reads, and what is to be learned where a loss falls on tokens. */
function lost(use: Use): readonly NameFault[] {
  const { columns, row } = use.dataset.value;
  const read = new Set(readers(use).map(({ param }) => param.name.text));
  const { item } = use.loss;
  return [...columns].flatMap(([name, column]) => {
    const matters = column.kind === "value" || (name === "learn" && readsTokens(use.loss));
    if (!matters || read.has(name)) return [];
    const fault = error("column-lost", {
      at: use.at,
      title: `nothing in \`${use.step.name.text}\` reads \`${name}\` of ${use.dataset.name}`,
      notes: [
        name === "learn"
          ? `Without it \`${item.name.text}\` falls on every token, the user's words too.`
          : "What nobody reads may be what you meant to learn from, so it does not vanish in silence.",
      ],
      fixes: [
        name === "learn"
          ? { text: `a parameter \`learn: bool[B, T]\` of \`${item.name.text}\`` }
          : { text: `leave \`${name}\` out of ${row ?? "the rows"}` },
      ],
    });
    return [{ key: `${name} of ${name === "learn" ? item.name.text : row}`, fault }];
  });
}

// Sizes -----------------------------------------------------------------------------------------

/** Said where the windows are made, since every step that reads them has it. */
function beyondContext({ model: { model }, dataset: { name, value }, at }: Use): Diagnostic[] {
  const [context, window] = [contextOf(model.root), windowOf(value)];
  if (context === undefined || window === undefined || window <= context) return [];
  const written = lengthWritten(value);
  const [wide, most] = [showQuantity("tokens", window), showQuantity("tokens", context)];
  return [
    error("window-beyond-context", {
      at: written ?? at,
      title: `the windows of ${name} are ${wide} long, and ${model.base} is made for ${most}`,
      notes: ["It has never seen a later position, and what it says there is noise."],
      fixes:
        written === undefined
          ? [{ text: `length = ${most} where ${name} is packed or padded` }]
          : [replace(written, most)],
    }),
  ];
}

/** Where the length of the windows stands, if the last stage has it as it is. */
function lengthWritten({ calls }: DatasetValue): Span | undefined {
  const given = calls.at(-1)?.arguments.find(({ name }) => name?.text === "length")?.value;
  return given?.kind === "quantity" ? given.span : undefined;
}

/** Model, loss and metrics over the columns, with the sizes that are known. */
function sizes(use: Use): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const context = checking(found);
  const columns = new Map<string, Value>();
  for (const [name, column] of use.dataset.value.columns) {
    const value = columnValue(column);
    if (value !== undefined) columns.set(name, value);
  }
  const output = applyForward(context, use.model.model.root, columns);
  if (output.kind !== "error") {
    const labels = labelFaults(use, output);
    if (labels.length > 0) return labels;
    for (const measure of measures(use)) applyMeasure(context, measure, columns, output);
  }
  return found.map((fault) => within(use, fault));
}

/** A column as a batch has it: one axis of sequences before its own. */
function columnValue(column: Column): Value | undefined {
  const batch = axis(symbol("batch"));
  if (column.kind === "window") {
    const { length, of } = column;
    return length === undefined
      ? undefined
      : tensor(of === "bool" ? "bool" : "i32", [batch, axis(constant(length))]);
  }
  if (column.kind !== "value") return undefined;
  switch (column.of.kind) {
    case "int":
    case "enum":
      return tensor("i32", [batch]);
    case "bool":
      return tensor("bool", [batch]);
    case "float":
      return tensor("float", [batch]);
    default:
      return undefined;
  }
}

/** What reads an enum compares its cases with the last axis of what the model gives. */
function labelFaults(use: Use, output: Value): readonly Diagnostic[] {
  const { model, dataset, at } = use;
  const last = output.kind === "tensor" ? output.shape.at(-1) : undefined;
  const classes = last?.kind === "axis" ? knownSize(last.size) : undefined;
  const result = forwardOf(model.model.root)?.result;
  if (classes === undefined) return [];
  const read = new Set(
    measures(use).flatMap(({ item }) => item.params.map(({ name }) => name.text)),
  );
  return [...read].flatMap((name) => {
    const column = dataset.value.columns.get(name);
    if (column?.kind !== "value" || column.of.kind !== "enum") return [];
    const { cases, name: label } = column.of;
    if (cases.length === classes) return [];
    return error("label-set-mismatch", {
      at,
      title: `${model.name} gives ${classes} classes, and \`${name}\` has ${cases.length}`,
      secondary: result === undefined ? [] : [{ span: result.span, text: `${classes} classes` }],
      notes: [`${label} is ${cases.join(", ")}.`],
      fixes: [{ text: `let the model's last size be ${label}, which is as many as it has cases` }],
    });
  });
}

/** A fault in a definition that is right by itself, said where the step brings it about. */
function within({ step, at }: Use, fault: Diagnostic): Diagnostic {
  const { span, text } = fault.primary;
  if (isInside(span, step.span)) return fault;
  return {
    ...fault,
    primary: { span: at, text },
    secondary: fault.secondary.length > 0 ? fault.secondary : [{ span, text: "here" }],
  };
}
