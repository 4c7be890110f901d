/**
 * metrics.jsonl: one JSON object a line, a line a step and a line an evaluation, in the order of the run.
 * Each is on disk when it happens; a run that resumes first drops the lines that it will write again.
 */

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { MachineError, messageOf } from "./errors.ts";

export interface StepMetrics {
  /** From 1: the number of steps done. */
  readonly step: number;
  /** Mean over the step's counted positions. */
  readonly loss: number;
  readonly learning_rate: number;
  /** The gradient's length before clipping. */
  readonly grad_norm: number;
  /** Since the run's start, padding not counted. */
  readonly tokens: number;
  /** Since the run's start, time between an interruption and its resumption not counted. */
  readonly seconds: number;
}

export interface EvaluationMetrics {
  /** Steps done before it. */
  readonly step: number;
  readonly evaluation: string;
  /** `loss`, `perplexity` and whatever else the program measures, by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

export type MetricsLine = StepMetrics | EvaluationMetrics;

export class Metrics {
  readonly #path: string;
  readonly #lines: MetricsLine[];

  private constructor(path: string, lines: MetricsLine[]) {
    this.#path = path;
    this.#lines = lines;
  }

  /** Goes on after `step`; 0 starts the file anew. @throws MachineError if the file cannot be written. */
  static open(directory: string, step: number): Metrics {
    const path = join(directory, "metrics.jsonl");
    const lines = step === 0 || !existsSync(path) ? [] : linesUntil(path, step);
    writing(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      // A new file takes the old one's place whole, so that a fault here costs no lines.
      writeFileSync(`${path}.partial`, lines.map(textOf).join(""));
      renameSync(`${path}.partial`, path);
    });
    return new Metrics(path, lines);
  }

  get lines(): readonly MetricsLine[] {
    return this.#lines;
  }

  add(line: MetricsLine): void {
    this.#lines.push(line);
    writing(this.#path, () => appendFileSync(this.#path, textOf(line)));
  }
}

export function isEvaluation(line: MetricsLine): line is EvaluationMetrics {
  return "evaluation" in line;
}

function textOf(line: MetricsLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** The last line may have been cut off by whatever ended the run: it is beyond the checkpoint anyway. */
function linesUntil(path: string, step: number): MetricsLine[] {
  const lines: MetricsLine[] = [];
  for (const text of readFileSync(path, "utf8").split("\n")) {
    if (!text.endsWith("}")) continue;
    const line = JSON.parse(text) as MetricsLine; // We wrote it.
    if (line.step <= step) lines.push(line);
  }
  return lines;
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new MachineError(`writing ${path}: ${messageOf(error)}`);
  }
}
