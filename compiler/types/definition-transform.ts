/** Transforms checked: each column that one written in the language makes is a value that a row can hold. */

import { error, replace } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import type { Field, TransformItem } from "../syntax/ast.ts";
import { abstractOf } from "./annotation.ts";
import { type Context, silenced } from "./context.ts";
import { type Inside, insideOf, reportTwice } from "./definition-signature.ts";
import { type RowNames, rowExpression } from "./row-expression.ts";
import { columnOf, columnOfValue, rowValues } from "./rows.ts";
import { inner, moduleScope } from "./scope.ts";
import { showType } from "./show.ts";
import type { Scope, Value } from "./value.ts";

export function checkTransform(context: Context, module: Module, item: TransformItem): void {
  const inside = insideOf(context, moduleScope(module), [], item.params);
  for (const row of [item.from, ...item.outputs.map((output) => output.row)]) {
    if (row === undefined) continue;
    reportTwice(
      context,
      row.columns.map((column) => column.name),
    );
    for (const column of row.columns) checkColumn(inside, column);
  }
  if (item.extern) return;
  checkRest(context, item);
  reportTwice(
    context,
    item.columns.map((column) => column.name),
  );
  // Types that are not there were reported with the columns.
  const scope = rowScope(silenced(inside.context), inside.scope, item);
  const names: RowNames = {
    row: item.row?.text,
    columns: new Set(),
    variables: new Set(item.params.map((param) => param.name.text)),
  };
  for (const column of item.columns) {
    const value = inside.context.evaluate(inside.context, scope, column.value);
    if (value.kind === "error") continue;
    if (columnOfValue(value) !== undefined) {
      rowExpression(inside.context, scope, names, column.value);
      continue;
    }
    context.report(
      error("type-mismatch", {
        at: column.value.span,
        title: `a column holds text, a number, a bool or a case, and this is ${showType(value)}`,
      }),
    );
  }
}

/** Rows hold what files hold, and what tokenizing and windows make of it. */
function checkColumn({ context, scope }: Inside, { type }: Field): void {
  const column = columnOf(context, scope, type);
  if (column !== undefined) return;
  // The window's length is a parameter of the transform, and any other type is read as one of a value.
  const value = abstractOf(context, scope, type, "");
  if (value.kind === "error") return;
  context.report(
    error("type-mismatch", {
      at: type.span,
      title: `a column holds text, numbers, bools, cases, records or lists of them, and this is ${showType(value)}`,
    }),
  );
}

/** The columns that a transform does not name go through it, or there are none: a row may not lose them in silence. */
function checkRest(context: Context, { from, outputs }: TransformItem): void {
  const [into] = outputs.flatMap(({ row }) => row.rest ?? []);
  const taken = from?.rest;
  if (into === undefined && taken !== undefined) {
    context.report(
      error("column-lost", {
        at: taken.span,
        title: `the columns of \`${textOf(taken.span)}\` are in no row that this makes`,
        notes: ["Whoever uses it would lose them in silence."],
        fixes: [
          { text: `{ …, ${textOf(taken.span)} } in what it makes, or no rest in what it takes` },
        ],
      }),
    );
  }
  if (into === undefined || (taken !== undefined && taken.name?.text === into.name?.text)) return;
  context.report(
    error("no-such-name", {
      at: into.span,
      title: `no columns are called \`${textOf(into.span)}\` in what this takes`,
      fixes: taken === undefined ? [] : [replace(into.span, textOf(taken.span))],
    }),
  );
}

/** The scope with the row under its name: `row.text` is a value of which only the type is known. */
export function rowScope(context: Context, scope: Scope, item: TransformItem): Scope {
  if (item.row === undefined || item.from === undefined) return scope;
  const members = rowValues(context, scope, item.from.columns);
  const row: Value = {
    kind: "opaque",
    type: "row of this transform",
    members,
    data: undefined,
    columns: undefined,
  };
  return inner(scope, new Map([[item.row.text, row]]));
}
