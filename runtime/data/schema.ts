/** Checks a row that was read against its record, and keeps the columns that the record names. */

import { isObject } from "../json.ts";
import type { ColumnType, RowSchema } from "./plan.ts";
import type { Value, Values } from "./row.ts";

/** Why a value does not fit. `column` has no list positions, so that equal reasons are counted together. */
export type Misfit =
  | { readonly kind: "missing"; readonly column: string; readonly present: readonly string[] }
  | { readonly kind: "unfit"; readonly column: string; readonly message: string };

export type Fitted<T> =
  | { readonly fits: true; readonly value: T }
  | { readonly fits: false; readonly misfit: Misfit };

/** The row with the columns of the schema, enums by their case's name, absent optionals null. */
export function fittedRow(
  row: Readonly<Record<string, unknown>>,
  schema: RowSchema,
): Fitted<Values> {
  return fittedColumns(row, schema.columns, "");
}

/** `list[Message]`, as the language writes it. */
export function typeName(type: ColumnType): string {
  switch (type.kind) {
    case "string":
    case "int":
    case "float":
    case "bool":
      return type.kind;
    case "enum":
    case "record":
      return type.name;
    case "list":
      return `list[${typeName(type.item)}]`;
    case "optional":
      return `${typeName(type.item)}?`;
    default:
      return type satisfies never;
  }
}

function fittedColumns(
  values: Readonly<Record<string, unknown>>,
  columns: Readonly<Record<string, ColumnType>>,
  prefix: string,
): Fitted<Values> {
  const kept: Record<string, Value> = {};
  for (const [name, type] of Object.entries(columns)) {
    const column = prefix + name;
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined && type.kind !== "optional") {
      return { fits: false, misfit: { kind: "missing", column, present: Object.keys(values) } };
    }
    const fitted = fittedValue(value, type, column);
    if (!fitted.fits) return fitted;
    kept[name] = fitted.value;
  }
  return { fits: true, value: kept };
}

function fittedValue(value: unknown, type: ColumnType, column: string): Fitted<Value> {
  switch (type.kind) {
    case "string":
      return typeof value === "string" ? accepted(value) : refused(column, type, value);
    case "int":
      return Number.isSafeInteger(value) && typeof value === "number"
        ? accepted(value)
        : refused(column, type, value);
    case "float":
      return typeof value === "number" ? accepted(value) : refused(column, type, value);
    case "bool":
      return typeof value === "boolean" ? accepted(value) : refused(column, type, value);
    case "enum": {
      if (typeof value === "string" && type.cases.includes(value)) return accepted(value);
      if (typeof value === "number" && Object.hasOwn(type.cases, value))
        return accepted(type.cases[value]);
      return refused(column, type, value);
    }
    case "list": {
      if (!Array.isArray(value)) return refused(column, type, value);
      const items: Value[] = [];
      for (const item of value) {
        const fitted = fittedValue(item, type.item, `${column}[]`);
        if (!fitted.fits) return fitted;
        items.push(fitted.value);
      }
      return accepted(items);
    }
    case "record":
      return isObject(value)
        ? fittedColumns(value, type.columns, `${column}.`)
        : refused(column, type, value);
    case "optional":
      return value === undefined || value === null
        ? accepted(null)
        : fittedValue(value, type.item, column);
    default:
      return type satisfies never;
  }
}

function accepted(value: Value): Fitted<Value> {
  return { fits: true, value };
}

function refused(column: string, type: ColumnType, value: unknown): Fitted<never> {
  const wanted = type.kind === "enum" ? `${type.name} (${listed(type.cases)})` : typeName(type);
  const message = `\`${column}\` is ${shown(value, type)}, not a value of type ${wanted}`;
  return { fits: false, misfit: { kind: "unfit", column, message } };
}

/** A wrong case of an enum is worth quoting; other wrong values are named by what they are. */
function shown(value: unknown, type: ColumnType): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return type.kind === "enum" ? JSON.stringify(value) : "a string";
  if (type.kind === "int" && typeof value === "number") return `${value}`;
  return typeof value === "boolean" ? "a bool" : "a number";
}

function listed(cases: readonly string[]): string {
  const first = cases.slice(0, 8).join(", ");
  return cases.length > 8 ? `${first}, …` : first;
}
