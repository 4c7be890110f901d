/** `ftc fmt [FILE…]`: programs in the one style. A file that has it already is not written. */

import { constants } from "node:fs";
import { access, readdir, realpath, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { MachineError, messageOf } from "../../runtime/errors.ts";
import { writeAtomically } from "../../runtime/weights/atomic.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Formatted, format } from "../format/format.ts";
import { sourceFile } from "../source/file.ts";
import {
  command,
  type ExitCode,
  exit,
  flag,
  type Io,
  many,
  outputOptions,
  UsageError,
  writeJson,
} from "./command.ts";
import { textAt } from "./library.ts";
import { showDiagnostics } from "./show.ts";

export const fmt = command({
  name: "fmt",
  summary: "write programs in the one style, and say which were not",
  parameters: {
    files: many("FILE", "files and folders, - for standard input; all .ftp files here if left out"),
    check: flag("--check", "only say which files have another style, and end with 1 if one has"),
    ...outputOptions("print the names of files that had another style as JSON"),
  },
  async run(io, { files, check, json }) {
    if (!files.includes("-")) return formatFiles(io, files, { check, json });
    if (files.length > 1)
      throw new UsageError("ftc fmt - reads standard input, and no files beside it");
    if (json && !check)
      throw new UsageError(
        "ftc fmt - writes the program itself, which is no JSON; --check names it",
      );
    return formatInput(io, { check, json });
  },
});

interface Asked {
  readonly check: boolean;
  readonly json: boolean;
}

async function formatInput(io: Io, asked: Asked): Promise<ExitCode> {
  const { check } = asked;
  const text = await io.stdin.text();
  const made = format(sourceFile("-", text));
  if (!check) io.stdout.write(made.text);
  return ending(io, check && made.text !== text ? ["-"] : [], asked, made.diagnostics);
}

async function formatFiles(io: Io, named: readonly string[], asked: Asked): Promise<ExitCode> {
  const files = await programsOf(io, named);
  if (files.length === 0) io.stderr.write("there is no .ftp file here\n");
  const changed: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const path = resolve(io.cwd, file);
    const text = textAt(path, file);
    const made = format(sourceFile(file, text));
    diagnostics.push(...made.diagnostics);
    if (made.text === text) continue;
    if (!asked.check) await rewrite(path, file, made);
    changed.push(file);
  }
  return ending(io, changed, asked, diagnostics);
}

function ending(
  io: Io,
  changed: readonly string[],
  { check, json }: Asked,
  diagnostics: readonly Diagnostic[],
): ExitCode {
  if (json) writeJson(io.stdout, changed);
  else for (const file of changed) io.stdout.write(`${file}\n`);
  showDiagnostics(io, diagnostics);
  if (check && changed.length > 0) {
    const what = changed.length === 1 ? "1 file has" : `${changed.length} files have`;
    io.stderr.write(`${what} another style; ftc fmt writes the one there is\n`);
    return exit.program;
  }
  return diagnostics.length > 0 ? exit.program : exit.done;
}

/** A link stays a link, and a file keeps its permissions; one that may not be written stays as it is. */
async function rewrite(path: string, shown: string, { text }: Formatted): Promise<void> {
  try {
    await access(path, constants.W_OK);
  } catch (fault) {
    throw new MachineError(`writing ${shown}: ${messageOf(fault)}`);
  }
  const file = await realpath(path);
  const { mode } = await stat(file);
  await writeAtomically(file, async (handle) => {
    await handle.chmod(mode);
    await handle.writeFile(text);
  });
}

// Finding files ----------------------------------------------------------------------------------

/** The files named, and those in the folders named, each once, in the order of their names. */
async function programsOf(io: Io, named: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of named.length === 0 ? ["."] : named) {
    const path = resolve(io.cwd, name);
    for (const file of (await isFolder(path, name)) ? await programsUnder(path) : [path]) {
      if (!file.endsWith(".ftp")) throw new UsageError(`${name} is no .ftp file`);
      found.add(relative(io.cwd, file));
    }
  }
  return [...found].sort();
}

async function isFolder(path: string, shown: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (fault) {
    throw new MachineError(`reading ${shown}: ${messageOf(fault)}`);
  }
}

/** Without what is hidden, what is installed, and what links lead to. */
async function programsUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const isOurs = !entry.name.startsWith(".") && entry.name !== "node_modules";
      if (isOurs) found.push(...(await programsUnder(path)));
    } else if (entry.isFile() && entry.name.endsWith(".ftp")) found.push(path);
  }
  return found;
}
