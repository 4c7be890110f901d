/**
 * Runs a synchronous call while native code's standard error goes nowhere. Dawn prints warnings about
 * limits it lowers straight to file descriptor 2 and offers no switch for it.
 *
 * Only where descriptor 2 can be put back as it was, on Linux: a terminal, a pipe, or a file that is appended
 * to. Any other file has an offset that it shares with whoever wrote to it before, which opening it again
 * would lose, and a socket cannot be opened again; there the warnings stay. JavaScript does not run in the
 * window, so nothing of ours can be lost.
 */

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

const errorStream = 2;

export function quietly<T>(call: () => T): T {
  const flags = flagsToReopen();
  const kept = flags === undefined ? undefined : reopened("/proc/self/fd/2", flags);
  if (flags === undefined || kept === undefined) return call();
  closeSync(errorStream);
  // The lowest free descriptor is given out first: 2, which was closed just now.
  openSync("/dev/null", constants.O_WRONLY);
  try {
    return call();
  } finally {
    closeSync(errorStream);
    openSync(`/proc/self/fd/${kept}`, flags);
    closeSync(kept);
  }
}

/** How to open descriptor 2 again so that it stays what it is; undefined where nothing can. */
function flagsToReopen(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const stream = fstatSync(errorStream);
  const flags = constants.O_WRONLY | constants.O_NOCTTY;
  if (stream.isCharacterDevice() || stream.isFIFO()) return flags;
  return stream.isFile() && isAppended() ? flags | constants.O_APPEND : undefined;
}

/** Whether all that is written goes to the end of the file, through whichever descriptor. */
function isAppended(): boolean {
  const [, flags] = /^flags:\s*([0-7]+)$/m.exec(readFileSync("/proc/self/fdinfo/2", "utf8")) ?? [];
  return (Number.parseInt(flags ?? "0", 8) & constants.O_APPEND) !== 0;
}

/** Undefined where the system refuses, as on the terminal of another user. */
function reopened(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch {
    return undefined;
  }
}
