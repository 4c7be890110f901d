/**
 * NAME.ftp.lock: what a pipeline read when its lock was written, file by file and hash by hash, so that a later
 * run can tell whether it is the same experiment. Machine-written JSON, its fields in order, checked against
 * lock.schema.json; who may change it, and when, is for the commands to say.
 */

import { readFile } from "node:fs/promises";
import { complaintOf } from "./complaint.ts";
import { counted } from "./count.ts";
import { MachineError, messageOf } from "./errors.ts";
import { canonicalHash, isMissing, isObject, sorted } from "./json.ts";
import schema from "./lock.schema.json" with { type: "json" };
import { checkOf } from "./schema.ts";
import { writeTextAtomically } from "./weights/atomic.ts";
import type { HashedFile } from "./weights/model-files.ts";

export interface Lock {
  readonly format: "ftc-lock";
  readonly version: 1;
  /** The compiler that wrote it. */
  readonly compiler: string;
  /** sha256 of each module's text, by its path in imports: `std/llama`. */
  readonly modules: Readonly<Record<string, string>>;
  /** By the address that the pipeline writes. */
  readonly models: Readonly<Record<string, LockedModel>>;
  /** Files of rows, by the path that the pipeline writes. */
  readonly data: Readonly<Record<string, LockedData>>;
  /** What became of the rows, by the name of each dataset that a step reads. */
  readonly datasets: Readonly<Record<string, LockedDataset>>;
}

export interface LockedModel {
  /** Of a model of the hub. */
  readonly commit?: string;
  readonly files: Readonly<Record<string, HashedFile>>;
}

export interface LockedData extends HashedFile {
  readonly rows: number;
}

export interface LockedDataset {
  /** Hash of how the pipeline makes it: readers, templates, lengths. */
  readonly recipe: string;
  /** Hash of tokenizer.json's contents, whatever its layout. */
  readonly tokenizer: string;
  readonly windows: number;
  /** sha256 over every window's tokens, segments and learn masks. */
  readonly tokens: string;
}

export type LockRead =
  | { readonly kind: "none" }
  | { readonly kind: "lock"; readonly lock: Lock }
  /** `why` goes on a sentence that begins with the file's name. */
  | { readonly kind: "broken"; readonly why: string; readonly text: string };

const lockCheck = checkOf<Lock>(schema);

/** @throws MachineError where the disk fails */
export async function readLock(path: string): Promise<LockRead> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    if (isMissing(thrown)) return { kind: "none" };
    throw new MachineError(`reading ${path}: ${messageOf(thrown)}`);
  }
  return parsedLock(text);
}

export function parsedLock(text: string): LockRead {
  const broken = (why: string): LockRead => ({ kind: "broken", why, text });
  if (/^<{7} /m.test(text)) return broken("holds both sides of a merge that is not finished");
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return broken("is not JSON: it was cut off or edited");
  }
  if (isObject(found) && found.format === "ftc-lock" && Number(found.version) > 1)
    return broken("was written by a later ftc, which must be installed to read it");
  const validate = lockCheck();
  if (validate(found)) return { kind: "lock", lock: found };
  return broken(`is no lock: ${complaintOf(validate.errors ?? [])}`);
}

/** There whole or not at all. */
export async function writeLock(path: string, lock: Lock): Promise<void> {
  await writeTextAtomically(path, `${JSON.stringify(sorted(lock), null, 2)}\n`);
}

/**
 * What a record remembers of its lock: equal for the same weights and rows. What the modules mean is in the plan,
 * whose hash stands beside this one, so a word more in a comment makes no record stale.
 */
export function lockHash({ models, data, datasets }: Lock): string {
  return canonicalHash({ models, data, datasets });
}

// Differences -----------------------------------------------------------------------------------

export type LockPart = "modules" | "models" | "data" | "datasets";

/** One thing that two locks do not agree on. */
export interface LockDifference {
  readonly part: LockPart;
  /** The module, address, path or dataset, as the pipeline names it. */
  readonly name: string;
  /** Whether only one of the locks has it; a model with a file more or less is changed. */
  readonly kind: "new" | "gone" | "changed";
  /** Within a model: the file, or `commit`. */
  readonly file: string | undefined;
  /** What each says, in words; undefined where one has nothing. Not both. */
  readonly locked: string | undefined;
  readonly found: string | undefined;
  /** For a dataset: whether the pipeline makes it in the same way, so that its files or ftc changed it. */
  readonly isSameRecipe: boolean;
}

interface Entry extends Pick<LockDifference, "part" | "name" | "file"> {
  readonly text: string;
  /** Of all that the lock says of it. */
  readonly identity: string;
  readonly recipe: string | undefined;
}

/** By part, then by name. */
export function lockDifferences(locked: Lock | undefined, found: Lock): LockDifference[] {
  const [before, after] = [entriesOf(locked), entriesOf(found)];
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    const entry = old ?? now;
    if (entry === undefined || old?.identity === now?.identity) return [];
    const { part, name, file } = entry;
    const wasThere = locked !== undefined && Object.hasOwn(locked[part], name);
    const kind = !wasThere ? "new" : Object.hasOwn(found[part], name) ? "changed" : "gone";
    const isSameRecipe = old !== undefined && old.recipe === now?.recipe;
    return [{ part, name, kind, file, locked: old?.text, found: now?.text, isSameRecipe }];
  });
}

function entriesOf(lock: Lock | undefined): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  if (lock === undefined) return entries;
  const add = (entry: Omit<Entry, "recipe">, recipe?: string): void => {
    entries.set(`${entry.part} ${entry.name} ${entry.file ?? ""}`, { ...entry, recipe });
  };
  const whole = { file: undefined };
  for (const [name, sha256] of Object.entries(lock.modules))
    add({ part: "modules", name, ...whole, text: `sha256 ${short(sha256)}`, identity: sha256 });
  for (const [name, { commit, files }] of Object.entries(lock.models)) {
    if (commit !== undefined)
      add({ part: "models", name, file: "commit", text: commit, identity: commit });
    for (const [file, hashed] of Object.entries(files))
      add({
        part: "models",
        name,
        file,
        text: sizeAndHash(hashed),
        identity: canonicalHash(hashed),
      });
  }
  for (const [name, hashed] of Object.entries(lock.data)) {
    const text = `${counted(hashed.rows, "row")}, ${sizeAndHash(hashed)}`;
    add({ part: "data", name, ...whole, text, identity: canonicalHash(hashed) });
  }
  for (const [name, dataset] of Object.entries(lock.datasets)) {
    const { windows, tokens, tokenizer, recipe } = dataset;
    const text = `${counted(windows, "window")}, tokens ${short(tokens)}, tokenizer ${short(tokenizer)}`;
    add({ part: "datasets", name, ...whole, text, identity: canonicalHash(dataset) }, recipe);
  }
  return entries;
}

function sizeAndHash({ bytes, sha256 }: HashedFile): string {
  return `${counted(bytes, "byte")}, sha256 ${short(sha256)}`;
}

/** Enough of a hash to tell it from another at sight. */
function short(hash: string): string {
  return hash.slice(0, 12);
}
