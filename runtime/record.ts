/**
 * NAME.ftp.record: what a checked-in experiment gave, for `ftc verify` to compare a later run with. The same
 * plan on the same device and driver must give the same bits; elsewhere numbers may differ by a tolerance,
 * because devices round and reassociate differently.
 */

import type { DeviceDescription } from "./device.ts";
import { MachineError } from "./errors.ts";
import { readObject } from "./json.ts";
import { isEvaluation } from "./metrics.ts";
import type { JobResult } from "./results.ts";
import { checkOf } from "./schema.ts";
import { writeTextAtomically } from "./weights/atomic.ts";

export interface RunRecord {
  readonly format: "ftc-record";
  readonly version: 1;
  /** The plan's hash. */
  readonly plan: string;
  /** Hash of the weights and rows that the lock names; a record of a pipeline without a lock says none. */
  readonly lock?: string;
  readonly device: RecordedDevice;
  /** By job. */
  readonly trainings: Readonly<Record<string, RecordedTraining>>;
  /** By job, model and metric. */
  readonly evaluations: Readonly<Record<string, Readonly<Record<string, RecordedMetrics>>>>;
}

/** What decides a run's bits beside the plan. */
export interface RecordedDevice {
  readonly class: string;
  readonly driver: string;
}

export interface RecordedTraining {
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** Periodic evaluations, in the order of the run. */
  readonly evaluations: readonly { readonly step: number; readonly metrics: RecordedMetrics }[];
  /** sha256 of the trained tensors. */
  readonly fingerprint: string;
}

/** A number that is none, such as a perplexity beyond double precision, is null: JSON has no other word. */
export type RecordedMetrics = Readonly<Record<string, number | null>>;

export interface Tolerance {
  /** Of the larger number. */
  readonly relative: number;
  readonly absolute: number;
}

/**
 * Across devices: half precision keeps three digits, and a trained state drifts by what single steps round,
 * so losses agree to about one in fifty over a run of hundreds of steps.
 */
export const acrossDevices: Tolerance = { relative: 0.02, absolute: 0.005 };

const exact: Tolerance = { relative: 0, absolute: 0 };

export function recordOf(
  made: Pick<RunRecord, "plan" | "lock">,
  description: DeviceDescription,
  results: readonly JobResult[],
): RunRecord {
  const trainings: Record<string, RecordedTraining> = {};
  const evaluations: Record<string, Record<string, RecordedMetrics>> = {};
  for (const result of results) {
    if (result.kind === "train") {
      trainings[result.name] = {
        losses: result.lines.flatMap((line) => (isEvaluation(line) ? [] : [line.loss])),
        evaluations: result.lines
          .filter(isEvaluation)
          .map(({ step, metrics }) => ({ step, metrics: recorded(Object.entries(metrics)) })),
        fingerprint: result.fingerprint,
      };
    } else if (result.kind === "evaluate") {
      evaluations[result.name] = Object.fromEntries(
        result.models.map(({ name, values }) => [
          name,
          recorded(result.metrics.map((metric, index) => [metric, values[index]])),
        ]),
      );
    }
  }
  const device = { class: deviceClass(description), driver: description.driver };
  return { format: "ftc-record", version: 1, ...made, device, trainings, evaluations };
}

export async function writeRecord(path: string, record: RunRecord): Promise<void> {
  await writeTextAtomically(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** Undefined where there is none. @throws MachineError for a file that is no record */
export async function readRecord(path: string): Promise<RunRecord | undefined> {
  const found: unknown = await readObject(path);
  if (found === undefined) return undefined;
  const validate = recordCheck();
  if (validate(found)) return found;
  const [error] = validate.errors ?? [];
  throw new MachineError(
    `${path} is no record that this version reads: ${error?.instancePath ?? ""} ${error?.message ?? ""}`,
    ["run the pipeline again to write it anew"],
  );
}

export interface Difference {
  /** `loss of sft at step 12` */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** On what the bits of a run depend. */
export type Circumstance = "plan" | "device" | "driver";

export interface Comparison {
  /** What is another than when the record was written. Where nothing is, every bit had to agree. */
  readonly changed: readonly Circumstance[];
  readonly differences: readonly Difference[];
}

/** What of `found` is not as `expected` says. */
export function compareRecords(
  expected: RunRecord,
  found: RunRecord,
  tolerance: Tolerance = acrossDevices,
): Comparison {
  const circumstances = {
    plan: expected.plan === found.plan,
    device: expected.device.class === found.device.class,
    driver: expected.device.driver === found.device.driver,
  };
  const changed = (["plan", "device", "driver"] as const).filter((one) => !circumstances[one]);
  const isExact = changed.length === 0;
  const allowed = isExact ? exact : tolerance;
  const differences: Difference[] = [];
  if (expected.lock !== undefined && expected.lock !== found.lock)
    differences.push({ what: "lock", expected: expected.lock, found: found.lock ?? "nothing" });
  const old = new Map(numbersOf(expected));
  const now = new Map(numbersOf(found));
  for (const what of new Set([...old.keys(), ...now.keys()])) {
    const [before, after] = [old.get(what), now.get(what)];
    if (before !== undefined && after !== undefined && agree(before, after, allowed)) continue;
    differences.push({ what, expected: shown(before), found: shown(after) });
  }
  if (!isExact) return { changed, differences };
  for (const [job, { fingerprint }] of Object.entries(expected.trainings)) {
    const other = found.trainings[job]?.fingerprint ?? "nothing";
    if (other === fingerprint) continue;
    differences.push({ what: `weights of ${job}`, expected: fingerprint, found: other });
  }
  return { changed, differences };
}

/** Every number of a record, with what it is. */
function* numbersOf(record: RunRecord): Generator<readonly [string, number | null]> {
  for (const [job, { losses, evaluations }] of Object.entries(record.trainings)) {
    for (const [index, loss] of losses.entries())
      yield [`loss of ${job} at step ${index + 1}`, loss];
    for (const { step, metrics } of evaluations) {
      for (const [name, value] of Object.entries(metrics)) {
        yield [`evaluation ${name} of ${job} at step ${step}`, value];
      }
    }
  }
  for (const [job, models] of Object.entries(record.evaluations)) {
    for (const [model, metrics] of Object.entries(models)) {
      for (const [name, value] of Object.entries(metrics))
        yield [`${name} of ${model} in ${job}`, value];
    }
  }
}

function agree(a: number | null, b: number | null, { relative, absolute }: Tolerance): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= absolute + relative * Math.max(Math.abs(a), Math.abs(b));
}

function shown(value: number | null | undefined): string {
  return value === undefined ? "nothing" : String(value);
}

function recorded(values: readonly (readonly [string, number])[]): RecordedMetrics {
  return Object.fromEntries(
    values.map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );
}

function deviceClass({ backend, vendor, architecture, device }: DeviceDescription): string {
  return [backend, vendor, architecture, device].filter((part) => part !== "").join(" ");
}

const metrics = { type: "object", additionalProperties: { type: ["number", "null"] } } as const;

export const recordSchema = {
  type: "object",
  additionalProperties: false,
  required: ["format", "version", "plan", "device", "trainings", "evaluations"],
  properties: {
    format: { const: "ftc-record" },
    version: { const: 1 },
    plan: { type: "string" },
    lock: { type: "string" },
    device: {
      type: "object",
      additionalProperties: false,
      required: ["class", "driver"],
      properties: { class: { type: "string" }, driver: { type: "string" } },
    },
    trainings: {
      type: "object",
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["losses", "evaluations", "fingerprint"],
        properties: {
          losses: { type: "array", items: { type: "number" } },
          evaluations: {
            type: "array",
            items: {
              type: "object",
              additionalProperties: false,
              required: ["step", "metrics"],
              properties: { step: { type: "integer" }, metrics },
            },
          },
          fingerprint: { type: "string" },
        },
      },
    },
    evaluations: {
      type: "object",
      additionalProperties: { type: "object", additionalProperties: metrics },
    },
  },
} as const;

const recordCheck = checkOf<RunRecord>(recordSchema);
