/** `ftc doc [MODULE|NAME]`: documentation of the standard library, of the language and of one's own modules. */

import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { describe, type Entry, type ModuleDoc } from "../doc/describe.ts";
import { languageDoc, languageName } from "../doc/language.ts";
import {
  entryMarkdown,
  entryText,
  firstSentence,
  moduleMarkdown,
  moduleText,
} from "../doc/markdown.ts";
import { loadProgram } from "../names/module.ts";
import { sourceFile } from "../source/file.ts";
import {
  command,
  exit,
  flag,
  type Io,
  optional,
  pageColumns,
  UsageError,
  writeJson,
} from "./command.ts";
import { libraryOf, standardNames, textAt } from "./library.ts";
import { meant } from "./meant.ts";

/** Names have at least this much room, however narrow the page is. */
const leastRoom = 20;

export const doc = command({
  name: "doc",
  summary: "show what a module, a function or a layer is for and what it takes",
  parameters: {
    name: optional(
      "MODULE|NAME",
      "std/lora, Lora, std/lora.Lora, a .ftp file; the list of modules when left out",
    ),
    markdown: flag("--markdown", "print Markdown"),
    json: flag("--json", "print JSON"),
  },
  async run(io, { name, markdown, json }) {
    if (name === undefined) {
      const modules = libraryDocs();
      if (json) writeJson(io.stdout, modules);
      else if (markdown) io.stdout.write(modules.map((one) => moduleMarkdown(one)).join("\n"));
      else writeList(io, modules);
      return exit.done;
    }
    const module = moduleCalled(io, name);
    if (module !== undefined) {
      if (json) writeJson(io.stdout, module);
      else if (markdown) io.stdout.write(moduleMarkdown(module));
      else io.stdout.write(moduleText(module, io.stdout.colours));
      return exit.done;
    }
    const found = entriesCalled(io, name);
    if (found.length === 0) throw new UsageError(noSuchName(name));
    if (json) {
      writeJson(
        io.stdout,
        found.map(({ module, entry }) => ({ module: module.path, ...entry })),
      );
      return exit.done;
    }
    const texts = found.map(({ module, entry }) =>
      markdown
        ? `${entryMarkdown(entry, 2)}\n\n${homeOf(module, entry)}`
        : `${entryText(entry, io.stdout.colours)}\n  ${homeOf(module, entry)}`,
    );
    io.stdout.write(`${texts.join("\n\n")}\n`);
    return exit.done;
  },
});

/** The language, then the standard library by name. */
export function libraryDocs(): readonly ModuleDoc[] {
  return [languageDoc(), ...[...standardNames()].sort().map(standardDoc)];
}

function standardDoc(name: string): ModuleDoc {
  const library = libraryOf(".");
  const path = `std/${name}`;
  const source = library.read(path) ?? sourceFile(path, "");
  return { ...describe(loadProgram(source, library).entry), path };
}

function moduleCalled(io: Io, name: string): ModuleDoc | undefined {
  if (name === languageName) return languageDoc();
  const standard = name.replace(/^std\//, "");
  if (standardNames().includes(standard)) return standardDoc(standard);
  const path = resolve(io.cwd, name.endsWith(".ftp") ? name : `${name}.ftp`);
  if (!existsSync(path)) return undefined;
  const source = sourceFile(relative(io.cwd, path), textAt(path, name));
  return describe(loadProgram(source, libraryOf(dirname(path))).entry);
}

interface Found {
  readonly module: ModuleDoc;
  readonly entry: Entry;
}

/** `Lora` wherever the standard library has one; `std/lora.Lora` and `mine.ftp.Lora` in that module. */
function entriesCalled(io: Io, name: string): readonly Found[] {
  const dot = name.lastIndexOf(".");
  const home = dot < 0 ? undefined : moduleCalled(io, name.slice(0, dot));
  const modules = dot < 0 ? libraryDocs() : home === undefined ? [] : [home];
  const own = name.slice(dot + 1);
  return modules.flatMap((module) =>
    module.entries.filter((entry) => entry.name === own).map((entry) => ({ module, entry })),
  );
}

function homeOf(module: ModuleDoc, entry: Entry): string {
  return module.path === languageName
    ? "Part of the language: nothing to import."
    : `import ${module.path.replace(/\.ftp$/, "")}.{${entry.name}}`;
}

function noSuchName(name: string): string {
  const modules = libraryDocs();
  const way =
    meant(name, [
      ...modules.map((module) => module.path),
      ...modules.flatMap((module) => module.entries.map((entry) => entry.name)),
    ]) ?? "`ftc doc` lists the modules";
  return `there is no module, function or layer ${name}; ${way}`;
}

function writeList(io: Io, modules: readonly ModuleDoc[]): void {
  const width = Math.max(...modules.map((module) => module.path.length));
  const room = Math.max(leastRoom, pageColumns(io.stdout) - width - 2);
  for (const { path, doc, entries } of modules) {
    io.stdout.write(`${path.padEnd(width)}  ${firstSentence(doc)}\n`);
    for (const line of filled(
      entries.map((entry) => entry.name),
      room,
    ))
      io.stdout.write(`${" ".repeat(width)}  ${line}\n`);
  }
}

/** The names in lines of at most `room` columns. */
function filled(names: readonly string[], room: number): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= room)
      lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(name);
  }
  return lines;
}
