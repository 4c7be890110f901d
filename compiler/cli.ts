/**
 * The command line: the list of commands, and what each kind of ending means to the shell. Commands are
 * loaded when they are called, so `ftc explain` does not wait for the runtime.
 */

import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { CommanderError, Option, Command as Parser } from "commander";
import { MachineError, messageOf, PlanFault } from "../runtime/errors.ts";
import { Bug } from "./bug.ts";
import {
  type Command,
  type ExitCode,
  exit,
  type Input,
  type Io,
  type Output,
  UsageError,
} from "./commands/command.ts";
import { version } from "./commands/version.ts";

type CommandTable = Readonly<Record<string, () => Promise<Command>>>;

const commands: CommandTable = {
  check: async () => (await import("./commands/check.ts")).check,
  fmt: async () => (await import("./commands/fmt.ts")).fmt,
  preview: async () => (await import("./commands/preview.ts")).preview,
  plan: async () => (await import("./commands/plan.ts")).plan,
  run: async () => (await import("./commands/run.ts")).run,
  lock: async () => (await import("./commands/lock.ts")).lock,
  generate: async () => (await import("./commands/generate.ts")).generate,
  chat: async () => (await import("./commands/chat.ts")).chat,
  merge: async () => (await import("./commands/merge.ts")).merge,
  emit: async () => (await import("./commands/emit.ts")).emit,
  verify: async () => (await import("./commands/verify.ts")).verify,
  diff: async () => (await import("./commands/diff.ts")).diff,
  doc: async () => (await import("./commands/doc.ts")).doc,
  explain: async () => (await import("./commands/explain.ts")).explain,
  lsp: async () => (await import("./commands/lsp.ts")).lsp,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
};

const versionOption = "-V, --version";

/** Runs the process's own command line. Answers with the exit code. */
export async function main(): Promise<ExitCode> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leaveWithReader);
  return runCommandLine(process.argv.slice(2), {
    stdin: inputOf(process.stdin),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
  });
}

export async function runCommandLine(
  words: readonly string[],
  io: Io,
  table: CommandTable = commands,
): Promise<ExitCode> {
  try {
    return await parse(words, io, table);
  } catch (error) {
    return ending(error, io);
  }
}

async function parse(words: readonly string[], io: Io, table: CommandTable): Promise<ExitCode> {
  let code: ExitCode = exit.done;
  const parser = new Parser("ftc")
    .description("A compiler for fine-tuning: checks a pipeline, plans it, and runs it on any GPU.")
    .version(version(), versionOption, "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => io.stdout.colours,
      getErrHasColors: () => io.stderr.colours,
    })
    .exitOverride();
  for (const command of await wanted(words, table)) {
    add(parser, command, async (found) => {
      code = await command.run(io, found);
    });
  }
  await parser.parseAsync(words, { from: "user" });
  return code;
}

/** The command that is called; none for the version, and all where help or a suggestion needs their names. */
async function wanted(words: readonly string[], table: CommandTable): Promise<readonly Command[]> {
  const [name] = words;
  if (name !== undefined && Object.hasOwn(table, name)) return [await table[name]()];
  if (name !== undefined && versionOption.split(", ").includes(name)) return [];
  return allCommands(table);
}

export function allCommands(table: CommandTable = commands): Promise<readonly Command[]> {
  return Promise.all(Object.values(table).map((load) => load()));
}

function add(
  parser: Parser,
  { name, summary, parameters }: Command,
  run: (found: readonly unknown[]) => Promise<void>,
): void {
  const child = parser
    .command(name)
    .description(summary)
    .helpOption("-h, --help", "print this help");
  const options: Option[] = [];
  for (const { kind, usage, summary } of parameters) {
    if (kind === "argument") child.argument(usage, summary);
    else options.push(new Option(usage, summary));
  }
  for (const option of options) child.addOption(option);
  child.action(async () => {
    const chosen = child.opts();
    await run([...child.processedArgs, ...options.map((option) => chosen[option.attributeName()])]);
  });
}

function ending(error: unknown, io: Io): ExitCode {
  // Commander has written its own text by now; what it ends with 0 is help and the version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
  if (error instanceof UsageError) {
    io.stderr.write(`error: ${error.message}\n`);
    return exit.usage;
  }
  if (error instanceof MachineError) {
    io.stderr.write(`error: ${error.message}\n`);
    for (const hint of error.hints) io.stderr.write(`  help: ${hint}\n`);
    return exit.machine;
  }
  const evidence = error instanceof Bug || error instanceof PlanFault ? error.evidence : "";
  io.stderr.write(`error: ${messageOf(error)}\n`);
  io.stderr.write(
    "  This is a fault of ftc, not of your program. Please report it with the text below.\n",
  );
  if (evidence !== "") io.stderr.write(`\n${evidence.trimEnd()}\n`);
  if (error instanceof Error && error.stack !== undefined) io.stderr.write(`\n${error.stack}\n`);
  io.stderr.write(
    `\nftc ${version()}, Node ${process.versions.node}, ${process.platform} ${process.arch}\n`,
  );
  return exit.bug;
}

function inputOf(stream: NodeJS.ReadStream): Input {
  return {
    text: () => text(stream),
    // Without `terminal`, the terminal itself edits the line, and Ctrl-C stays a signal.
    lines: () => createInterface({ input: stream, terminal: false, crlfDelay: Infinity }),
    isTerminal: stream.isTTY === true,
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  const isTerminal = stream.isTTY === true;
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const isForced = FORCE_COLOR !== undefined && FORCE_COLOR !== "0";
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    columns: stream.columns,
    colours: !NO_COLOR && (isForced || (isTerminal && TERM !== "dumb")),
  };
}

/** `ftc plan … | head` closes the pipe early, and nobody reads on: no fault. */
function leaveWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(exit.done);
  throw error;
}
