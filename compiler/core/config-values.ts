/** A config record and JSON: the schema that its fields ask for, the values of what fits it, and JSON of values. */

import { lookup, type Module } from "../names/module.ts";
import type { NamedType, RecordItem, Type } from "../syntax/ast.ts";
import { constant } from "../tensor/size.ts";
import { itemType } from "../types/annotation.ts";
import { defaultOf } from "../types/arguments.ts";
import type { Context } from "../types/context.ts";
import { real, whole } from "../types/number.ts";
import { literalOf } from "../types/row-expression.ts";
import { inner, moduleScope } from "../types/scope.ts";
import { isWhole, numberTypes } from "../types/unit.ts";
import { bool, none, type Value } from "../types/value.ts";
import { entryOf } from "../types/word-table.ts";
import type { Json } from "./json.ts";

/** The JSON Schema of a record's fields; a field with a default, or that may be absent, may be left out. */
export function schemaOf(module: Module, record: RecordItem): object {
  return {
    type: "object",
    additionalProperties: false,
    required: record.fields
      .filter((field) => field.value === undefined && !field.type.optional)
      .map((field) => field.name.text),
    properties: Object.fromEntries(
      record.fields.map((field) => [field.name.text, schemaOfType(module, field.type)]),
    ),
  };
}

function schemaOfType(module: Module, type: Type): object {
  if (type.kind === "row-type") return {};
  const word = type.name.text;
  if (word === "dim") return { type: "integer", minimum: 1 };
  if (word === "bool") return { type: "boolean" };
  if (word === "string") return { type: "string" };
  const unit = entryOf(numberTypes, word);
  if (unit !== undefined) return { type: isWhole(unit) ? "integer" : "number" };
  const item = word === "list" ? itemType(type) : undefined;
  if (item !== undefined) return { type: "array", items: schemaOfType(module, item) };
  const found = definitionOf(module, type);
  if (found?.item.kind === "enum") return { enum: found.item.cases.map((one) => one.text) };
  return found?.item.kind === "record" ? schemaOf(found.module, found.item) : {};
}

/** The fields by name: from JSON that fits the schema, or by default; one that may be absent is none. */
export function fieldValues(
  context: Context,
  module: Module,
  record: RecordItem,
  given: ReadonlyMap<string, Json>,
): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const field of record.fields) {
    const json = given.get(field.name.text);
    const value = json === undefined ? undefined : valueOfJson(context, module, field.type, json);
    const scope = inner(moduleScope(module), values);
    values.set(field.name.text, value ?? defaultOf(context, scope, field));
  }
  return values;
}

function valueOfJson(context: Context, module: Module, type: Type, json: Json): Value {
  if (json === null || type.kind === "row-type") return none;
  if (typeof json === "boolean") return bool(json);
  if (typeof json === "number") {
    const unit = entryOf(numberTypes, type.name.text) ?? "float";
    return isWhole(unit) ? whole(constant(json), unit) : real(json, unit);
  }
  const item = type.name.text === "list" ? itemType(type) : undefined;
  if (item !== undefined && isList(json))
    return { kind: "list", items: json.map((one) => valueOfJson(context, module, item, one)) };
  const found = definitionOf(module, type);
  if (typeof json === "string") {
    return found?.item.kind === "enum"
      ? { kind: "case", item: found.item, name: json }
      : { kind: "string", value: json };
  }
  if (found?.item.kind !== "record" || isList(json)) return none;
  const fields = fieldValues(context, found.module, found.item, new Map(Object.entries(json)));
  return { kind: "record", item: found.item, fields };
}

/** The value as JSON has it; undefined where it is not known or has no such form. */
export function jsonOf(value: Value): Json | undefined {
  if (value.kind === "list") {
    const items = value.items.map(jsonOf);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (value.kind !== "record") return literalOf(value);
  const fields: Record<string, Json> = {};
  for (const [name, field] of value.fields) {
    const json = jsonOf(field);
    if (json !== undefined) fields[name] = json;
  }
  return fields;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function definitionOf(module: Module, type: NamedType) {
  const found = lookup(module, type.name.text);
  return found?.kind === "item" ? found : undefined;
}
