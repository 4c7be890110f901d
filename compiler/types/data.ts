/**
 * Datasets: what a chain of transforms makes of a reader's rows, column by column, and the stages that the
 * runtime goes through. A column that a stage needs must be there, and none vanishes in silence.
 */

import type {
  ColumnType,
  DataArg,
  DataStage,
  RowExpression,
  RowSchema,
} from "../../runtime/data/plan.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { lookup, type Module } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Argument, CallExpr, DatasetItem, Expr, TransformItem, Type } from "../syntax/ast.ts";
import { bindArguments } from "./arguments.ts";
import { type Context, type RowsAsked, silenced } from "./context.ts";
import { stageArguments } from "./data-arguments.ts";
import {
  reportLost,
  reportMissing,
  reportSeveral,
  reportUnlike,
  reportUntyped,
} from "./data-faults.ts";
import { rowScope } from "./definition-transform.ts";
import { rowExpression } from "./row-expression.ts";
import { columnFits, columnOf, columnOfValue, namedColumns, showColumns } from "./rows.ts";
import { inner, moduleScope } from "./scope.ts";
import { showType } from "./show.ts";
import { columnsRead } from "./template.ts";
import {
  type Column,
  type DatasetValue,
  errorValue,
  type Given,
  type OpaqueValue,
  type Scope,
  type Value,
} from "./value.ts";

type Columns = ReadonlyMap<string, Column>;

/** A tokenizer or a model's own chat template, by the folder that holds it: the members of a loaded model. */
export function modelReference(type: "tokenizer" | "template", folder: string): OpaqueValue {
  const data = { kind: type === "tokenizer" ? "tokenizer" : "chat-template", folder };
  return { kind: "opaque", type, members: new Map(), data, columns: undefined };
}

/** What a `dataset` item stands for. Models and other datasets are found through the scope. */
export function datasetOf(context: Context, scope: Scope, item: DatasetItem): Value {
  const rows = item.type === undefined ? undefined : rowsAsked(context, scope.module, item.type);
  if (item.type !== undefined && rows === undefined) return errorValue;
  const within: Context = { ...context, rows };
  const value = within.evaluate(within, scope, item.value);
  if (value.kind === "dataset" || value.kind === "error") return value;
  context.report(
    error("type-mismatch", {
      at: item.value.span,
      title: `\`${item.name.text}\` is a dataset, and this is ${showType(value)}`,
    }),
  );
  return errorValue;
}

/** The rows that an annotation promises: a record's, or a row type's. */
function rowsAsked(context: Context, module: Module, type: Type): RowsAsked | undefined {
  if (type.kind === "row-type") return { name: "row", fields: type.columns, module };
  const found = lookup(module, type.name.text);
  if (found?.kind === "item" && found.item.kind === "record") {
    return { name: found.item.name.text, fields: found.item.fields, module: found.module };
  }
  if (type.name.text !== "") {
    context.report(
      error(found === undefined ? "no-such-name" : "not-that-kind", {
        at: type.span,
        title:
          found === undefined
            ? `there is no record \`${type.name.text}\``
            : `the rows of a dataset are a record's, and \`${type.name.text}\` is none`,
      }),
    );
  }
  return undefined;
}

/** `rows |> pack(length = 2048tok)`, or a reader by itself. */
export function applyTransform(
  context: Context,
  scope: Scope,
  module: Module,
  item: TransformItem,
  expr: CallExpr,
  piped: Given | undefined,
): Value {
  const own = moduleScope(module);
  const name = item.name.text;
  const isReader = item.from === undefined;
  const { input, args } = isReader
    ? { input: undefined, args: expr.arguments }
    : inputOf(context, scope, expr.arguments, piped);
  const first = isReader ? piped : undefined;
  const given = bindArguments(
    context,
    scope,
    own,
    item.params,
    args,
    name,
    expr.span,
    undefined,
    undefined,
    first,
  );
  const dataset = isReader ? undefined : datasetIn(context, input, name, expr.span);
  if (given === undefined || [...given.values.values()].some((value) => value.kind === "error"))
    return errorValue;
  const inside = inner(own, given.values);
  const stageArgs = stageArguments(context, given, dataset?.columns);
  if (stageArgs === undefined) return errorValue;
  if (dataset !== undefined && !othersFit(context, given, dataset, name)) return errorValue;
  if (isReader) return read(context, inside, item, stageArgs, expr);
  return dataset === undefined
    ? errorValue
    : passed(context, inside, item, given.values, stageArgs, dataset, expr);
}

/** What goes in: what is piped, or else the first argument. */
function inputOf(
  context: Context,
  scope: Scope,
  args: readonly Argument[],
  piped: Given | undefined,
): { readonly input: Given | undefined; readonly args: readonly Argument[] } {
  if (piped !== undefined) return { input: piped, args };
  const [first, ...rest] = args;
  if (first === undefined || first.name !== undefined) return { input: undefined, args };
  return {
    input: { value: context.evaluate(context, scope, first.value), expr: first.value },
    args: rest,
  };
}

function datasetIn(
  context: Context,
  input: Given | undefined,
  name: string,
  at: Span,
): DatasetValue | undefined {
  if (input === undefined) {
    context.report(
      error("missing-argument", {
        at,
        title: `\`${name}\` needs rows`,
        fixes: [{ text: `… |> ${textOf(at)}` }],
      }),
    );
    return undefined;
  }
  const { value, expr } = input;
  if (value.kind === "error") return undefined;
  if (value.kind !== "dataset") {
    context.report(
      error("type-mismatch", {
        at: expr.span,
        title: `\`${name}\` takes rows, and this is ${showType(value)}`,
      }),
    );
    return undefined;
  }
  if (value.outputs.size === 0) return value;
  reportSeveral(context, expr, [...value.outputs.keys()]);
  return undefined;
}

/** Whether the datasets among the arguments have the columns of what comes in: rows are put together as they are. */
function othersFit(
  context: Context,
  given: {
    readonly values: ReadonlyMap<string, Value>;
    readonly written: ReadonlyMap<string, Expr>;
  },
  dataset: DatasetValue,
  name: string,
): boolean {
  for (const [parameter, value] of given.values) {
    const at = given.written.get(parameter);
    if (value.kind !== "list" || at === undefined) continue;
    for (const [place, other] of value.items.entries()) {
      if (other.kind !== "dataset") continue;
      const expr = at.kind === "list" ? (at.items[place] ?? at) : at;
      if (other.outputs.size > 0) {
        reportSeveral(context, expr, [...other.outputs.keys()]);
        return false;
      }
      if (showColumns(inOrder(other.columns)) === showColumns(inOrder(dataset.columns))) continue;
      reportUnlike(context, expr, name, other.columns, dataset.columns);
      return false;
    }
  }
  return true;
}

function inOrder(columns: Columns): Columns {
  return new Map([...columns].sort(([one], [other]) => (one < other ? -1 : 1)));
}

// Readers ---------------------------------------------------------------------------------------

/** A reader's rows are those of the dataset's annotation, or of its own signature where that names them all. */
function read(
  context: Context,
  scope: Scope,
  item: TransformItem,
  args: Record<string, DataArg>,
  expr: CallExpr,
): Value {
  const [output] = item.outputs;
  const own = output?.row.rest === undefined ? output?.row.columns : undefined;
  const asked: RowsAsked | undefined =
    context.rows ??
    (own === undefined ? undefined : { name: item.name.text, fields: own, module: scope.module });
  if (asked === undefined) {
    reportUntyped(context, expr.span, item.name.text);
    return errorValue;
  }
  const columns = new Map<string, Column>();
  const types: Record<string, ColumnType> = {};
  for (const field of asked.fields) {
    const column = columnOf(context, moduleScope(asked.module), field.type);
    if (column?.kind !== "value") {
      reportUnreadable(context, field.type);
      return errorValue;
    }
    columns.set(field.name.text, column);
    types[field.name.text] = column.of;
  }
  const row: RowSchema = { kind: "row", name: asked.name, columns: types };
  const stage: DataStage = { stage: item.name.text, args: { ...args, row } };
  return {
    kind: "dataset",
    row: asked.name,
    columns,
    stages: [stage],
    calls: [expr],
    outputs: new Map(),
  };
}

function reportUnreadable(context: Context, type: Type): void {
  context.report(
    error("type-mismatch", {
      at: type.span,
      title: "no file holds a column of this type",
      notes: [
        "A file's column is text, a number, a bool, an enum, a record or a list of one of these.",
      ],
    }),
  );
}

// Transforms ------------------------------------------------------------------------------------

function passed(
  context: Context,
  scope: Scope,
  item: TransformItem,
  given: ReadonlyMap<string, Value>,
  args: Record<string, DataArg>,
  input: DatasetValue,
  expr: CallExpr,
): Value {
  const from = item.from;
  if (from === undefined) return errorValue;
  const needed = namedColumns(context, scope, from);
  for (const [name, wanted] of needed) {
    const found = input.columns.get(name);
    if (found !== undefined && columnFits(found, wanted)) continue;
    reportMissing(context, { expr, transform: item.name.text, name, wanted, found }, input.columns);
    return errorValue;
  }
  const used = columnsUsed(given);
  const others = new Map(
    [...input.columns].filter(([name]) => !needed.has(name) && !used.has(name)),
  );
  const carries =
    from.rest !== undefined && item.outputs.some((output) => output.row.rest !== undefined);
  if (!item.extern) return mapped(context, scope, item, input, carries ? others : new Map(), expr);
  const made = item.outputs.map(({ name, row }) => ({
    name: name?.text,
    columns: namedColumns(context, scope, row),
  }));
  if (!nothingLost(context, item, others, carries, made[0]?.columns ?? new Map(), input, expr))
    return errorValue;
  const calls = [...input.calls, expr];
  const whole = made.map(({ name, columns }): [string | undefined, DatasetValue] => {
    const stage: DataStage = {
      stage: item.name.text,
      args,
      ...(name === undefined ? {} : { output: name }),
    };
    const all = new Map([...(carries ? others : []), ...columns]);
    return [
      name,
      {
        kind: "dataset",
        row: input.row,
        columns: all,
        stages: [...input.stages, stage],
        calls,
        outputs: new Map(),
      },
    ];
  });
  const [only] = whole;
  if (whole.length === 1 && only[0] === undefined) return only[1];
  const outputs = new Map(
    whole.flatMap(([name, value]) => (name === undefined ? [] : [[name, value] as const])),
  );
  return {
    kind: "dataset",
    row: input.row,
    columns: new Map(),
    stages: input.stages,
    calls: input.calls,
    outputs,
  };
}

/** The columns that a template among the arguments writes, and so uses up. */
function columnsUsed(given: ReadonlyMap<string, Value>): ReadonlySet<string> {
  for (const value of given.values()) {
    if (value.kind === "closure" && value.item.kind === "template")
      return columnsRead(value.module, value.item);
    if (value.kind === "opaque" && value.type === "template") return new Set(["messages"]);
  }
  return new Set();
}

/** Whether every column that the stage does not read goes on, or else a report of the first that does not. */
function nothingLost(
  context: Context,
  item: TransformItem,
  others: Columns,
  carries: boolean,
  made: Columns,
  input: DatasetValue,
  expr: CallExpr,
): boolean {
  const windows = [...made.values()].some((column) => column.kind === "window");
  for (const [name, column] of others) {
    const goesOn = carries && !made.has(name) && (!windows || isSingle(column));
    if (goesOn) continue;
    reportLost(context, {
      expr,
      transform: item.name.text,
      name,
      row: input.row,
      manyRows: windows && isSingle(column),
    });
    return false;
  }
  return true;
}

/** A number, a bool or a case: what a window can hold one of. */
function isSingle(column: Column): boolean {
  return column.kind === "value" && ["int", "float", "bool", "enum"].includes(column.of.kind);
}

/** A transform written in the language: its columns as expressions over the row. */
function mapped(
  context: Context,
  scope: Scope,
  item: TransformItem,
  input: DatasetValue,
  rest: Columns,
  expr: CallExpr,
): Value {
  const silent = silenced(context);
  const within = rowScope(silent, scope, item);
  const names = { row: item.row?.text, columns: new Set<string>(), variables: new Set<string>() };
  const columns = new Map<string, Column>(rest);
  const expressions: Record<string, RowExpression> = {};
  for (const { name, value } of item.columns) {
    const column = columnOfValue(silent.evaluate(silent, within, value));
    const expression = rowExpression(context, within, names, value);
    // Where the transform is defined, its faults are reported.
    if (column === undefined || expression === undefined) return errorValue;
    columns.set(name.text, column);
    expressions[name.text] = expression;
  }
  // Columns that the transform reads by name go on under that name only if it makes them anew.
  const keepsAll =
    rest.size > 0 && (item.from?.columns ?? []).every((field) => field.name.text in expressions);
  const kept = keepsAll ? {} : restExpressions(rest);
  const mapping = {
    kind: "mapping" as const,
    columns: { ...kept, ...expressions },
    rest: keepsAll,
  };
  const stage: DataStage = { stage: "map", args: { columns: mapping } };
  return {
    kind: "dataset",
    row: undefined,
    columns,
    stages: [...input.stages, stage],
    calls: [...input.calls, expr],
    outputs: new Map(),
  };
}

function restExpressions(rest: Columns): Record<string, RowExpression> {
  return Object.fromEntries(
    [...rest.keys()].map((name) => [name, { kind: "column", path: [name] }]),
  );
}
