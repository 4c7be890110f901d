/** What must hold of any text at all: it is parsed, checked and formatted, soon, and formatting settles at once. */

import { renderAll } from "../../compiler/diagnostics/render.ts";
import { type CheckMemory, check } from "../../compiler/driver.ts";
import { format } from "../../compiler/format/format.ts";
import { type Library, loadProgram, type ModuleMemory } from "../../compiler/names/module.ts";
import { type SourceFile, sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { verifySyntax } from "../../compiler/syntax/verify.ts";
import { Findings } from "../../compiler/types/findings.ts";
import { library } from "./library.ts";

/** The standard library stays as it is from one text to the next, so it is read and checked once. */
const modules: ModuleMemory = new WeakMap();
const memory: CheckMemory = { findings: new Findings(), definitions: new WeakMap() };
const sources = new Map<string, SourceFile | undefined>();
const kept: Library = {
  read(path) {
    if (!sources.has(path)) sources.set(path, library.read(path));
    return sources.get(path);
  },
  paths: () => library.paths(),
};

/** Of the processor's time, in milliseconds. Texts of the tests take a few. */
const longest = 3000;

/** Throws what is wrong. */
export function survive(text: string): void {
  const start = process.cpuUsage();
  const source = sourceFile("text.ftp", text);
  const parsed = parse(source);
  const { file, diagnostics } = parsed;
  printSyntax(file);
  renderAll(diagnostics);
  const broken = verifySyntax(file);
  if (broken.length > 0) throw new Error(`the tree does not hold together: ${broken.join("; ")}`);
  modules.set(source, { parsed, modules: new Map() });
  renderAll(check(loadProgram(source, kept, modules), new Map(), memory).diagnostics);
  const once = format(source).text;
  const twice = format(sourceFile("text.ftp", once)).text;
  if (twice !== once) throw new Error(`formatting does not settle:\n${once}\n--- became\n${twice}`);
  const { user, system } = process.cpuUsage(start);
  const spent = (user + system) / 1000;
  if (spent > longest) throw new Error(`it took ${Math.round(spent)} ms`);
}
