/**
 * What a person sees of a run while it happens. On a terminal one line that rewrites itself; elsewhere plain
 * lines, few enough to read in a log: the first step and the last, and between them first one each ten seconds,
 * then fewer the longer it runs, so that ten hours are some two hundred lines and silence never lasts.
 */

export interface ProgressStream {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Of a terminal, where it is known. */
  readonly columns?: number | undefined;
}

export interface StepProgress {
  readonly job: string;
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** Since this process began to train. */
  readonly tokens: number;
  readonly seconds: number;
  /** Steps that this process has done. */
  readonly done: number;
}

/** A twentieth of the time so far, but neither less nor more than this. */
const secondsBetweenLines = { least: 10, most: 300, share: 1 / 20 } as const;
const secondsBetweenRewrites = 0.1;
/** Wide enough for every field. A line that wraps breaks the rewriting, so it ends before the terminal does. */
const lineWidth = 78;

export class Progress {
  readonly #stream: ProgressStream;
  readonly #isSilent: boolean;
  #shown = Number.NEGATIVE_INFINITY;
  #hasLine = false;

  constructor(stream: ProgressStream, options: { readonly silent?: boolean } = {}) {
    this.#stream = stream;
    this.#isSilent = options.silent ?? false;
  }

  step(report: StepProgress): void {
    const isLast = report.step === report.steps;
    const isFirst = report.done === 1;
    const between = this.#stream.isTerminal
      ? secondsBetweenRewrites
      : untilNextLine(report.seconds);
    if (!isFirst && !isLast && report.seconds - this.#shown < between) return;
    this.#shown = report.seconds;
    this.#show(lineOf(report), isLast);
  }

  /** How far something else than training is, such as an evaluation: terminals only. */
  activity(text: string): void {
    if (this.#stream.isTerminal) this.#show(text, false);
  }

  /** A line that stays. */
  note(text: string): void {
    if (this.#isSilent) return;
    this.#clear();
    this.#stream.write(`${text}\n`);
  }

  /** Leaves the terminal with an empty line at the cursor. */
  end(): void {
    this.#clear();
  }

  #show(text: string, isLast: boolean): void {
    if (this.#isSilent) return;
    if (!this.#stream.isTerminal || isLast) {
      this.note(text);
      return;
    }
    const width = Math.min(lineWidth, (this.#stream.columns ?? lineWidth + 1) - 1);
    this.#stream.write(`\r\u001b[2K${text.slice(0, width)}`);
    this.#hasLine = true;
  }

  #clear(): void {
    if (this.#hasLine) this.#stream.write("\r\u001b[2K");
    this.#hasLine = false;
  }
}

function untilNextLine(seconds: number): number {
  const { least, most, share } = secondsBetweenLines;
  return Math.min(most, Math.max(least, share * seconds));
}

function lineOf({ job, step, steps, loss, tokens, seconds, done }: StepProgress): string {
  const parts = [`${job}  step ${step}/${steps}`, `loss ${loss.toFixed(4)}`];
  if (seconds > 0) parts.push(`${showCount(tokens / seconds)} tok/s`);
  const left = (seconds / done) * (steps - step);
  parts.push(step === steps ? `took ${showDuration(seconds)}` : `${showDuration(left)} left`);
  return parts.join("  ");
}

/** `850`, `12.3k`, `1.2M`. */
export function showCount(count: number): string {
  if (count >= 999_500) return `${(count / 1e6).toFixed(1)}M`;
  if (count >= 1000) return `${(count / 1000).toFixed(1)}k`;
  return count >= 10 ? count.toFixed(0) : count.toFixed(1);
}

/** The two largest units: `1h 05m`, `3m 10s`, `42s`. */
export function showDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (part: number) => String(part).padStart(2, "0");
  if (whole >= 3600) return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
  if (whole >= 60) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${whole}s`;
}
