/**
 * Rows kernels. A thread takes a row, or four neighbouring rows, or the threads of a workgroup share one; and
 * where there are few rows, each is cut into parts whose folds a second stage folds. The order is always fixed.
 */

import { strideBy } from "../kernels/index.ts";
import {
  type Fold,
  partsOf,
  type Result,
  type RowsKernel,
  readsIn,
  type Scalar,
} from "../kernels/kernel.ts";
import type { Dtype } from "../tensor/dtype.ts";
import { bytesOf } from "../tensor/dtype.ts";
import type { Bindings, InPlace } from "./bindings.ts";
import { storeText } from "./elements.ts";
import { acrossText, foldText, neutral, valueType, type Width } from "./operations.ts";
import { type Body, type Emitted, overEach, type Stage, stageOf } from "./stage.ts";
import type { KernelTarget } from "./templates/template.ts";
import { isWide, isWideResult } from "./width.ts";
import { Writer } from "./writer.ts";

/** How rows are given to threads. */
interface Schedule {
  /** Threads of a workgroup that share a row; 1 is a row a thread. */
  readonly threads: number;
  /** The variable along which four are computed at once. */
  readonly wide: "i" | "r" | undefined;
  /** Parts that a row is cut into. */
  readonly parts: number;
}

export function rowsStages(kernel: RowsKernel, target: KernelTarget, inPlace: InPlace): Emitted {
  const schedule = scheduleOf(kernel, target);
  if (schedule.parts === 1) return { stages: [wholeStage(kernel, schedule, inPlace)], scratch: 0 };
  const { folds, rows } = kernel;
  return {
    stages: [partStage(kernel, schedule, inPlace), combineStage(kernel, schedule, inPlace)],
    scratch: folds.reduce((bytes, fold) => bytes + bytesOf(fold.dtype), 0) * rows * schedule.parts,
  };
}

// Schedules -------------------------------------------------------------------------------------

/** Threads that keep the machine busy: some for each lane of a few cores, or some thousands. */
const busy = { software: 256, hardware: 16_384 } as const;

function scheduleOf(kernel: RowsKernel, target: KernelTarget): Schedule {
  const { rows, columns } = kernel;
  const wanted = target.software ? busy.software : busy.hardware;
  const wide = widthAlong(kernel);
  const tasks = wide === "i" ? rows / 4 : rows;
  const partsFor = (tasks: number, least: number) =>
    canSplit(kernel)
      ? Math.max(1, Math.min(256, Math.ceil(wanted / tasks), Math.floor(columns / least)))
      : 1;
  // On a real device neighbouring threads should read neighbouring elements.
  const sharesRow = target.software
    ? tasks < wanted / 4 && columns >= 256
    : runsAlongRows(kernel) && columns >= 16;
  // A part is worth a second stage only if it is long.
  const least = target.software ? 128 : 16;
  if (!sharesRow || wide === "i") return { threads: 1, wide, parts: partsFor(tasks, least) };
  const steps = columns / (wide === "r" ? 4 : 1);
  const threads = Math.min(
    target.software ? 32 : 256,
    2 ** Math.ceil(Math.log2(Math.max(8, steps))),
  );
  return { threads, wide, parts: partsFor(rows * threads, least * threads) };
}

function widthAlong({
  rows,
  columns,
  folds,
  rowResults,
  elementResults,
}: RowsKernel): "i" | "r" | undefined {
  const bodies = folds.map((fold) => fold.body);
  const fits = (along: "i" | "r", results: readonly Result[]) =>
    bodies.every((body) => isWide(body, along)) &&
    results.every((result) => isWideResult(result, along));
  const loads = (along: string) =>
    readsIn(bodies).some((read) => strideBy(read.index, along) === 1);
  if (columns % 4 === 0 && loads("r") && fits("r", elementResults)) return "r";
  return rows % 4 === 0 && loads("i") && fits("i", [...rowResults, ...elementResults])
    ? "i"
    : undefined;
}

/** Whether elements of a row lie side by side. */
function runsAlongRows({ folds }: RowsKernel): boolean {
  return readsIn(folds.map((fold) => fold.body)).some((read) => strideBy(read.index, "r") === 1);
}

/** Whether parts of a row can be folded apart: nothing of an element waits for a fold. */
function canSplit({ folds, elementResults }: RowsKernel): boolean {
  const bodies = [...folds, ...elementResults].map(({ body }) => body);
  const isAlike = folds.every((fold) => fold.dtype === folds[0].dtype);
  return folds.length > 0 && isAlike && partsOf(bodies).every((part) => part.kind !== "fold");
}

/** By fold: the passes over the row that must have ended before it can begin. */
function passesOf(folds: readonly Fold[]): number[] {
  const passes: number[] = [];
  for (const { body } of folds) passes.push(passOf(body, passes));
  return passes;
}

function passOf(body: Scalar, passes: readonly number[]): number {
  const used = partsOf([body]).flatMap((part) =>
    part.kind === "fold" ? [passes[part.fold] + 1] : [],
  );
  return Math.max(0, ...used);
}

// Stages ----------------------------------------------------------------------------------------

function wholeStage(kernel: RowsKernel, schedule: Schedule, inPlace: InPlace): Stage {
  return stageOf(inPlace, (bindings) => {
    const { rows, columns } = kernel;
    const { threads, wide } = schedule;
    const row = new RowWriter(kernel, schedule, bindings);
    row.passes(columns);
    row.finish();
    if (threads > 1) {
      return { threads, groups: rows, scope: row.scope, lines: ["let i = group;", ...row.lines] };
    }
    return eachRow(rows, wide, [], row.lines);
  });
}

function partStage(kernel: RowsKernel, schedule: Schedule, inPlace: InPlace): Stage {
  return stageOf(inPlace, (bindings) => {
    const { rows, columns, folds } = kernel;
    const { threads, wide, parts } = schedule;
    const width = wide === "i" ? 4 : 1;
    const row = new RowWriter(kernel, schedule, bindings);
    row.passes(columns, parts);
    const scratch = bindings.write("scratch", folds[0].dtype, false);
    const stores = row.folds.flatMap((fold, at) => {
      const place = `((${at * parts}u + part) * ${rows}u + i)`;
      return width === 1
        ? [`${scratch.name}[${place}] = ${fold};`]
        : ["x", "y", "z", "w"].map(
            (lane, step) => `${scratch.name}[${place} + ${step}u] = ${fold}.${lane};`,
          );
    });
    if (threads > 1) {
      return {
        threads,
        groups: rows * parts,
        scope: row.scope,
        lines: [
          `let i = group % ${rows}u;`,
          `let part = group / ${rows}u;`,
          ...row.lines,
          "if (t_thread == 0u) {",
          ...stores,
          "}",
        ],
      };
    }
    const tasks = rows / width;
    return overEach("e", tasks * parts, [
      `let i = (e % ${tasks}u)${width === 4 ? " * 4u" : ""};`,
      `let part = e / ${tasks}u;`,
      ...row.lines,
      ...stores,
    ]);
  });
}

function combineStage(kernel: RowsKernel, { parts }: Schedule, inPlace: InPlace): Stage {
  return stageOf(inPlace, (bindings) => {
    const { rows, folds, rowResults } = kernel;
    for (const { value, dtype } of rowResults) bindings.write(value, dtype, false);
    const scratch = bindings.readScratch(folds[0].dtype);
    const totals = folds.map((_, at) => `total${at}`);
    const sums = folds.flatMap(({ by, dtype }, at) => [
      `var ${totals[at]} = ${neutral(by, dtype, 1)};`,
      `for (var part = 0u; part < ${parts}u; part++) {`,
      `${totals[at]} = ${foldText(by, totals[at], `${scratch.name}[(${at * parts}u + part) * ${rows}u + i]`)};`,
      "}",
    ]);
    const writer = new Writer({ bindings, folds: totals });
    const stores = rowResults.map((result) => storeText(writer, bindings, result, 1));
    return overEach("i", rows, [...sums, ...writer.lines, ...stores]);
  });
}

/** A thread for each row, or for four. */
function eachRow(
  rows: number,
  wide: Schedule["wide"],
  head: readonly string[],
  lines: readonly string[],
): Body {
  const width = wide === "i" ? 4 : 1;
  return overEach("e", rows / width, [
    width === 4 ? "let i = e * 4u;" : "let i = e;",
    ...head,
    ...lines,
  ]);
}

// One row ---------------------------------------------------------------------------------------

/** Writes the passes over a row `i`, and what comes after them. */
class RowWriter {
  readonly #kernel: RowsKernel;
  readonly #schedule: Schedule;
  readonly #bindings: Bindings;
  readonly #writer: Writer;
  /** What stands for each fold, once its pass is written. */
  readonly folds: string[] = [];
  readonly scope: string[] = [];

  constructor(kernel: RowsKernel, schedule: Schedule, bindings: Bindings) {
    this.#kernel = kernel;
    this.#schedule = schedule;
    this.#bindings = bindings;
    const { wide } = schedule;
    const results = [...kernel.elementResults, ...(schedule.parts === 1 ? kernel.rowResults : [])];
    for (const { value, dtype } of results) {
      const isByFour =
        wide === "i" || (wide === "r" && kernel.elementResults.some((one) => one.value === value));
      bindings.write(value, dtype, isByFour);
    }
    this.#writer = new Writer({ bindings, wide, folds: this.folds, begun: wide === "i" ? 4 : 1 });
  }

  get lines(): readonly string[] {
    return this.#writer.lines;
  }

  /** All passes over the row's `columns`, or over part `part` of so many. */
  passes(columns: number, parts = 1): void {
    const { folds, elementResults } = this.#kernel;
    const passes = passesOf(folds);
    const ready = elementResults.map(({ body }) => passOf(body, passes));
    const last = Math.max(-1, ...passes, ...ready);
    for (let pass = 0; pass <= last; pass++) {
      this.#pass(
        passes.flatMap((own, at) => (own === pass ? [at] : [])),
        elementResults.filter((_, at) => ready[at] === pass),
        columns,
        parts,
      );
    }
  }

  #pass(
    folds: readonly number[],
    results: readonly Result[],
    columns: number,
    parts: number,
  ): void {
    const { wide, threads } = this.#schedule;
    const width: Width = wide === undefined ? 1 : 4;
    const writer = this.#writer;
    const names = folds.map((at) => `fold${at}`);
    for (const [place, at] of folds.entries()) {
      const { by, dtype } = this.#kernel.folds[at];
      writer.add(`var ${names[place]} = ${neutral(by, dtype, width)};`);
    }
    const body = writer.within(["r"], () => {
      for (const [place, at] of folds.entries()) {
        const { by, body } = this.#kernel.folds[at];
        writer.add(`${names[place]} = ${foldText(by, names[place], writer.write(body, width))};`);
      }
      // All before the first store, since some are computed in place.
      const stores = results.map((result) => storeText(writer, this.#bindings, result, width));
      writer.add(...stores);
    });
    writer.add(...this.#loop(columns, parts), ...body, "}");
    for (const [place, at] of folds.entries()) {
      const { by, dtype } = this.#kernel.folds[at];
      const own = wide === "r" ? acrossText(by, names[place]) : names[place];
      this.folds[at] = threads === 1 ? this.#named(at, own) : this.#shared(at, by, dtype, own);
    }
  }

  #loop(columns: number, parts: number): string[] {
    const { wide, threads } = this.#schedule;
    const step = (wide === "r" ? 4 : 1) * threads;
    const first = threads === 1 ? "0u" : `t_thread${wide === "r" ? " * 4u" : ""}`;
    if (parts === 1) return [`for (var r = ${first}; r < ${columns}u; r += ${step}u) {`];
    const chunk = Math.ceil(columns / parts / step) * step;
    return [
      `let end = min((part + 1u) * ${chunk}u, ${columns}u);`,
      `for (var r = part * ${chunk}u + ${first}; r < end; r += ${step}u) {`,
    ];
  }

  #named(at: number, text: string): string {
    this.#writer.add(`let f${at} = ${text};`);
    return `f${at}`;
  }

  /** The fold of all threads' own, by a tree whose shape is always the same. */
  #shared(at: number, by: Fold["by"], dtype: Dtype, own: string): string {
    const { threads } = this.#schedule;
    const parts = `parts${at}`;
    this.scope.push(`var<workgroup> ${parts}: array<${valueType(dtype, 1)}, ${threads}>;`);
    this.#writer.add(
      `${parts}[t_thread] = ${own};`,
      `for (var half = ${threads / 2}u; half > 0u; half /= 2u) {`,
      "workgroupBarrier();",
      `if (t_thread < half) { ${parts}[t_thread] = ${foldText(by, `${parts}[t_thread]`, `${parts}[t_thread + half]`)}; }`,
      "}",
      "workgroupBarrier();",
    );
    return this.#named(at, `${parts}[0]`);
  }

  /** The results of the row. */
  finish(): void {
    const { rowResults } = this.#kernel;
    const { threads, wide } = this.#schedule;
    if (rowResults.length === 0) return;
    const width = wide === "i" ? 4 : 1;
    const stores = rowResults.map((result) =>
      storeText(this.#writer, this.#bindings, result, width),
    );
    this.#writer.add(...(threads === 1 ? stores : ["if (t_thread == 0u) {", ...stores, "}"]));
  }
}
