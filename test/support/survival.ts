/** What must hold of any text at all: it is parsed, checked and formatted, soon, and formatting settles at once. */

import { performance } from "node:perf_hooks";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { check } from "../../compiler/driver.ts";
import { format } from "../../compiler/format/format.ts";
import { loadProgram } from "../../compiler/names/module.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { verifySyntax } from "../../compiler/syntax/verify.ts";
import { library } from "./library.ts";

/** Texts of the tests take some milliseconds; a machine that does other work as well takes a few times that. */
const longest = 5000;

/** Throws what is wrong. */
export function survive(text: string): void {
  const start = performance.now();
  const source = sourceFile("text.ftp", text);
  const { file, diagnostics } = parse(source);
  printSyntax(file);
  renderAll(diagnostics);
  const broken = verifySyntax(file);
  if (broken.length > 0) throw new Error(`the tree does not hold together: ${broken.join("; ")}`);
  renderAll(check(loadProgram(source, library), new Map()).diagnostics);
  const once = format(source).text;
  const twice = format(sourceFile("text.ftp", once)).text;
  if (twice !== once) throw new Error(`formatting does not settle:\n${once}\n--- became\n${twice}`);
  const spent = performance.now() - start;
  if (spent > longest) throw new Error(`it took ${Math.round(spent)} ms`);
}
