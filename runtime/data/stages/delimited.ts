/**
 * `csv(path)` and `tsv(path)`: one row a line, its columns named by the first line or, with `columns`, by the
 * program. CSV quotes as RFC 4180 says, so a field may hold commas, quotes and line ends; in TSV a quote is
 * a character like any other. Fields are text: the record says which of them are numbers, bools and cases.
 */

import { counted } from "../../count.ts";
import { planFault } from "../../errors.ts";
import { eachLine } from "../lines.ts";
import type { ColumnType, DataArg, RowSchema } from "../plan.ts";
import { type Stage, schemaArgument, textArgument } from "../stage.ts";
import { RowReader } from "./read.ts";

export const csv: Stage = delimited(csvFields);
export const tsv: Stage = delimited((text) => text.split("\t"));

/** The fields of a row's text; undefined where its last field goes on in the next line. */
type Split = (text: string) => readonly string[] | undefined;

function delimited(split: Split): Stage {
  return async (_input, args, context) => {
    const place = context.resolve(textArgument(args, "path"));
    const schema = schemaArgument(args);
    const reader = new RowReader(schema, context);
    let names = args.columns === undefined ? undefined : namesOf(args.columns);
    /** Lines of a row whose last field is not closed yet. */
    let open: string[] = [];
    const fault = (message: string, line: number): void =>
      context.log.add("row-does-not-fit", "error", message, { file: place.name, line });

    let last = 0;
    const file = await eachLine(place, context.log, (line, number) => {
      last = number;
      if (open.length === 0 && line === "") return;
      open.push(line);
      // A quote that is open closes only where another stands.
      if (open.length > 1 && !line.includes('"')) return;
      const fields = split(open.join("\n"));
      if (fields === undefined) return;
      const start = number - open.length + 1;
      open = [];
      if (names === undefined) names = fields;
      else if (fields.length !== names.length) {
        fault(
          `this row has ${counted(fields.length, "field")}, and there are ${counted(names.length, "column")}`,
          start,
        );
      } else {
        reader.take(typed(names, fields, schema), { file: place.name, line: start });
      }
    });
    if (file === undefined) return undefined;
    if (open.length > 0)
      fault("a quote is opened in this row and never closed", last - open.length + 1);
    const flow = reader.finish();
    context.fileWasRead({ ...file, rows: flow.rows.length });
    return flow;
  };
}

/** Each field is bare, or in quotes in which a quote is doubled. */
function csvFields(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) return undefined;
      // What stands between the closing quote and the comma belongs to the field, as spreadsheets read it.
      const comma = endOfField(text, end + 1);
      fields.push(text.slice(at + 1, end).replaceAll('""', '"') + text.slice(end + 1, comma));
      at = comma + 1;
    } else {
      const comma = endOfField(text, at);
      fields.push(text.slice(at, comma));
      at = comma + 1;
    }
    if (at > text.length) return fields;
  }
}

function endOfField(text: string, from: number): number {
  const comma = text.indexOf(",", from);
  return comma < 0 ? text.length : comma;
}

function typed(
  names: readonly string[],
  fields: readonly string[],
  schema: RowSchema | undefined,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.map((name, index) => {
      const type = schema?.columns[name];
      return [name, type === undefined ? fields[index] : typedField(fields[index], type)];
    }),
  );
}

/** A text that is no value of the type stays a text, which the record then refuses with its line. */
function typedField(field: string, type: ColumnType): unknown {
  switch (type.kind) {
    case "string":
    case "list":
    case "record":
      return field;
    case "int":
      return /^[+-]?\d+$/.test(field) ? Number(field) : field;
    case "float":
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(field) ? Number(field) : field;
    case "bool":
      if (field === "true" || field === "1") return true;
      return field === "false" || field === "0" ? false : field;
    case "enum":
      return !type.cases.includes(field) && /^\d+$/.test(field) ? Number(field) : field;
    case "optional":
      return field === "" ? null : typedField(field, type.item);
    default:
      return type satisfies never;
  }
}

function namesOf(columns: DataArg): readonly string[] {
  if (!Array.isArray(columns)) return planFault("the argument columns is not a list");
  return columns.map((name: DataArg) =>
    typeof name === "string" ? name : planFault("a name in the argument columns is not a string"),
  );
}
