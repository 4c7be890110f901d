/** Fixes of a step's fields: a value in another's place, or the field where it was not written yet. */

import { type Fix, replace } from "../diagnostics/diagnostic.ts";
import { textOf } from "../source/file.ts";
import type { StepItem } from "../syntax/ast.ts";

/** `name = value`; a new field stands below the field `after`, its `=` in the same column. */
export function withField(
  { fields, name: { span } }: StepItem,
  name: string,
  value: string,
  after: string,
  shown = `${name} = ${value}`,
): Fix {
  const written = fields.find((field) => field.name.text === name);
  if (written !== undefined) return replace(written.value.span, value, shown);
  const above = fields.find((field) => field.name.text === after);
  if (above === undefined) return { text: shown };
  const { file, end } = above.span;
  const column = textOf({ file, start: above.name.span.start, end }).indexOf("=");
  const text = `\n  ${name.padEnd(column)}= ${value}`;
  return { text: shown, edits: [{ span: { file: span.file, start: end, end }, text }] };
}
