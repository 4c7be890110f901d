/**
 * What the lock permits. A plain run writes down what is new, forgets what nothing reads any more, and refuses a
 * file that is not the one that was locked; with `locked` the lock stays as it is, so all three are refused.
 * `frozen` is `locked` on this machine alone: nothing is fetched, and a model's files are known by their sizes.
 */

import { type Lock, type LockDifference, lockDifferences, writeLock } from "../../runtime/lock.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { flag, type Io } from "./command.ts";
import type { CountedData } from "./count-data.ts";
import type { Loaded } from "./load.ts";
import { lockOf } from "./lock-facts.ts";
import { noLock, refusals } from "./lock-faults.ts";

/** `read` takes the commits of models from the lock, and neither compares nor writes it. */
export type LockUse = "read" | "update" | "locked" | "frozen";

/** Options of the commands that obey a lock. */
export const lockOptions = {
  locked: flag("--locked", "refuse to run where the lock would have to change"),
  frozen: flag("--frozen", "as --locked, fetching nothing and not hashing models again"),
} as const;

export function lockUse(chosen: { readonly locked: boolean; readonly frozen: boolean }): LockUse {
  if (chosen.frozen) return "frozen";
  return chosen.locked ? "locked" : "update";
}

/** What a pipeline reads, held against its lock. */
export interface Locking {
  /** As it would be written now. */
  readonly lock: Lock;
  readonly diagnostics: readonly Diagnostic[];
  /** What the lock does not say yet, or no longer should. */
  readonly changes: readonly LockDifference[];
}

export async function lockingOf(
  io: Io,
  loaded: Loaded,
  data: CountedData,
  use: Exclude<LockUse, "read">,
): Promise<Locking> {
  const before = loaded.lockFile.lock;
  const lock = await lockOf(io, loaded, data, use === "frozen" ? before : undefined);
  const changes = lockDifferences(before, lock);
  if (use === "update") {
    return { lock, changes, diagnostics: refusals(loaded, changes.filter(isOfTheWorld)) };
  }
  const diagnostics = before === undefined ? [noLock(loaded)] : refusals(loaded, changes);
  return { lock, changes, diagnostics };
}

/** Writes the lock where a change that is permitted asks for it, and says so. */
export async function writeChanges(
  io: Io,
  { lockFile }: Loaded,
  { lock, changes }: Locking,
): Promise<void> {
  if (changes.length === 0) return;
  await writeLock(lockFile.path, lock);
  const names = [...new Set(changes.map(({ name }) => name))].join(", ");
  io.stderr.write(
    lockFile.lock === undefined
      ? `wrote ${lockFile.name}\n`
      : `changed ${lockFile.name}: ${names}\n`,
  );
}

/**
 * A change that is not the author's own: of what was locked, and neither in a module beside the pipeline nor in how
 * the pipeline makes its windows.
 */
function isOfTheWorld({ part, name, kind, isSameRecipe }: LockDifference): boolean {
  if (kind !== "changed") return false;
  if (part === "modules") return name.startsWith("std/");
  return part !== "datasets" || isSameRecipe;
}
