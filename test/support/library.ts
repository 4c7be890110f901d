/** The standard library for tests: programs loaded from a text, with `std/…` read from the tree. */

import { fileURLToPath } from "node:url";
import { libraryOf, standardNames } from "../../compiler/commands/library.ts";
import { type Library, loadProgram, type Program } from "../../compiler/names/module.ts";
import { sourceFile } from "../../compiler/source/file.ts";

export const libraryNames: readonly string[] = standardNames();

/** Tests have no modules of their own beside this file. */
export const library: Library = libraryOf(fileURLToPath(new URL(".", import.meta.url)));

export function loaded(text: string, path = "case.ftp"): Program {
  return loadProgram(sourceFile(path, text), library);
}
