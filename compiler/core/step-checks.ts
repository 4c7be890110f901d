/**
 * What a step brings together, before anything is counted: the columns of its rows, the model's `forward`, the loss.
 * They are bound by name, so a name that one side has and the other lacks is a fault here.
 */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Span } from "../source/file.ts";
import type { Field, StepItem } from "../syntax/ast.ts";
import { constant, knownSize, symbol } from "../tensor/size.ts";
import { applyForward, applyFunction } from "../types/apply.ts";
import { isNeeded } from "../types/arguments.ts";
import { checking } from "../types/check.ts";
import { forwardOf } from "../types/instance.ts";
import { showColumns } from "../types/rows.ts";
import { axis, type Column, type Definition, tensor, type Value } from "../types/value.ts";
import { lossyMerge } from "./exports.ts";
import { contextOf } from "./model.ts";
import type { EvaluateStep, NamedDataset, NamedModel, Pipeline, TrainStep } from "./pipeline.ts";

/** One pass of rows through a model and a loss. */
interface Use {
  readonly step: StepItem;
  readonly model: NamedModel;
  readonly dataset: NamedDataset;
  readonly loss: Definition;
  /** Where the step names the rows. */
  readonly at: Span;
}

export function stepFaults(pipeline: Pipeline): readonly Diagnostic[] {
  return pipeline.steps.flatMap((step) =>
    step.kind === "export" ? lossyMerge(step) : usesOf(step).flatMap(faultsOf),
  );
}

function usesOf(step: TrainStep | EvaluateStep): readonly Use[] {
  return step.kind === "train" ? trainUses(step) : evaluateUses(step);
}

function trainUses({ item, start, dataset, loss, evaluate }: TrainStep): readonly Use[] {
  const own = { step: item, model: start, dataset, loss, at: fieldAt(item, "dataset") };
  if (evaluate === undefined) return [own];
  return [own, { ...own, dataset: evaluate.on, at: fieldAt(item, "eval") }];
}

function evaluateUses({ item, models, dataset, loss }: EvaluateStep): readonly Use[] {
  return models.map((model) => ({
    step: item,
    model,
    dataset,
    loss,
    at: fieldAt(item, "dataset"),
  }));
}

function fieldAt(item: StepItem, name: string): Span {
  return item.fields.find((field) => field.name.text === name)?.value.span ?? item.name.span;
}

function faultsOf(use: Use): readonly Diagnostic[] {
  const names = [...missing(use), ...lost(use)];
  // Sizes say something only where every name is bound.
  return [...names, ...beyondContext(use), ...(names.length === 0 ? sizes(use) : [])];
}

// Names -----------------------------------------------------------------------------------------

/** Parameters with what reads by them; the first of a loss is what the model gives. */
function readers({ model, loss }: Use): readonly { by: string; param: Field }[] {
  const forward = forwardOf(model.model.root)?.params ?? [];
  const own = loss.item.kind === "fn" ? loss.item.params.slice(1) : [];
  return [
    ...forward.map((param) => ({ by: `\`forward\` of ${model.model.root.name}`, param })),
    ...own.map((param) => ({ by: `\`${loss.item.name.text}\``, param })),
  ];
}

function missing(use: Use): readonly Diagnostic[] {
  const { columns } = use.dataset.value;
  return readers(use)
    .filter(({ param }) => isNeeded(param) && !columns.has(param.name.text))
    .map(({ by, param }) => {
      const name = param.name.text;
      const near = nearest(name, [...columns.keys()]);
      return error("missing-column", {
        at: use.at,
        title: `${by} reads a column \`${name}\`, and ${use.dataset.name} has none`,
        secondary: [{ span: param.span, text: "read here" }],
        notes: [
          `${use.dataset.name} has ${showColumns(columns)}.`,
          ...(near === undefined ? [] : [`Is \`${near}\` meant?`]),
        ],
      });
    });
}

/** Columns of the user's own that nobody reads, and what is to be learned where a loss falls on tokens. */
function lost(use: Use): readonly Diagnostic[] {
  const { columns } = use.dataset.value;
  const read = new Set(readers(use).map(({ param }) => param.name.text));
  const { item } = use.loss;
  const fallsOnTokens =
    item.kind === "fn" && item.params.some(({ name }) => name.text === "tokens");
  return [...columns].flatMap(([name, column]) => {
    const matters = column.kind === "value" || (name === "learn" && fallsOnTokens);
    if (!matters || read.has(name)) return [];
    return error("column-lost", {
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
          : { text: `leave \`${name}\` out of ${use.dataset.value.row ?? "the rows"}` },
      ],
    });
  });
}

// Sizes -----------------------------------------------------------------------------------------

function windowOf(columns: ReadonlyMap<string, Column>): number | undefined {
  const tokens = columns.get("tokens");
  return tokens?.kind === "window" ? tokens.length : undefined;
}

function beyondContext({ model, dataset, at }: Use): readonly Diagnostic[] {
  const [context, window] = [contextOf(model.model.root), windowOf(dataset.value.columns)];
  if (context === undefined || window === undefined || window <= context) return [];
  return [
    error("window-beyond-context", {
      at,
      title: `the windows of ${dataset.name} are ${window}tok long, and ${model.name} is made for ${context}tok`,
      notes: ["It has never seen a later position, and what it says there is noise."],
      fixes: [{ text: `length = ${context}tok where ${dataset.name} is packed or padded` }],
    }),
  ];
}

/** Model and loss over the columns, with the sizes that are known. */
function sizes(use: Use): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const context = checking(found);
  const columns = new Map<string, Value>();
  for (const [name, column] of use.dataset.value.columns) {
    const value = columnValue(column);
    if (value !== undefined) columns.set(name, value);
  }
  const output = applyForward(context, use.model.model.root, columns);
  const { item, module } = use.loss;
  if (item.kind !== "fn" || output.kind === "error")
    return found.map((fault) => within(use, fault));
  const labels = labelFaults(use, output);
  if (labels.length > 0) return labels;
  const given = new Map([...columns, [item.params[0].name.text, output] as const]);
  applyFunction(context, module, item, given);
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

/** A loss that reads an enum compares its cases with the last axis of what the model gives. */
function labelFaults({ model, dataset, loss, at }: Use, output: Value): readonly Diagnostic[] {
  const last = output.kind === "tensor" ? output.shape.at(-1) : undefined;
  const classes = last?.kind === "axis" ? knownSize(last.size) : undefined;
  if (loss.item.kind !== "fn" || classes === undefined) return [];
  return loss.item.params.flatMap(({ name }) => {
    const column = dataset.value.columns.get(name.text);
    if (column?.kind !== "value" || column.of.kind !== "enum") return [];
    const { cases, name: label } = column.of;
    if (cases.length === classes) return [];
    return error("label-set-mismatch", {
      at,
      title: `${model.name} gives ${classes} classes, and \`${name.text}\` has ${cases.length}`,
      notes: [`${label} is ${cases.join(", ")}.`],
      fixes: [{ text: `let the model's last size be ${label}, which is as many as it has cases` }],
    });
  });
}

/** A fault in a definition that is right by itself, said where the step brings it about. */
function within({ step, at }: Use, fault: Diagnostic): Diagnostic {
  const { span, text } = fault.primary;
  const isInStep =
    span.file === step.span.file && span.start >= step.span.start && span.end <= step.span.end;
  if (isInStep) return fault;
  return {
    ...fault,
    primary: { span: at, text },
    secondary: fault.secondary.length > 0 ? fault.secondary : [{ span, text: "here" }],
  };
}
