/** A dataset that is ready for a run: windows of tokens, and what is known about them. */

import { createHash } from "node:crypto";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { type Example, examplesOf } from "./examples.ts";
import type { DataFault } from "./fault.ts";
import type { FileRecord } from "./lines.ts";
import type { TokenRow, WindowFlow } from "./row.ts";
import type { WindowColumn } from "./windows.ts";

export interface Dataset {
  /** Windows. */
  readonly count: number;
  /** Tokens of a window. */
  readonly length: number;
  /** `tokens`, `position`, `segment`, `learn`, and labels: `count` times the column's shape, in order. */
  readonly columns: Readonly<Record<string, WindowColumn>>;
  readonly statistics: DataStatistics;
  /** sha256 over every window's tokens, segments and learn masks, in hexadecimal: the same data, the same hash. */
  readonly hash: string;
  readonly tokenizer: Tokenizer;
  /** Warnings. */
  readonly faults: readonly DataFault[];
  /** Files that were read, for the lock. */
  readonly files: readonly FileRecord[];
  /** What went into the windows, row by row. */
  readonly rows: readonly TokenRow[];
  /** Rows that can be asked and answered, in order. */
  examples(): Promise<readonly Example[]>;
}

export interface DataStatistics {
  /** Rows in the windows. */
  readonly rows: number;
  readonly windows: number;
  /** Tokens of rows: padding is not among them. */
  readonly tokens: number;
  /** Tokens that the loss falls on: learned, and not the first of their row. */
  readonly learned: number;
  /** Rows whose end was cut off. */
  readonly cut: number;
  /** Rows that were left out: too long, or without text. */
  readonly dropped: number;
}

export function datasetOf(
  flow: WindowFlow,
  faults: readonly DataFault[],
  files: readonly FileRecord[],
): Dataset {
  const countOf = (slug: DataFault["slug"]): number =>
    faults.reduce((sum, fault) => (fault.slug === slug ? sum + fault.count : sum), 0);
  return {
    count: flow.count,
    length: flow.length,
    columns: flow.columns,
    statistics: {
      rows: flow.rows.length,
      windows: flow.count,
      tokens: flow.rows.reduce((sum, row) => sum + row.tokens.length, 0),
      learned: flow.rows.reduce((sum, row) => sum + learnedCount(row), 0),
      cut: countOf("rows-cut"),
      dropped: countOf("rows-dropped"),
    },
    hash: hashOf(flow),
    tokenizer: flow.tokenizer,
    faults,
    files,
    rows: flow.rows,
    examples: () => examplesOf(flow.rows, flow.tokenizer),
  };
}

/** A row's first token has nothing before it from which it could be foretold, so it is not counted. */
export function learnedCount(row: { readonly learn: Uint8Array }): number {
  let count = 0;
  for (let at = 1; at < row.learn.length; at++) count += row.learn[at];
  return count;
}

function hashOf(flow: WindowFlow): string {
  const hash = createHash("sha256").update(`${flow.count} windows of ${flow.length}`);
  for (const name of ["tokens", "segment", "learn"]) {
    const { data } = flow.columns[name];
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}
