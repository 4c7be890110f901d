/**
 * The texts of files: as the editor has them where they are open, as the disk has them elsewhere. The same text of the
 * same file is the same `SourceFile`, by which modules and what was found in them are kept.
 */

import { statSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { isStandard, textAt } from "../commands/library.ts";
import { type SourceFile, sourceFile } from "../source/file.ts";

interface FromDisk {
  /** Size and time of the last change. */
  readonly state: string;
  readonly source: SourceFile;
}

export class Sources {
  /** Where messages' paths start from. */
  readonly #root: string;
  readonly #open = new Map<string, SourceFile>();
  readonly #disk = new Map<string, FromDisk>();
  readonly #paths = new WeakMap<SourceFile, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The text of an open file as the editor has it now. */
  edit(path: string, text: string): void {
    if (this.#open.get(path)?.text !== text) this.#open.set(path, this.#made(path, text));
  }

  close(path: string): void {
    this.#open.delete(path);
  }

  opened(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Undefined where there is no such file. */
  at(path: string): SourceFile | undefined {
    const open = this.#open.get(path);
    if (open !== undefined) return open;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    const state = `${stat.size} ${stat.mtimeMs}`;
    const known = this.#disk.get(path);
    if (known?.state === state) return known.source;
    const source = this.#made(path, textAt(path, path));
    this.#disk.set(path, { state, source });
    return source;
  }

  /** The file that a source is of. */
  pathOf(source: SourceFile): string | undefined {
    return this.#paths.get(source);
  }

  #made(path: string, text: string): SourceFile {
    const source = sourceFile(shownPath(this.#root, path), text);
    this.#paths.set(source, path);
    return source;
  }
}

/** As `ftc check` calls a file from the folder that the editor has open. */
function shownPath(root: string, path: string): string {
  if (isStandard(path)) return `std/${path.split(/[\\/]/).at(-1)}`;
  const inside = relative(root, path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside;
}
