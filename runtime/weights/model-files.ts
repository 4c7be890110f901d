/** The files of a model's folder that a run reads, and what makes each the file it is. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename } from "node:path";
import { MachineError, messageOf } from "../errors.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { namedFiles } from "./hub.ts";

export interface HashedFile {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Names in order: config, tokenizer and template, and the weights' files, whatever the index calls them. */
export async function modelFiles(folder: string): Promise<readonly string[]> {
  const checkpoint = await openCheckpoint(folder);
  await checkpoint.close();
  const weights = [...checkpoint.tensors.values()].map(({ file }) => basename(file));
  let there: readonly string[];
  try {
    there = await readdir(folder);
  } catch (thrown) {
    throw new MachineError(`looking into ${folder}: ${messageOf(thrown)}`);
  }
  const companions = there.filter((name) => namedFiles.includes(name));
  return [...new Set([...companions, ...weights])].sort();
}

/** Reads the file in pieces, so its size does not matter. */
export async function hashedFile(path: string): Promise<HashedFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(piece);
      bytes += piece.length;
    }
  } catch (thrown) {
    throw new MachineError(`reading ${path}: ${messageOf(thrown)}`);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** As the lock has it where the size agrees, unread; else as it is. */
export async function trustedFile(
  path: string,
  locked: HashedFile | undefined,
): Promise<HashedFile> {
  try {
    if (locked !== undefined && (await stat(path)).size === locked.bytes) return locked;
  } catch (thrown) {
    throw new MachineError(`looking for ${path}: ${messageOf(thrown)}`);
  }
  return hashedFile(path);
}
