/** The lock beside a pipeline, as it was found. One that cannot be read is a fault with a place in its own text. */

import { type Lock, readLock } from "../../runtime/lock.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { sourceFile } from "../source/file.ts";

export interface LockFile {
  readonly path: string;
  /** As messages call it. */
  readonly name: string;
  /** Undefined where there is none that can be read. */
  readonly lock: Lock | undefined;
  readonly faults: readonly Diagnostic[];
}

/** `pipeline` is where the pipeline is, `shown` how messages call it. */
export async function lockFileOf(pipeline: string, shown: string): Promise<LockFile> {
  const path = `${pipeline}.lock`;
  const name = `${shown}.lock`;
  const read = await readLock(path);
  if (read.kind === "none") return { path, name, lock: undefined, faults: [] };
  if (read.kind === "lock") return { path, name, lock: read.lock, faults: [] };
  const file = sourceFile(name, read.text);
  const start = Math.max(0, read.text.search(/^<{7} /m));
  const fault = error("broken-file", {
    at: { file, start, end: start },
    title: `${name} ${read.why}`,
    notes: ["Without it nobody can tell whether this is the experiment that was locked."],
    fixes: [
      { text: "put back the file as it was written" },
      { text: `\`ftc lock ${shown}\` writes it anew, from what is here` },
    ],
  });
  return { path, name, lock: undefined, faults: [fault] };
}
