/** What came of a plan's jobs, as data. */

import type { Answers } from "./evaluate.ts";
import type { MetricsLine } from "./metrics.ts";
import type { BestEvaluation } from "./train.ts";

export type JobResult = TrainResult | EvaluateResult | ExportResult;

export interface TrainResult {
  readonly kind: "train";
  readonly name: string;
  /** The folder of its results; files of the model only if the job saves. */
  readonly folder: string;
  readonly lines: readonly MetricsLine[];
  readonly best: BestEvaluation | undefined;
  /** sha256 of the trained tensors. */
  readonly fingerprint: string;
}

export interface EvaluateResult {
  readonly kind: "evaluate";
  readonly name: string;
  readonly metrics: readonly string[];
  readonly models: readonly EvaluatedModel[];
}

export interface EvaluatedModel {
  readonly name: string;
  /** In the order of the job's metrics. */
  readonly values: readonly number[];
  /** What it answered, for metrics that need text. */
  readonly samples: Answers["samples"];
}

export interface ExportResult {
  readonly kind: "export";
  readonly name: string;
  readonly folder: string;
}

/** An evaluation as a table, a row a model. */
export function evaluationTable({ name, metrics, models }: EvaluateResult): string {
  const rows = [
    [name, ...metrics],
    ...models.map((model) => [model.name, ...model.values.map(showValue)]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
        )
        .join("  "),
    )
    .join("\n");
}

/** What a model was asked, should have answered and did, under its name. Further lines of a text stand below. */
export function writingOf({ name, samples: [sample] }: EvaluatedModel): string | undefined {
  if (sample === undefined) return undefined;
  const { prompt, expected, answer } = sample;
  const texts = Object.entries({ prompt, expected, answer });
  const width = Math.max(...texts.map(([label]) => label.length));
  const lines = texts.flatMap(([label, text]) =>
    text.split("\n").map((line, index) => `  ${(index === 0 ? label : "").padEnd(width)}  ${line}`),
  );
  return [`${name} writes`, ...lines.map((line) => line.trimEnd())].join("\n");
}

/** Four digits that count. */
function showValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
