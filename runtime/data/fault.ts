/**
 * What is wrong with a dataset, as data: `ftc plan` makes a diagnostic of each. A log gathers them, so that a
 * thousand rows with one fault are one report with a count and the first few places.
 */

export type DataSlug =
  | "broken-file"
  | "no-such-file"
  | "not-utf8"
  | "missing-column"
  | "row-does-not-fit"
  | "template-does-not-fit"
  | "begin-mark-twice"
  | "end-mark-never-learned"
  | "nothing-to-learn"
  | "rows-cut"
  | "rows-dropped"
  | "leak"
  | "few-examples"
  | "label-leak"
  | "token-beyond-vocabulary";

export interface Origin {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface DataFault {
  readonly slug: DataSlug;
  /** After an error there is no dataset; a warning lets the run go on. */
  readonly severity: "error" | "warning";
  /** What is, why it matters, what to do. Names no place: `file`, `line` and `examples` do. */
  readonly message: string;
  readonly file: string;
  /** The first place; 0 where the fault is of the whole file. */
  readonly line: number;
  /** Rows it concerns. */
  readonly count: number;
  /** The first places, at most `examplesKept`. */
  readonly examples: readonly Origin[];
  /** The stage that it is a fault of; undefined where it is one of all of them, or of what is done with the rows. */
  readonly stage?: string | undefined;
  /** Tokens of the longest row, where windows are too short. */
  readonly longest?: number;
  /** A text of the template that is at fault, and what is meant by it, if that is known. */
  readonly written?: string;
  readonly meant?: string;
}

export const examplesKept = 5;

/** Faults under way, in the order of their first rows. */
export class FaultLog {
  private readonly entries = new Map<string, { fault: DataFault; examples: Origin[] }>();

  /**
   * One more row with a fault. Rows of one slug and `group` are counted together under the message of the
   * first; without a group, those of one message.
   */
  add(
    slug: DataSlug,
    severity: "error" | "warning",
    message: string,
    origin: Origin,
    group = message,
  ): void {
    const key = `${slug} ${group}`;
    const entry = this.entries.get(key);
    if (entry === undefined) {
      const examples = [origin];
      const fault = { slug, severity, message, ...origin, count: 1, examples };
      this.entries.set(key, { fault, examples });
      return;
    }
    if (entry.examples.length < examplesKept) entry.examples.push(origin);
    entry.fault = { ...entry.fault, count: entry.fault.count + 1 };
  }

  /** A fault that is already counted. */
  put(fault: DataFault): void {
    this.entries.set(`${fault.slug} ${fault.message}`, { fault, examples: [...fault.examples] });
  }

  get faults(): readonly DataFault[] {
    return [...this.entries.values()].map((entry) => entry.fault);
  }

  get hasErrors(): boolean {
    return this.faults.some((fault) => fault.severity === "error");
  }
}
