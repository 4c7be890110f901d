/** What `pack` and `pad` do with rows that are longer than a window, by the policy `over`. */

import { counted, showCount } from "../../count.ts";
import { planFault } from "../../errors.ts";
import { examplesKept } from "../fault.ts";
import type { TokenFlow, TokenRow } from "../row.ts";
import { type Arguments, numberArgument, type StageContext, textArgument } from "../stage.ts";

export interface FittedRows {
  /** Tokens of a window. */
  readonly length: number;
  /** None is longer than a window, and none is empty. */
  readonly rows: readonly TokenRow[];
}

/** Says in the log how many rows it cut or left out; with `error`, the default, that it may do neither. */
export function fittingRows(flow: TokenFlow, args: Arguments, context: StageContext): FittedRows {
  const length = numberArgument(args, "length");
  const over = args.over === undefined ? "error" : textArgument(args, "over");
  if (over !== "error" && over !== "drop" && over !== "cut") planFault(`over = ${over}`);
  const written = flow.rows.filter((row) => row.tokens.length > 0);
  const tooLong = written.filter((row) => row.tokens.length > length);
  report(tooLong, length, over, context);
  reportEmpty(
    flow.rows.filter((row) => row.tokens.length === 0),
    context,
  );
  if (over === "cut") return { length, rows: written.map((row) => cut(row, length)) };
  return { length, rows: written.filter((row) => row.tokens.length <= length) };
}

/** The padding of windows: nothing sees it, so a tokenizer without one of its own gives any token. */
export function paddingOf(flow: TokenFlow): number {
  return flow.tokenizer.specials.padding?.id ?? 0;
}

function cut(row: TokenRow, length: number): TokenRow {
  if (row.tokens.length <= length) return row;
  return { ...row, tokens: row.tokens.subarray(0, length), learn: row.learn.subarray(0, length) };
}

function report(
  rows: readonly TokenRow[],
  length: number,
  over: "error" | "drop" | "cut",
  context: StageContext,
): void {
  if (rows.length === 0) return;
  const longest = rows.reduce((most, row) => Math.max(most, row.tokens.length), 0);
  const what = `${counted(rows.length, "row")} of more than ${length} tokens, the longest of ${showCount(longest)}`;
  const common = {
    count: rows.length,
    ...rows[0].origin,
    examples: rows.slice(0, examplesKept).map((row) => row.origin),
    longest,
  };
  if (over === "error") {
    const message = `${what}: widen the windows, or choose \`over = cut\` to cut their ends off or \`over = drop\` to leave them out`;
    context.log.put({ slug: "rows-cut", severity: "error", message, ...common });
  } else if (over === "cut") {
    const lost = rows.reduce((sum, row) => sum + row.tokens.length - length, 0);
    const message = `${what}: their ends are cut off, ${counted(lost, "token")} in all`;
    context.log.put({ slug: "rows-cut", severity: "warning", message, ...common });
  } else {
    const message = `${what}: they are left out`;
    context.log.put({ slug: "rows-dropped", severity: "warning", message, ...common });
  }
}

function reportEmpty(rows: readonly TokenRow[], context: StageContext): void {
  for (const { origin } of rows) {
    context.log.add("rows-dropped", "warning", "this row has no text, so it is left out", origin);
  }
}
