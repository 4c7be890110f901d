/** Modules from disk: `std/nn` is the standard library's, any other path is from the pipeline's folder. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MachineError, messageOf } from "../../runtime/errors.ts";
import type { Library } from "../names/module.ts";
import { sourceFile } from "../source/file.ts";

const standard = fileURLToPath(new URL("../../stdlib/", import.meta.url));

export function libraryOf(directory: string): Library {
  return {
    read(path) {
      const file = moduleFile(directory, path);
      return existsSync(file) ? sourceFile(`${path}.ftp`, textAt(file, path)) : undefined;
    },
    paths: () => standardNames().map((name) => `std/${name}`),
  };
}

/** Where a module's text is, if it is there. */
export function moduleFile(directory: string, path: string): string {
  return path.startsWith("std/")
    ? join(standard, `${path.slice("std/".length)}.ftp`)
    : join(directory, `${path}.ftp`);
}

/** Whether a file is a module of the standard library, which nobody edits from a program. */
export function isStandard(file: string): boolean {
  return file.startsWith(standard);
}

/** `nn`, `llama`, … */
export function standardNames(): readonly string[] {
  return readdirSync(standard)
    .filter((name) => name.endsWith(".ftp"))
    .map((name) => name.slice(0, -".ftp".length));
}

/** A MachineError, by the name that people know the file by, where it cannot be read. */
export function textAt(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (fault) {
    throw new MachineError(`reading ${shown}: ${messageOf(fault)}`);
  }
}
