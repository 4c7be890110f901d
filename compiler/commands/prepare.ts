/** A file to a plan for a target, with every fault on the way shown. */

import { hasErrors } from "../driver.ts";
import { runPasses } from "../passes.ts";
import { type Assembled, assemble } from "../plan/assemble.ts";
import type { Target } from "../plan/target.ts";
import type { Io } from "./command.ts";
import { type CountedData, countData, type Loaded, loadPipeline, showDiagnostics } from "./load.ts";
import { version } from "./version.ts";

export interface Prepared {
  readonly loaded: Loaded;
  readonly data: CountedData;
  readonly assembled: Assembled;
}

export interface PrepareOptions {
  readonly target: Target;
  readonly verify: boolean;
  /** The last pass that graphs go through; all of them if undefined. */
  readonly until?: string | undefined;
}

/** Undefined after an error, which has been shown. */
export async function prepare(
  io: Io,
  file: string,
  options: PrepareOptions,
): Promise<Prepared | undefined> {
  const loaded = await loadPipeline(io, file);
  if (hasErrors(loaded.diagnostics)) return refused(io, loaded.diagnostics);
  const data = await countData(loaded);
  if (hasErrors(data.diagnostics)) return refused(io, [...loaded.diagnostics, ...data.diagnostics]);
  const assembled = assemble(loaded.pipeline, {
    source: loaded.source.path,
    compiler: `ftc ${version()}`,
    target: options.target,
    data: data.facts,
    optimise: (graph) =>
      runPasses(graph, {
        verify: options.verify,
        ...(options.until === undefined ? {} : { until: options.until }),
      }),
  });
  const all = [...loaded.diagnostics, ...data.diagnostics, ...assembled.diagnostics];
  showDiagnostics(io, all);
  return hasErrors(all) || assembled.plan === undefined ? undefined : { loaded, data, assembled };
}

function refused(io: Io, diagnostics: Parameters<typeof showDiagnostics>[1]): undefined {
  showDiagnostics(io, diagnostics);
  return undefined;
}
