/** The arguments of a stage as plain data: amounts in base units, cases by name, templates as programs. */

import type {
  ChatTemplateReference,
  DataArg,
  TokenizerReference,
} from "../../runtime/data/plan.ts";
import { error } from "../diagnostics/diagnostic.ts";
import type { Expr } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { reportTemplate } from "./data-faults.ts";
import { literalOf } from "./row-expression.ts";
import { columnFits, columnOf } from "./rows.ts";
import { moduleScope } from "./scope.ts";
import { showType } from "./show.ts";
import { columnsRead, recordOf, templateProgram } from "./template.ts";
import type { Closure, Column, OpaqueValue, Value } from "./value.ts";

interface Bound {
  readonly values: ReadonlyMap<string, Value>;
  readonly written: ReadonlyMap<string, Expr>;
}

/** By parameter; what is absent is left out. `columns` are those that come in. Undefined after a report. */
export function stageArguments(
  context: Context,
  given: Bound,
  columns: ReadonlyMap<string, Column> | undefined,
): Record<string, DataArg> | undefined {
  const args: Record<string, DataArg> = {};
  for (const [name, value] of given.values) {
    if (value.kind === "none") continue;
    const at = given.written.get(name);
    const data = argumentOf(context, value, at, columns);
    if (data === undefined) return undefined;
    args[name] = data;
  }
  return args;
}

function argumentOf(
  context: Context,
  value: Value,
  at: Expr | undefined,
  columns: ReadonlyMap<string, Column> | undefined,
): DataArg | undefined {
  const literal = literalOf(value);
  if (literal !== undefined && literal !== null) return literal;
  switch (value.kind) {
    case "list": {
      const items: DataArg[] = [];
      for (const item of value.items) {
        const data = argumentOf(context, item, at, columns);
        if (data === undefined) return undefined;
        items.push(data);
      }
      return items;
    }
    case "dataset":
      return { kind: "data", stages: value.stages };
    case "closure":
      if (value.item.kind === "template") return templateArgument(context, value, at, columns);
      break;
    case "opaque": {
      const reference = referenceOf(value);
      if (reference !== undefined) return reference;
      break;
    }
    case "error":
      return undefined;
    default:
      break;
  }
  if (at !== undefined) {
    context.report(
      error("type-mismatch", {
        at: at.span,
        title: `a stage's argument is known before anything runs, and this is ${showType(value)}`,
      }),
    );
  }
  return undefined;
}

/** A template for rows that have the columns it reads. */
function templateArgument(
  context: Context,
  closure: Closure,
  at: Expr | undefined,
  columns: ReadonlyMap<string, Column> | undefined,
): DataArg | undefined {
  if (closure.item.kind !== "template") return undefined;
  const record = recordOf(closure.module, closure.item);
  if (record === undefined || columns === undefined) return undefined;
  const read = columnsRead(closure.module, closure.item);
  const lacking = record.item.fields.filter((field) => {
    if (!read.has(field.name.text)) return false;
    const wanted = columnOf(context, moduleScope(record.module), field.type);
    const found = columns.get(field.name.text);
    return wanted === undefined || found === undefined || !columnFits(found, wanted);
  });
  if (lacking.length > 0 && at !== undefined) {
    reportTemplate(
      context,
      { at, item: closure.item, lacking: lacking.map((field) => field.name.text) },
      columns,
    );
    return undefined;
  }
  return templateProgram(context, closure, closure.item);
}

/** What the members of a model hold: see `modelReference`. */
function referenceOf(value: OpaqueValue): TokenizerReference | ChatTemplateReference | undefined {
  return isReference(value.data) ? value.data : undefined;
}

function isReference(data: unknown): data is TokenizerReference | ChatTemplateReference {
  if (typeof data !== "object" || data === null || !("kind" in data)) return false;
  return (
    data.kind === "tokenizer" || data.kind === "trained-tokenizer" || data.kind === "chat-template"
  );
}
