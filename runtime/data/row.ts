/** What flows between the stages of a dataset: rows as they were read, rows of tokens, windows. */

import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { Origin } from "./fault.ts";
import type { Marked } from "./marked.ts";
import type { RowSchema } from "./plan.ts";
import type { WindowColumn } from "./windows.ts";

export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value };

export type Values = Readonly<Record<string, Value>>;

export interface Row {
  readonly values: Values;
  /** Its text with what is to be learned, once a template has written it. */
  readonly marked: Marked | undefined;
  readonly origin: Origin;
}

/** A row after `tokenize`. */
export interface TokenRow {
  readonly tokens: Int32Array;
  /** 0 or 1 for each token. */
  readonly learn: Uint8Array;
  readonly text: Marked;
  /** The other columns. */
  readonly values: Values;
  readonly origin: Origin;
}

export interface RowFlow {
  readonly kind: "rows";
  readonly rows: readonly Row[];
  /** Undefined where the reader was given none. */
  readonly schema: RowSchema | undefined;
  /** What templates write in every row (`<|im_start|>` among it): a tokenizer is checked against it. */
  readonly literals: readonly string[];
}

export interface TokenFlow {
  readonly kind: "tokens";
  readonly rows: readonly TokenRow[];
  readonly schema: RowSchema | undefined;
  readonly tokenizer: Tokenizer;
}

export interface WindowFlow {
  readonly kind: "windows";
  readonly count: number;
  /** Tokens of a window. */
  readonly length: number;
  readonly columns: Readonly<Record<string, WindowColumn>>;
  /** What went into the windows, cut where it was cut. */
  readonly rows: readonly TokenRow[];
  /** The window of each of `rows`. Those of one window stand in it in the order of `rows`. */
  readonly windowOf: Int32Array;
  readonly tokenizer: Tokenizer;
}

export type Flow = RowFlow | TokenFlow | WindowFlow;

/** The same flow with the rows that `choose` says, by their indices, in its order. */
export function selected(
  flow: RowFlow | TokenFlow,
  indices: readonly number[],
): RowFlow | TokenFlow {
  return flow.kind === "rows"
    ? { ...flow, rows: indices.map((index) => flow.rows[index]) }
    : { ...flow, rows: indices.map((index) => flow.rows[index]) };
}

/** Equal for rows that say the same, wherever they came from. */
export function identityOf(row: Row | TokenRow): string {
  if ("tokens" in row) return row.text.text;
  return row.marked?.text ?? JSON.stringify(row.values);
}
