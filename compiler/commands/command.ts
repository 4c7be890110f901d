/**
 * What a command is: its name, the words of its help, its parameters and what it does. A command writes
 * to the `Io` it is given and answers with an exit code, so a test runs it without a process.
 */

/** Done; the program is wrong; the command line is wrong; the machine cannot; our own fault; Ctrl-C. */
export const exit = {
  done: 0,
  program: 1,
  usage: 2,
  machine: 3,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/**
 * Where a command reads and writes. Results go to `stdout`, everything else to `stderr`; with `--json` a result is JSON,
 * and so is each diagnostic.
 */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths start from. */
  readonly cwd: string;
  /** How diagnostics are shown; in full where nothing is said. */
  readonly style?: DiagnosticStyle | undefined;
}

/** `short` is one line a diagnostic, and `json` one object a line. */
export type DiagnosticStyle = "full" | "short" | "json";

/**
 * The options of every command that may show diagnostics. `command` sees to them: what it runs is given an `Io` that
 * shows diagnostics as they ask, and has only its result to write in two ways.
 */
export function outputOptions(result: string): {
  readonly json: Parameter<boolean>;
  readonly style: Parameter<"full" | "short" | undefined>;
} {
  return {
    json: flag("--json", result),
    style: choice("--style <STYLE>", ["full", "short"], "how diagnostics are shown"),
  };
}

function styleOf(values: Readonly<Record<string, unknown>>): DiagnosticStyle | undefined {
  const { json, style } = values;
  if (json !== true) return style === "short" ? "short" : undefined;
  if (style === undefined) return "json";
  throw new UsageError("--style is for readers, and --json shows diagnostics as data: one of them");
}

export interface Input {
  /** All that is left of it. */
  text(): Promise<string>;
  /** Line by line, as they are written, without their ends. */
  lines(): AsyncIterable<string>;
  readonly isTerminal: boolean;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of a terminal; undefined where nobody knows how wide the reader's page is. */
  readonly columns?: number | undefined;
  /** The reader sees colours and did not ask for none. */
  readonly colours: boolean;
}

/** A page for who reads an output: one whose width nobody knows is of 80 columns. */
export function pageColumns({ columns }: Output): number {
  return columns ?? 80;
}

/** A fault of the command line, found after the parser was content with it. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** One argument or option, and how to read what the parser found for it. */
export interface Parameter<T> {
  readonly kind: "argument" | "option";
  /** As help shows it: `<FILE>`, `[STEP]`, `[FILE...]`, `-o, --out <PATH>`. */
  readonly usage: string;
  readonly summary: string;
  /** Turns the parser's finding into a value. Throws UsageError. */
  readonly read: (found: unknown) => T;
}

type Parameters = Readonly<Record<string, Parameter<unknown>>>;

type Values<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Arguments in the order in which they are written, then options. */
  readonly parameters: readonly Parameter<unknown>[];
  /** `found` has what the parser found for each of `parameters`, in their order. */
  readonly run: (io: Io, found: readonly unknown[]) => Promise<ExitCode>;
}

export function command<P extends Parameters>(parts: {
  readonly name: string;
  readonly summary: string;
  readonly parameters: P;
  readonly run: (io: Io, values: Values<P>) => Promise<ExitCode>;
}): Command {
  const entries = Object.entries(parts.parameters);
  return {
    name: parts.name,
    summary: parts.summary,
    parameters: entries.map(([, parameter]) => parameter),
    run: async (io, found) => {
      const values = Object.fromEntries(
        entries.map(([name, parameter], at) => [name, parameter.read(found[at])]),
      );
      // Each value was read by the parameter of its name, which is what `Values` says.
      return parts.run({ ...io, style: styleOf(values) }, values as Values<P>);
    },
  };
}

/** `required("FILE", …)` is an argument that must be there. */
export function required(name: string, summary: string): Parameter<string> {
  return { kind: "argument", usage: `<${name}>`, summary, read: text };
}

export function optional(name: string, summary: string): Parameter<string | undefined> {
  return { kind: "argument", usage: `[${name}]`, summary, read: perhaps(text) };
}

/** Any number of arguments, none included. Only the last argument can be this. */
export function many(name: string, summary: string): Parameter<readonly string[]> {
  return {
    kind: "argument",
    usage: `[${name}...]`,
    summary,
    read: (found) => (Array.isArray(found) ? found.map(text) : []),
  };
}

/** `flag("--json", …)` is there or not. */
export function flag(usage: string, summary: string): Parameter<boolean> {
  return { kind: "option", usage, summary, read: (found) => found === true };
}

/** `value("-o, --out <PATH>", …)` */
export function value(usage: string, summary: string): Parameter<string | undefined> {
  return { kind: "option", usage, summary, read: perhaps(text) };
}

/** A whole number from `least` on. */
export function count(usage: string, summary: string, least = 0): Parameter<number | undefined> {
  return {
    kind: "option",
    usage,
    summary,
    read: perhaps((found) => {
      const number = Number(text(found));
      if (Number.isSafeInteger(number) && number >= least) return number;
      throw new UsageError(`${usage} takes a whole number from ${least}, and this is "${found}"`);
    }),
  };
}

/** A number, such as 0.7, within bounds that are allowed themselves. */
export function number(
  usage: string,
  summary: string,
  [least, most]: readonly [number, number],
): Parameter<number | undefined> {
  return {
    kind: "option",
    usage,
    summary,
    read: perhaps((found) => {
      const amount = text(found).trim() === "" ? Number.NaN : Number(text(found));
      if (amount >= least && amount <= most) return amount;
      const bounds = most === Number.POSITIVE_INFINITY ? `from ${least}` : `${least} to ${most}`;
      throw new UsageError(`${usage} takes a number, ${bounds}, and this is "${found}"`);
    }),
  };
}

/** One of a few words. */
export function choice<const Word extends string>(
  usage: string,
  words: readonly Word[],
  summary: string,
): Parameter<Word | undefined> {
  return {
    kind: "option",
    usage,
    summary: `${summary} (${words.join(", ")})`,
    read: perhaps((found) => {
      const word = words.find((word) => word === found);
      if (word !== undefined) return word;
      throw new UsageError(`${usage} is one of ${words.join(", ")}, and this is "${found}"`);
    }),
  };
}

/** A result for machines. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, null, 2)}\n`);
}

function perhaps<T>(read: (found: unknown) => T): (found: unknown) => T | undefined {
  return (found) => (found === undefined ? undefined : read(found));
}

function text(found: unknown): string {
  return String(found);
}
