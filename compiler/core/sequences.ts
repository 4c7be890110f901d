/** A number of sequences, as `batch` and `at_once` count them. One in tokens is refused with as many as it would be. */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/file.ts";
import { amountOf } from "../types/number.ts";
import { showQuantity } from "../types/unit.ts";
import type { DatasetValue } from "../types/value.ts";
import { type Fields, type Quantity, quantityOf } from "./fields.ts";

export function sequencesOf(
  fields: Fields,
  name: "batch" | "at_once",
  needed: boolean,
  dataset: DatasetValue | undefined,
): Quantity | undefined {
  const found = fields.value(name, needed);
  if (found === undefined) return undefined;
  const { value, at } = found;
  if (value.kind !== "number" || value.unit !== "tokens")
    return quantityOf(fields.context, name, value, at, ["seq"]);
  fields.context.report(countsTokens(name, amountOf(value) ?? 0, at, dataset));
  return undefined;
}

/** Tokens of a sequence, where the rows are windows already. */
export function windowOf({ columns }: DatasetValue): number | undefined {
  const tokens = columns.get("tokens");
  return tokens?.kind === "window" ? tokens.length : undefined;
}

function countsTokens(
  name: string,
  tokens: number,
  at: Span,
  dataset: DatasetValue | undefined,
): Diagnostic {
  const length = dataset === undefined ? undefined : windowOf(dataset);
  const made = dataset?.calls.at(-1);
  const parts = { at, title: `\`${name}\` counts sequences, and this counts tokens` };
  if (length === undefined || made === undefined) return error("unit-mismatch", parts);
  const count = Math.max(1, Math.floor(tokens / length));
  const sequences = showQuantity("seq", count);
  const all = showQuantity("tokens", count * length);
  return error("unit-mismatch", {
    ...parts,
    secondary: [{ span: made.span, text: `a sequence is ${showQuantity("tokens", length)} long` }],
    fixes: [replace(at, sequences, `${sequences}, which ${count === 1 ? "is" : "are"} ${all}`)],
  });
}
