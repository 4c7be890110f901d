/** Columns of datasets: what a record, a row type or a value says of them, and how messages write them. */

import type { ColumnType } from "../../runtime/data/plan.ts";
import { lookup, type Module } from "../names/module.ts";
import type { EnumItem, Field, RecordItem, RowType, Type } from "../syntax/ast.ts";
import { knownSize as numberIn } from "../tensor/size.ts";
import { abstractOf, itemType } from "./annotation.ts";
import type { Context } from "./context.ts";
import { hasEnd } from "./definition-ends.ts";
import { moduleScope } from "./scope.ts";
import type { Column, Scope, Value } from "./value.ts";

/** The columns of a record's values, as a reader checks them. Types that no file can hold are undefined. */
export function columnsOf(
  context: Context,
  module: Module,
  item: RecordItem,
): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  for (const field of item.fields) {
    const column = columnOf(context, moduleScope(module), field.type);
    if (column !== undefined) columns.set(field.name.text, column);
  }
  return columns;
}

/** A column of this type: one value a row, text with marks, one value a token, or a window of them. */
export function columnOf(context: Context, scope: Scope, type: Type): Column | undefined {
  if (type.kind !== "named-type") return undefined;
  if (type.name.text === "marked") return { kind: "marked" };
  if (type.name.text === "seq") {
    const item = itemType(type);
    const of = item === undefined ? undefined : valueType(scope.module, item);
    return of === undefined ? undefined : { kind: "tokens", of };
  }
  if (type.extents !== undefined && type.name.text !== "list") {
    const value = abstractOf(context, scope, type, "");
    if (value.kind !== "tensor") return undefined;
    const [length] = value.shape;
    const amount = length?.kind === "axis" ? numberIn(length.size) : undefined;
    return { kind: "window", of: type.name.text, length: amount };
  }
  const of = valueType(scope.module, type);
  return of === undefined ? undefined : { kind: "value", of };
}

/** What a file holds for a type; undefined where it can hold none. */
export function valueType(module: Module, type: Type): ColumnType | undefined {
  if (type.kind !== "named-type") return undefined;
  const plain = plainType(module, type.optional ? { ...type, optional: false } : type);
  return plain !== undefined && type.optional ? { kind: "optional", item: plain } : plain;
}

function plainType(
  module: Module,
  type: Extract<Type, { kind: "named-type" }>,
): ColumnType | undefined {
  switch (type.name.text) {
    case "string":
      return { kind: "string" };
    case "int":
    case "dim":
    case "token":
      return { kind: "int" };
    case "float":
      return { kind: "float" };
    case "bool":
      return { kind: "bool" };
    case "list": {
      const item = itemType(type);
      const of = item === undefined ? undefined : valueType(module, item);
      return of === undefined ? undefined : { kind: "list", item: of };
    }
  }
  const found = lookup(module, type.name.text);
  // A record of itself has no end of columns. It is reported where it is defined.
  if (found?.kind !== "item" || !hasEnd(found.module, found.item)) return undefined;
  if (found.item.kind === "enum") return enumType(found.item);
  return found.item.kind === "record" ? recordType(found.module, found.item) : undefined;
}

export function recordType(
  module: Module,
  item: RecordItem,
): Extract<ColumnType, { kind: "record" }> {
  const columns: Record<string, ColumnType> = {};
  for (const field of item.fields) {
    const type = valueType(module, field.type);
    if (type !== undefined) columns[field.name.text] = type;
  }
  return { kind: "record", name: item.name.text, columns };
}

function enumType(item: EnumItem): ColumnType {
  return { kind: "enum", name: item.name.text, cases: item.cases.map((one) => one.text) };
}

/** The column that holds a value which an expression over a row gives. */
export function columnOfValue(value: Value): Column | undefined {
  switch (value.kind) {
    case "string":
      return { kind: "value", of: { kind: "string" } };
    case "bool":
      return { kind: "value", of: { kind: "bool" } };
    case "number":
      return { kind: "value", of: { kind: value.unit === "int" ? "int" : "float" } };
    case "case":
      return { kind: "value", of: enumType(value.item) };
    case "optional": {
      const column = columnOfValue(value.of);
      return column?.kind === "value"
        ? { kind: "value", of: { kind: "optional", item: column.of } }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether a column may stand where one of the wanted type is read. Plain text is text without marks. */
export function columnFits(column: Column, wanted: Column): boolean {
  if (wanted.kind === "marked" && column.kind === "value") return column.of.kind === "string";
  return showColumn(column) === showColumn(wanted);
}

/** The columns of a row type that names them, without its rest. */
export function namedColumns(
  context: Context,
  scope: Scope,
  row: RowType,
): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  for (const field of row.columns) {
    const column = columnOf(context, scope, field.type);
    if (column !== undefined) columns.set(field.name.text, column);
  }
  return columns;
}

/** A row as an expression sees it: each column with its type and unknown content. */
export function rowValues(
  context: Context,
  scope: Scope,
  fields: readonly Field[],
): Map<string, Value> {
  return new Map(
    fields.map((field) => [
      field.name.text,
      abstractOf(context, scope, field.type, field.name.text),
    ]),
  );
}

export function showColumn(column: Column): string {
  switch (column.kind) {
    case "marked":
      return "marked";
    case "value":
      return showValueType(column.of);
    case "tokens":
      return `seq[${showValueType(column.of)}]`;
    case "window":
      return `${column.of}[${column.length ?? "…"}]`;
    default:
      return column satisfies never;
  }
}

export function showColumns(columns: ReadonlyMap<string, Column>): string {
  return [...columns].map(([name, column]) => `${name}: ${showColumn(column)}`).join(", ");
}

function showValueType(type: ColumnType): string {
  switch (type.kind) {
    case "enum":
    case "record":
      return type.name;
    case "list":
      return `list[${showValueType(type.item)}]`;
    case "optional":
      return `${showValueType(type.item)}?`;
    default:
      return type.kind;
  }
}
