/** `ftc lock FILE`: accepts what a pipeline reads today, writes its lock anew and says what changed. */

import { type Lock, type LockDifference, lockDifferences, writeLock } from "../../runtime/lock.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hasErrors } from "../driver.ts";
import { command, exit, type Output, outputOptions, required, writeJson } from "./command.ts";
import { countData } from "./count-data.ts";
import { loadPipeline } from "./load.ts";
import { lockOf } from "./lock-facts.ts";
import { showDiagnostics } from "./show.ts";

export const lock = command({
  name: "lock",
  summary: "write a pipeline's lock anew from the files that are here",
  parameters: {
    file: required("FILE", "the pipeline"),
    ...outputOptions("print what changed as JSON"),
  },
  async run(io, { file, json }) {
    const loaded = await loadPipeline(io, file, { renews: true });
    const found: Diagnostic[] = [...loaded.diagnostics];
    const data = hasErrors(found) ? undefined : await countData(loaded);
    found.push(...(data?.diagnostics ?? []));
    showDiagnostics(io, found);
    if (data === undefined || hasErrors(found)) return exit.program;
    const { path, name, lock: before } = loaded.lockFile;
    const now = await lockOf(io, loaded, data, undefined);
    const changes = lockDifferences(before, now);
    await writeLock(path, now);
    if (json) writeJson(io.stdout, changes.map(plain));
    else if (before === undefined) io.stdout.write(`wrote ${name}: ${contents(now)}\n`);
    else writeChanges(io.stdout, name, changes);
    return exit.done;
  },
});

function plain({ part, name, kind, file, locked, found }: LockDifference): object {
  return { part, name, file, kind, locked, found };
}

function writeChanges(output: Output, name: string, changes: readonly LockDifference[]): void {
  for (const { kind, name: thing, file, locked, found } of changes) {
    const where = file === undefined ? thing : `${thing} ${file}`;
    output.write(`${kind.padEnd(9)}${where}\n`);
    if (kind !== "changed") continue;
    output.write(`  from ${locked ?? "nothing"}\n  to   ${found ?? "nothing"}\n`);
  }
  output.write(changes.length === 0 ? `${name} is up to date\n` : `wrote ${name}\n`);
}

function contents({ modules, models, data, datasets }: Lock): string {
  const number = (part: object, one: string): string => {
    const count = Object.keys(part).length;
    return `${count} ${one}${count === 1 ? "" : "s"}`;
  };
  return [
    number(modules, "module"),
    number(models, "model"),
    number(data, "data file"),
    number(datasets, "dataset"),
  ].join(", ");
}
