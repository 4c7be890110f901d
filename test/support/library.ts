/** The standard library for tests: programs loaded from a text, with `std/…` read from the tree. */

import { readdirSync, readFileSync } from "node:fs";
import { type Library, loadProgram, type Program } from "../../compiler/names/module.ts";
import { sourceFile } from "../../compiler/source/file.ts";

const folder = new URL("../../stdlib/", import.meta.url);

export const libraryNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".ftp"))
  .map((name) => name.slice(0, -".ftp".length));

export const library: Library = {
  read(path) {
    const name = path.startsWith("std/") ? path.slice("std/".length) : "";
    if (!libraryNames.includes(name)) return undefined;
    return sourceFile(`${path}.ftp`, readFileSync(new URL(`${name}.ftp`, folder), "utf8"));
  },
  paths: () => libraryNames.map((name) => `std/${name}`),
};

export function loaded(text: string, path = "case.ftp"): Program {
  return loadProgram(sourceFile(path, text), library);
}
