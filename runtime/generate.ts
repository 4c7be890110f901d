/**
 * Writes texts on, several at once: the prompts in chunks, then token by token. What programs take and give
 * is said at `GeneratePlan`. Texts are aligned at their ends: shorter prompts are padded on the left.
 */

import { type Choice, chooseToken } from "./choose.ts";
import { MachineError, planFault } from "./errors.ts";
import type { Executor } from "./execute.ts";
import { restoreTensors } from "./load.ts";
import type { GeneratePlan } from "./plan.ts";
import type { TensorData } from "./tensor-data.ts";

export interface Writing {
  /** New tokens at most, a row. */
  readonly limit: number;
  /** A row ends after any of these, which is not part of its answer. */
  readonly stop: ReadonlySet<number>;
  readonly choice: Choice;
  /** Asked before each token: where it says so, what was written so far is the answer. */
  readonly isStopped?: () => boolean;
  /** Hears each new token when it is chosen. */
  readonly heard?: (row: number, token: number) => void;
}

/** A row's text while it is written. */
interface Row {
  readonly prompt: ArrayLike<number>;
  readonly answer: number[];
  isDone: boolean;
}

export class Generator {
  readonly #executor: Executor;
  readonly #plan: GeneratePlan;

  private constructor(executor: Executor, plan: GeneratePlan) {
    this.#executor = executor;
    this.#plan = plan;
  }

  static async open(executor: Executor, plan: GeneratePlan): Promise<Generator> {
    for (const { program } of plan.programs) await executor.prepare(program);
    return new Generator(executor, plan);
  }

  /**
   * The new tokens of each prompt, of which there are at most `plan.rows`, none empty. A row also ends when
   * the model's context is full.
   * @throws MachineError for a prompt that leaves no room in the context.
   */
  async write(
    prompts: readonly ArrayLike<number>[],
    writing: Writing,
  ): Promise<readonly (readonly number[])[]> {
    const { rows: width, context } = this.#plan;
    if (prompts.length > width) planFault(`${prompts.length} texts for ${width} rows`);
    const rows = prompts.map((prompt): Row => ({ prompt, answer: [], isDone: false }));
    const longest = Math.max(0, ...prompts.map(({ length }) => length));
    if (longest >= context) {
      throw new MachineError(
        `a prompt of ${longest} tokens leaves no room to answer in the model's ${context}`,
      );
    }
    await restoreTensors(this.#executor, this.#plan.caches);
    const chunks = this.#chunksFor(longest, writing.limit);
    const end = chunks.reduce((sum, chunk) => sum + chunk, 0);
    let program = "";
    let slot = 0;
    for (const chunk of chunks) {
      const start = slot - end;
      program = this.#run(chunk, slot, (row, column) => tokenAt(rows[row], start + column));
      slot += chunk;
    }
    for (let count = 0; count < writing.limit && writing.isStopped?.() !== true; count++) {
      await this.#choose(program, rows, writing, count);
      if (rows.every(({ isDone }) => isDone) || slot === context || count + 1 === writing.limit)
        break;
      program = this.#run(1, slot, (row) => lastToken(rows[row]));
      slot++;
    }
    return rows.map(({ answer }) => answer);
  }

  /**
   * Widths that cover a prompt: as many of the widest as fit, before them the narrowest that holds the rest.
   * Where the padding would cost tokens that the context has no room for, the rest is covered exactly.
   */
  #chunksFor(length: number, limit: number): readonly number[] {
    const widths = this.#plan.programs.map(({ chunk }) => chunk);
    const widest = widths[0] ?? planFault("a model generates without programs");
    const whole = Array.from({ length: Math.floor(length / widest) }, () => widest);
    let rest = length % widest;
    if (rest === 0) return whole;
    const cover = widths.findLast((width) => width >= rest) ?? widest;
    const padded = whole.length * widest + cover;
    if (padded + limit <= this.#plan.context) return [cover, ...whole];
    const exact: number[] = [];
    for (const width of widths) {
      for (; rest >= width; rest -= width) exact.push(width);
    }
    return [...exact, ...whole];
  }

  /**
   * Queues one chunk and names its program. `token` gives a row's token at a column of the chunk, undefined
   * for padding.
   */
  #run(
    chunk: number,
    offset: number,
    token: (row: number, column: number) => Placed | undefined,
  ): string {
    const program = this.#programOf(chunk);
    const size = this.#plan.rows * chunk;
    const tokens = new Int32Array(size);
    const position = new Int32Array(size);
    const segment = new Int32Array(size).fill(-1);
    for (let at = 0; at < size; at++) {
      const placed = token(Math.floor(at / chunk), at % chunk);
      if (placed === undefined) continue;
      tokens[at] = placed.token;
      position[at] = placed.position;
      segment[at] = 0;
    }
    const columns: Readonly<Record<string, TensorData>> = { tokens, position, segment };
    this.#executor.run(program, { batch: columns, variables: { offset } });
    return program;
  }

  /** One token for each row that goes on, from the logits that `program` left. */
  async #choose(
    program: string,
    rows: readonly Row[],
    writing: Writing,
    count: number,
  ): Promise<void> {
    const { vocabulary, rows: width } = this.#plan;
    const { logits } = await this.#executor.results(program, ["logits"]);
    if (!(logits instanceof Float32Array)) planFault(`the logits of ${program} are not f32`);
    for (const [index, row] of rows.entries()) {
      if (row.isDone) continue;
      const own = logits.subarray(index * vocabulary, (index + 1) * vocabulary);
      const token = chooseToken(own, writing.choice, count * width + index);
      row.isDone = writing.stop.has(token);
      if (row.isDone) continue;
      row.answer.push(token);
      writing.heard?.(index, token);
    }
  }

  #programOf(chunk: number): string {
    const found = this.#plan.programs.find((candidate) => candidate.chunk === chunk);
    return found?.program ?? planFault(`no program reads ${chunk} tokens at once`);
  }
}

interface Placed {
  readonly token: number;
  readonly position: number;
}

/** The prompt's token `fromEnd` (below 0) places from its end. */
function tokenAt(row: Row | undefined, fromEnd: number): Placed | undefined {
  if (row === undefined) return undefined;
  const position = row.prompt.length + fromEnd;
  return position < 0 ? undefined : { token: row.prompt[position], position };
}

function lastToken(row: Row | undefined): Placed | undefined {
  if (row === undefined || row.isDone) return undefined;
  const position = row.prompt.length + row.answer.length - 1;
  return { token: row.answer[row.answer.length - 1], position };
}
