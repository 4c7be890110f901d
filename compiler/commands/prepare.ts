/** A file to a plan for a target, with every fault on the way shown. */

import { canonicalHash } from "../../runtime/json.ts";
import { bug } from "../bug.ts";
import { printModel } from "../core/print.ts";
import { verifyModel } from "../core/verify.ts";
import { withAllows } from "../diagnostics/allow.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hasErrors } from "../driver.ts";
import { runPasses } from "../passes.ts";
import { type Assembled, assemble } from "../plan/assemble.ts";
import type { Target } from "../plan/target.ts";
import type { Io } from "./command.ts";
import { type CountedData, countData } from "./count-data.ts";
import { type Loaded, loadPipeline } from "./load.ts";
import { type Locking, type LockUse, lockingOf, writeChanges } from "./locking.ts";
import { showDiagnostics } from "./show.ts";
import { version } from "./version.ts";

export interface Prepared {
  readonly loaded: Loaded;
  readonly data: CountedData;
  readonly assembled: Assembled;
  /** Undefined where the lock is only read. */
  readonly locking: Locking | undefined;
}

export interface PrepareOptions {
  /** Asked for when everything before the plan is sound. */
  readonly target: Target | (() => Promise<Target>);
  readonly verify: boolean;
  /** The last pass that graphs go through; all of them if undefined. */
  readonly until?: string | undefined;
  readonly lock?: LockUse;
}

/** Undefined after an error, which has been shown. A lock that has to change is written when all else is well. */
export async function prepare(
  io: Io,
  file: string,
  { target, verify, until, lock = "read" }: PrepareOptions,
): Promise<Prepared | undefined> {
  const loaded = await loadPipeline(io, file, { isOffline: lock === "frozen" });
  const found = [...loaded.diagnostics];
  if (hasErrors(found)) return refused(io, found);
  if (verify) demandSoundModels(loaded);
  const data = await countData(loaded);
  found.push(...data.diagnostics);
  if (hasErrors(found)) return refused(io, found);
  const locking = lock === "read" ? undefined : await lockingOf(io, loaded, data, lock);
  found.push(...(locking?.diagnostics ?? []));
  if (hasErrors(found)) return refused(io, found);
  const assembled = assemble(loaded.pipeline, {
    source: loaded.source.path,
    compiler: `ftc ${version()}`,
    target: typeof target === "function" ? await target() : target,
    data: data.facts,
    filesOf: (address) => {
      const files = locking?.lock.models[address]?.files;
      return files === undefined ? undefined : canonicalHash(files);
    },
    verify,
    optimise: (graph) => runPasses(graph, { verify, ...(until === undefined ? {} : { until }) }),
  });
  // What a device takes differs from one to the next, so this is no place to call a comment unused.
  found.push(...withAllows(assembled.diagnostics, loaded.allows, () => false));
  showDiagnostics(io, found);
  if (hasErrors(found) || assembled.plan === undefined) return undefined;
  if (locking !== undefined) await writeChanges(io, loaded, locking);
  return { loaded, data, assembled, locking };
}

function demandSoundModels({ pipeline }: Loaded): void {
  const faults = pipeline.models.flatMap(verifyModel);
  if (faults.length > 0)
    bug(`models are not sound: ${faults.join("; ")}`, pipeline.models.map(printModel).join("\n"));
}

function refused(io: Io, diagnostics: readonly Diagnostic[]): undefined {
  showDiagnostics(io, diagnostics);
  return undefined;
}
