/** Files that only save time: a disk that does not give or take them is no fault, and nobody meets half of one. */

import { renameSync, rmSync } from "node:fs";

/**
 * @template T
 * @param {() => T} act
 * @returns {T | undefined} undefined where a call of the system failed
 */
export function whereDiskCan(act) {
  try {
    return act();
  } catch (fault) {
    if (fault instanceof Error && "syscall" in fault) return undefined;
    throw fault;
  }
}

/**
 * A file or folder, written beside its place and renamed.
 * @param {string} path
 * @param {(draft: string) => void} write
 */
export function keep(path, write) {
  const draft = `${path}.${process.pid}`;
  whereDiskCan(() => {
    try {
      write(draft);
      renameSync(draft, path);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
}
