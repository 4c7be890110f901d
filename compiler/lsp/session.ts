/**
 * What the server knows of the files it serves: each as a program of its own, checked once for each state of the
 * texts. Nothing here speaks the protocol, so that a test may ask it directly.
 */

import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { libraryOf, moduleFile } from "../commands/library.ts";
import { type Checked, type CheckMemory, check } from "../driver.ts";
import { type Library, loadProgram, type ModuleMemory, type Program } from "../names/module.ts";
import type { SourceFile } from "../source/file.ts";
import { Findings } from "../types/findings.ts";
import { CheckpointReader, type Known } from "./checkpoints.ts";
import { Sources } from "./sources.ts";

/** A file as a program, checked. */
export interface Analysis extends Checked {
  readonly path: string;
  readonly source: SourceFile;
  readonly program: Program;
  readonly findings: Findings;
  readonly absent: Known["absent"];
}

export class Session {
  readonly sources: Sources;
  readonly #folders: readonly string[];
  readonly #modules: ModuleMemory = new WeakMap();
  readonly #definitions: CheckMemory["definitions"] = new WeakMap();
  readonly #checkpoints: CheckpointReader;
  /** By path, of the texts as they are now. */
  readonly #made = new Map<string, Promise<Analysis | undefined>>();

  constructor(
    folders: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    root: string,
  ) {
    this.#folders = folders;
    this.sources = new Sources(root);
    this.#checkpoints = new CheckpointReader(env);
  }

  edit(path: string, text: string): void {
    this.sources.edit(path, text);
    this.forget();
  }

  close(path: string): void {
    this.sources.close(path);
    this.forget();
  }

  /** Files may have changed: what is asked next looks at them again, and keeps what stayed. */
  forget(): void {
    this.#made.clear();
  }

  /** Undefined where there is no such file. */
  analysis(path: string): Promise<Analysis | undefined> {
    const known = this.#made.get(path);
    if (known !== undefined) return known;
    const made = this.#analyse(path);
    this.#made.set(path, made);
    return made;
  }

  async #analyse(path: string): Promise<Analysis | undefined> {
    const source = this.sources.at(path);
    if (source === undefined) return undefined;
    const directory = dirname(path);
    const program = loadProgram(source, this.library(directory), this.#modules);
    const { checkpoints, absent, faults } = await this.#checkpoints.of(program, path, directory);
    // Of this state alone: a text that stays says something else once a module or a checkpoint changes.
    const findings = new Findings();
    const checked = check(program, checkpoints, { findings, definitions: this.#definitions });
    const diagnostics = [...faults, ...checked.diagnostics];
    return { ...checked, diagnostics, path, source, program, findings, absent };
  }

  /** The modules that a program in a folder may import, by the texts that the editor has. */
  library(directory: string): Library {
    return {
      read: (path) => this.sources.at(moduleFile(directory, path)),
      paths: () => libraryOf(directory).paths(),
    };
  }

  /** Every module that a program in a folder may import, by its path: the standard library's, and the folder's own. */
  modulesFrom(directory: string): readonly string[] {
    const own = programsUnder(directory).map((path) => {
      const module = relative(directory, path).replaceAll("\\", "/");
      return module.slice(0, -".ftp".length);
    });
    return [...libraryOf(directory).paths(), ...own].sort();
  }

  /** Every program of the open folders, and those that are open besides. */
  programs(): readonly string[] {
    const found = new Set(this.#folders.flatMap(programsUnder));
    for (const path of this.sources.opened()) found.add(path);
    return [...found].sort();
  }
}

/** Without what is hidden, what is installed, and what links lead to. A folder may be gone by the time it is asked. */
function programsUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const isOurs = !entry.name.startsWith(".") && entry.name !== "node_modules";
      return isOurs ? programsUnder(path) : [];
    }
    return entry.isFile() && entry.name.endsWith(".ftp") ? [path] : [];
  });
}
