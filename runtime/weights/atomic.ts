/** Files that are there whole or not at all: written beside their place, forced to the disk, then renamed. */

import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { MachineError, messageOf } from "../errors.ts";

/** Makes the folder if need be. Throws a MachineError for a disk that fails; what stood there then stays. */
export async function writeAtomically(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(draft, "w");
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    if (thrown instanceof MachineError) throw thrown;
    throw new MachineError(`writing ${path}: ${messageOf(thrown)}`);
  }
}

export function writeTextAtomically(path: string, text: string): Promise<void> {
  return writeAtomically(path, (handle) => handle.writeFile(text));
}
