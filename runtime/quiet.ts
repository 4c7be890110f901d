/**
 * Runs a synchronous call while native code's standard error goes nowhere. Dawn prints warnings about
 * limits it lowers straight to file descriptor 2 and offers no switch for it.
 *
 * Only where descriptor 2 can be put back as it was: a terminal or a pipe on Linux. A regular file shares
 * its offset with standard output under `2>&1` and a socket cannot be opened again; there the warnings
 * stay. JavaScript does not run in the window, so nothing of ours can be lost.
 */

import { closeSync, constants, fstatSync, openSync } from "node:fs";

const errorStream = 2;

export function quietly<T>(call: () => T): T {
  const kept = reopenable() ? reopen("/proc/self/fd/2") : undefined;
  if (kept === undefined) return call();
  closeSync(errorStream);
  // The lowest free descriptor is given out first: 2, which was closed just now.
  openSync("/dev/null", constants.O_WRONLY);
  try {
    return call();
  } finally {
    closeSync(errorStream);
    openSync(`/proc/self/fd/${kept}`, constants.O_WRONLY | constants.O_NOCTTY);
    closeSync(kept);
  }
}

function reopenable(): boolean {
  if (process.platform !== "linux") return false;
  const stream = fstatSync(errorStream);
  return stream.isCharacterDevice() || stream.isFIFO();
}

/** Undefined where the system refuses, as on the terminal of another user. */
function reopen(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
