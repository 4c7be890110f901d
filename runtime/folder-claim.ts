/**
 * A run's claim to the folder that it saves to, so that two runs at once do not write over each other. The
 * claim is a file with the process that made it; one whose process is gone is void.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { MachineError, messageOf } from "./errors.ts";

const claimFile = ".running";

/** Answers with what gives the folder free. @throws MachineError where another run is writing there */
export function claimFolder(folder: string): () => void {
  const path = join(folder, claimFile);
  try {
    mkdirSync(folder, { recursive: true });
    if (!created(path)) {
      const other = readFileSync(path, "utf8").trim();
      if (!isGone(other)) throw taken(folder, path, other);
      rmSync(path);
      if (!created(path)) throw taken(folder, path, "that began just now");
    }
  } catch (thrown) {
    if (thrown instanceof MachineError) throw thrown;
    throw new MachineError(`writing to ${folder}: ${messageOf(thrown)}`);
  }
  return () => rmSync(path, { force: true });
}

/** False where the file is there. */
function created(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid} on ${hostname()}\n`, { flag: "wx" });
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  }
}

/** Only a process of this machine can be known to have ended. */
function isGone(owner: string): boolean {
  const [, pid, host] = /^(\d+) on (.+)$/.exec(owner) ?? [];
  // Containers give a new process the number of the old one.
  if (pid === undefined || Number(pid) === process.pid) return true;
  if (host !== hostname()) return false;
  // A signal of 0 is not sent: it only asks.
  try {
    return !process.kill(Number(pid), 0);
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH";
  }
}

function taken(folder: string, path: string, owner: string): MachineError {
  return new MachineError(`another run is writing to ${folder}: process ${owner}`, [
    "wait for it, or save to another folder",
    `if there is no such run any more, delete ${path}`,
  ]);
}
