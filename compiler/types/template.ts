/**
 * Templates: checked against the record they are for, and compiled to a program that the runtime writes rows
 * with. A template sees the record's columns by their names, the variables of its `for`s, and its parameters.
 */

import type { TemplateInstruction, TemplateProgram } from "../../runtime/data/plan.ts";
import { error, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { lookup, type Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { Expr, Name, RecordItem, TemplateItem, TemplateLine } from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";
import { builtins } from "./builtins.ts";
import { bareName } from "./cases.ts";
import { type Context, silenced } from "./context.ts";
import { insideOf, reportTaken } from "./definition-signature.ts";
import { absentNotes, narrowed } from "./optional.ts";
import { type RowNames, rowExpression } from "./row-expression.ts";
import { rowValues } from "./rows.ts";
import { inner, moduleScope } from "./scope.ts";
import { showType } from "./show.ts";
import { checkText } from "./text.ts";
import { type Closure, errorValue, type Scope, type Value } from "./value.ts";

/** The record whose rows a template writes. */
export function recordOf(
  module: Module,
  item: TemplateItem,
): { readonly module: Module; readonly item: RecordItem } | undefined {
  const found = lookup(module, item.row.text);
  return found?.kind === "item" && found.item.kind === "record"
    ? { module: found.module, item: found.item }
    : undefined;
}

export function checkTemplate(context: Context, module: Module, item: TemplateItem): void {
  const record = recordOf(module, item);
  if (record === undefined) {
    if (item.row.text !== "") reportNoRecord(context, module, item);
    return;
  }
  let isSound = true;
  const watched: Context = {
    ...context,
    report: (fault) => {
      isSound = false;
      context.report(fault);
    },
  };
  const columns = rowValues(watched, moduleScope(record.module), record.item.fields);
  const inside = insideOf(watched, inner(moduleScope(module), columns), [], item.params);
  checkHidden(watched, item, record.item);
  checkLines(inside.context, inside.scope, item, [...columns.keys()], item.lines);
  checkAnswers(context, item, new Set(columns.keys()));
  if (!isSound) return;
  const names: RowNames = {
    row: undefined,
    columns: new Set(columns.keys()),
    variables: new Set(item.params.map((param) => param.name.text)),
  };
  // What has a type and cannot be worked out row by row is found as the program is made.
  instructions(inside.context, inside.scope, names, item.lines);
}

/** A parameter or a variable that has a column's name would hide it. */
function checkHidden(context: Context, item: TemplateItem, record: RecordItem): void {
  const columns = new Map(
    record.fields.map(({ name }) => [name.text, `a column of \`${record.name.text}\``]),
  );
  const params = item.params.map((param) => param.name);
  const taken = new Map([...columns, ...params.map(({ text }) => [text, "a parameter"] as const)]);
  reportTaken(context, params, columns, "row of this template");
  reportTaken(context, variablesOf(item.lines), taken, "line of this template");
}

/** The variables of all its `for`s. */
export function variablesOf(lines: readonly TemplateLine[]): readonly Name[] {
  return lines.flatMap((line): readonly Name[] => {
    switch (line.kind) {
      case "text":
        return [];
      case "each":
        return [line.name, ...variablesOf(line.lines)];
      case "learn":
        return variablesOf(line.lines);
      case "when":
        return variablesOf([...line.lines, ...line.otherwise]);
      default:
        return line satisfies never;
    }
  });
}

/** A column that is learned and stands in the prompt before that: what is asked for is already said. */
function checkAnswers(context: Context, item: TemplateItem, columns: ReadonlySet<string>): void {
  const said = new Map<string, Hole>();
  const reported = new Set<string>();
  for (const hole of written(item.lines, false)) {
    const { expr, isLearned } = hole;
    if (expr.kind !== "name" || !columns.has(expr.text)) continue;
    const before = said.get(expr.text);
    if (!isLearned) said.set(expr.text, before ?? hole);
    if (!isLearned || before === undefined || reported.has(expr.text)) continue;
    reported.add(expr.text);
    context.report(
      error("label-leak", {
        at: before.expr.span,
        title: `\`${expr.text}\` is to be learned, and the prompt says it already`,
        secondary: [{ span: expr.span, text: "learned here" }],
        notes: [
          "A model that can copy learns to copy, and has no answer where nobody writes it first.",
        ],
        fixes: [
          replace(before.span, "", `leave {${expr.text}} out of what comes before \`learn\``),
        ],
      }),
    );
  }
}

/** `{answer}` in a text, with its braces. */
interface Hole {
  readonly expr: Expr;
  readonly span: Span;
  readonly isLearned: boolean;
}

/** What is written as it is, in order; branches one after the other. */
function written(lines: readonly TemplateLine[], isLearned: boolean): readonly Hole[] {
  return lines.flatMap((line) => {
    switch (line.kind) {
      case "text":
        return line.value.parts.flatMap((part) =>
          part.kind === "expr" ? [{ expr: part.value, span: part.span, isLearned }] : [],
        );
      case "each":
        return written(line.lines, isLearned);
      case "learn":
        return written(line.lines, true);
      case "when":
        return [...written(line.lines, isLearned), ...written(line.otherwise, isLearned)];
      default:
        return line satisfies never;
    }
  });
}

function reportNoRecord(context: Context, module: Module, item: TemplateItem): void {
  const name = item.row.text;
  const found = lookup(module, name);
  const records = [...module.items.keys(), ...module.imports.keys()].filter((own) => {
    const one = lookup(module, own);
    return one?.kind === "item" && one.item.kind === "record";
  });
  const near = nearest(name, records);
  context.report(
    error(found === undefined ? "no-such-name" : "not-that-kind", {
      at: item.row.span,
      title:
        found === undefined
          ? `nothing here is called \`${name}\``
          : `a template is for the rows of a record, and \`${name}\` is none`,
      fixes: near === undefined ? [] : [replace(item.row.span, near)],
    }),
  );
}

function checkLines(
  context: Context,
  scope: Scope,
  item: TemplateItem,
  columns: readonly string[],
  lines: readonly TemplateLine[],
): void {
  const read = (expr: Expr, at = scope) => valueIn(context, at, item, columns, expr);
  const where = (condition: Expr, holds: boolean) => narrowed(context, scope, condition, holds);
  for (const line of lines) {
    switch (line.kind) {
      case "text":
        for (const part of line.value.parts) {
          if (part.kind === "expr") checkText(context, part.value, read(part.value));
        }
        break;
      case "each": {
        const list = read(line.list);
        const names = new Map([[line.name.text, elementOf(context, line.list, list)]]);
        checkLines(context, inner(scope, names), item, columns, line.lines);
        break;
      }
      case "learn":
        if (line.condition !== undefined)
          checkCondition(context, line.condition, read(line.condition));
        checkLines(context, scope, item, columns, line.lines);
        break;
      case "when":
        checkCondition(context, line.condition, read(line.condition));
        checkLines(context, where(line.condition, true), item, columns, line.lines);
        checkLines(context, where(line.condition, false), item, columns, line.otherwise);
        break;
      default:
        line satisfies never;
    }
  }
}

/** The expression's value, unless it names a column that the record lacks. */
function valueIn(
  context: Context,
  scope: Scope,
  item: TemplateItem,
  columns: readonly string[],
  expr: Expr,
): Value {
  const all = expressionsIn(expr);
  const sides = new Set(
    all.flatMap((one) =>
      one.kind === "binary" && (one.operator === "==" || one.operator === "!=")
        ? [one.left, one.right]
        : [],
    ),
  );
  const missing = all.find(
    (one) =>
      !sides.has(one) &&
      bareName(scope, one) !== undefined &&
      !(one.kind === "name" && Object.hasOwn(builtins, one.text)),
  );
  if (missing === undefined || missing.kind !== "name")
    return context.evaluate(context, scope, expr);
  const near = nearest(missing.text, columns);
  context.report(
    error("missing-in-template", {
      at: missing.span,
      title: `${item.row.text} has no column \`${missing.text}\``,
      secondary: [{ span: item.row.span, text: "what this template is for" }],
      notes: [`It has ${listed(columns)}.`],
      fixes: near === undefined ? [] : [replace(missing.span, near)],
    }),
  );
  return errorValue;
}

function elementOf(context: Context, expr: Expr, list: Value): Value {
  if (list.kind === "list") return list.element ?? errorValue;
  if (list.kind !== "error") {
    context.report(
      error("type-mismatch", {
        at: expr.span,
        title: `\`for\` goes through a list, and this is ${showType(list)}`,
      }),
    );
  }
  return errorValue;
}

function checkCondition(context: Context, expr: Expr, value: Value): void {
  if (value.kind === "bool" || value.kind === "error") return;
  context.report(
    error("type-mismatch", {
      at: expr.span,
      title: `this asks a condition, and it is ${showType(value)}`,
      notes: absentNotes(value),
    }),
  );
}

/** The columns that a template's lines read. */
export function columnsRead(module: Module, item: TemplateItem): ReadonlySet<string> {
  const names = new Set(
    (recordOf(module, item)?.item.fields ?? []).map((field) => field.name.text),
  );
  const read = item.lines
    .flatMap((line) => expressionsIn(line))
    .flatMap((one) => (one.kind === "name" && names.has(one.text) ? [one.text] : []));
  return new Set(read);
}

/** The template as a program; undefined where a part of it was reported. */
export function templateProgram(
  context: Context,
  closure: Closure,
  item: TemplateItem,
): TemplateProgram | undefined {
  const record = recordOf(closure.module, item);
  if (record === undefined) return undefined;
  const fields = record.item.fields;
  const silent = silenced(context);
  const columns = rowValues(silent, moduleScope(record.module), fields);
  const scope = inner(inner(moduleScope(closure.module), columns), closure.arguments);
  const names: RowNames = {
    row: undefined,
    columns: new Set(columns.keys()),
    variables: new Set(),
  };
  const lines = instructions(silent, scope, names, item.lines);
  return lines === undefined ? undefined : { kind: "template", name: item.name.text, lines };
}

function instructions(
  context: Context,
  scope: Scope,
  names: RowNames,
  lines: readonly TemplateLine[],
): TemplateInstruction[] | undefined {
  const made: TemplateInstruction[] = [];
  for (const line of lines) {
    const one = instruction(context, scope, names, line);
    if (one === undefined) return undefined;
    made.push(...one);
  }
  return made;
}

function instruction(
  context: Context,
  scope: Scope,
  names: RowNames,
  line: TemplateLine,
): TemplateInstruction[] | undefined {
  switch (line.kind) {
    case "text": {
      const made: TemplateInstruction[] = [];
      for (const part of line.value.parts) {
        if (part.kind === "text") {
          made.push({ kind: "text", text: part.text });
          continue;
        }
        // A name that means nothing could only be a case's, and no enum is asked for here.
        const value =
          bareName(scope, part.value) === undefined
            ? rowExpression(context, scope, names, part.value)
            : undefined;
        if (value === undefined) return undefined;
        made.push({ kind: "expression", value });
      }
      return made;
    }
    case "each": {
      const variable = line.name.text;
      const list = rowExpression(context, scope, names, line.list);
      const item = context.evaluate(context, scope, line.list);
      const element = item.kind === "list" ? (item.element ?? errorValue) : errorValue;
      const within = inner(scope, new Map([[variable, element]]));
      const lines = instructions(
        context,
        within,
        { ...names, variables: new Set([...names.variables, variable]) },
        line.lines,
      );
      return list === undefined || lines === undefined
        ? undefined
        : [{ kind: "each", variable, list, lines }];
    }
    case "learn": {
      const lines = instructions(context, scope, names, line.lines);
      if (lines === undefined) return undefined;
      if (line.condition === undefined) return [{ kind: "learn", lines }];
      const condition = rowExpression(context, scope, names, line.condition);
      return condition === undefined ? undefined : [{ kind: "learn", condition, lines }];
    }
    case "when": {
      const condition = rowExpression(context, scope, names, line.condition);
      const where = (holds: boolean) => narrowed(context, scope, line.condition, holds);
      const lines = instructions(context, where(true), names, line.lines);
      const otherwise = instructions(context, where(false), names, line.otherwise);
      if (condition === undefined || lines === undefined || otherwise === undefined)
        return undefined;
      return [{ kind: "when", condition, lines, otherwise }];
    }
    default:
      return line satisfies never;
  }
}
