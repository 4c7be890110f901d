/** What `ftc run --json` prints: what came of the steps, by the names that they have in the record of a run. */

import { isEvaluation } from "../../runtime/metrics.ts";
import type { JobResult } from "../../runtime/results.ts";

/** Where a run ended before its last step. */
export interface Stopped {
  readonly step: string;
  /** Undefined where nothing needed saving. */
  readonly checkpoint: string | undefined;
}

export interface RunSummary {
  readonly results: readonly JobResult[];
  /** Undefined for one that was written nowhere: of some steps alone, or of a plan. */
  readonly record: string | undefined;
  readonly stopped: Stopped | undefined;
  /** A folder as it is shown. */
  readonly shown: (folder: string) => string;
}

/** A metric that is no number is null, as in the record. */
export function runJson({ results, record, stopped, shown }: RunSummary): object {
  const trainings: Record<string, object> = {};
  const evaluations: Record<string, object> = {};
  const samples: Record<string, object> = {};
  const exports: Record<string, object> = {};
  for (const result of results) {
    switch (result.kind) {
      case "train": {
        const last = result.lines.flatMap((line) => (isEvaluation(line) ? [] : [line])).at(-1);
        trainings[result.name] = {
          folder: shown(result.folder),
          steps: last?.step ?? 0,
          loss: last?.loss ?? null,
          best: result.best ?? null,
          fingerprint: result.fingerprint,
        };
        break;
      }
      case "evaluate": {
        const { metrics, models } = result;
        evaluations[result.name] = byName(models, ({ values }) =>
          Object.fromEntries(metrics.map((metric, at) => [metric, values[at]])),
        );
        const written = models.filter((model) => model.samples.length > 0);
        if (written.length > 0) samples[result.name] = byName(written, (model) => model.samples);
        break;
      }
      case "export":
        exports[result.name] = { folder: shown(result.folder) };
        break;
      default:
        result satisfies never;
    }
  }
  const checkpoint = stopped?.checkpoint;
  return {
    trainings,
    evaluations,
    samples,
    exports,
    record: record ?? null,
    stopped:
      stopped === undefined
        ? null
        : { step: stopped.step, checkpoint: checkpoint === undefined ? null : shown(checkpoint) },
  };
}

function byName<T extends { readonly name: string }>(
  all: readonly T[],
  value: (one: T) => unknown,
): object {
  return Object.fromEntries(all.map((one) => [one.name, value(one)]));
}
