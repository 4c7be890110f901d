/** Transforms checked: each column that one written in the language makes is a value that a row can hold. */

import { error } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import type { TransformItem } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { insideOf, reportTwice } from "./definition-signature.ts";
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
    // Types that are not there are reported as they are read.
    for (const column of row.columns) columnOf(inside.context, inside.scope, column.type);
  }
  if (item.extern) return;
  reportTwice(
    context,
    item.columns.map((column) => column.name),
  );
  const scope = rowScope(inside.context, inside.scope, item);
  for (const column of item.columns) {
    const value = inside.context.evaluate(inside.context, scope, column.value);
    if (value.kind === "error" || columnOfValue(value) !== undefined) continue;
    context.report(
      error("type-mismatch", {
        at: column.value.span,
        title: `a column holds text, a number, a bool or a case, and this is ${showType(value)}`,
      }),
    );
  }
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
