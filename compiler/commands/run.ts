/** `ftc run FILE|PLAN [STEP]`: checks, plans and executes; Ctrl-C saves, `--resume` goes on. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DataSession } from "../../runtime/data/run.ts";
import type { Device } from "../../runtime/device.ts";
import { lockHash } from "../../runtime/lock.ts";
import type { Plan } from "../../runtime/plan.ts";
import { planHash, readPlan } from "../../runtime/plan-file.ts";
import { Progress } from "../../runtime/progress.ts";
import { type RunRecord, recordOf, writeRecord } from "../../runtime/record.ts";
import { evaluationTable, type JobResult, writingOf } from "../../runtime/results.ts";
import { runPlan } from "../../runtime/run.ts";
import { modelFolders } from "../../runtime/weights/hub.ts";
import { targetOf } from "../plan/target.ts";
import { sourceFile } from "../source/file.ts";
import {
  command,
  type ExitCode,
  exit,
  flag,
  type Io,
  optional,
  outputOptions,
  required,
  UsageError,
  value,
  writeJson,
} from "./command.ts";
import { dataDiagnostic } from "./data-diagnostics.ts";
import { LateDevice } from "./late-device.ts";
import { type LockUse, lockOptions, lockUse } from "./locking.ts";
import { meant } from "./meant.ts";
import { prepare } from "./prepare.ts";
import { runJson, type Stopped } from "./run-json.ts";
import { showDiagnostics } from "./show.ts";

export const run = command({
  name: "run",
  summary: "check, plan and execute a pipeline, or execute a plan",
  parameters: {
    file: required("FILE", "a pipeline, a plan's .json file or its folder"),
    step: optional("STEP", "the step to run; all of them when left out"),
    resume: flag("--resume", "go on from the last checkpoint"),
    device: value("--device <NAME>", "part of the name of the GPU to use"),
    quiet: flag("--quiet", "print results and nothing else"),
    ...outputOptions("print what came of the steps as one JSON object at the end"),
    ...lockOptions,
  },
  async run(io, { file, step, resume, device: name, quiet, json, ...chosen }) {
    const lock = lockUse(chosen);
    if (lock !== "update" && isPlan(io, file))
      throw new UsageError(`${file} is a plan; --${lock} is for a pipeline, which has a lock`);
    const device = new LateDevice({ name });
    try {
      const made = isPlan(io, file)
        ? await savedPlan(io, file)
        : await plannedFile(io, file, device, lock);
      if (made === undefined) return exit.program;
      if (step !== undefined) requireStep(made.plan, file, step);
      const results: JobResult[] = [];
      const { code, record, stopped } = await execute(io, made, await device.open(), {
        resume,
        quiet,
        only: step === undefined ? undefined : [step],
        finished: json
          ? (result) => void results.push(result)
          : (result) => showResult(io, made, result),
      });
      const recordFile = step === undefined && record !== undefined ? made.recordFile : undefined;
      if (recordFile !== undefined && record !== undefined) await writeRecord(recordFile, record);
      if (json && code !== exit.program) {
        const shown = (path: string) => relativeTo(io, made, path);
        const where = recordFile === undefined ? undefined : shown(recordFile);
        writeJson(io.stdout, runJson({ results, record: where, stopped, shown }));
      }
      return code;
    } finally {
      device.close();
    }
  },
});

/** @throws UsageError */
function requireStep({ jobs }: Plan, file: string, step: string): void {
  const names = jobs.map(({ name }) => name);
  if (names.includes(step)) return;
  throw new UsageError(
    `${file} has no step ${step}; ${meant(step, names) ?? `it has ${names.join(", ")}`}`,
  );
}

export interface Executable {
  readonly plan: Plan;
  readonly directory: string;
  readonly folderOf: (address: string) => Promise<string>;
  readonly data: DataSession | undefined;
  /** Where the record of a whole run goes: beside the pipeline. */
  readonly recordFile: string | undefined;
  /** Hash of the lock that it was made under. */
  readonly lock: string | undefined;
}

export async function plannedFile(
  io: Io,
  file: string,
  device: LateDevice,
  lock: LockUse,
): Promise<Executable | undefined> {
  const target = async () => targetOf((await device.open()).description);
  const prepared = await prepare(io, file, { target, verify: false, lock });
  if (prepared?.assembled.plan === undefined) return undefined;
  const { loaded, data, locking } = prepared;
  return {
    plan: prepared.assembled.plan,
    directory: loaded.directory,
    folderOf: loaded.folderOf,
    data: data.session,
    recordFile: recordPath(io, file),
    lock: locking && lockHash(locking.lock),
  };
}

async function savedPlan(io: Io, file: string): Promise<Executable> {
  const path = resolve(io.cwd, file);
  // A plan's relative paths start where the command does: the plan may have been carried from elsewhere.
  const directory = io.cwd;
  return {
    plan: await readPlan(path),
    directory,
    folderOf: modelFolders(directory, io.env),
    data: undefined,
    recordFile: undefined,
    lock: undefined,
  };
}

function isPlan(io: Io, file: string): boolean {
  return file.endsWith(".json") || existsSync(join(resolve(io.cwd, file), "plan.json"));
}

interface ExecuteOptions {
  readonly resume: boolean;
  readonly quiet: boolean;
  readonly only: readonly string[] | undefined;
  /** Hears of each step's result when it is there. */
  readonly finished: (result: JobResult) => void;
}

interface Executed {
  readonly code: ExitCode;
  /** Undefined where it ended before its last step. */
  readonly record: RunRecord | undefined;
  readonly stopped: Stopped | undefined;
}

export async function execute(
  io: Io,
  made: Executable,
  device: Device,
  options: ExecuteOptions,
): Promise<Executed> {
  const progress = new Progress(io.stderr, { silent: options.quiet });
  const outcome = await runPlan(made.plan, {
    device,
    directory: made.directory,
    progress,
    resume: options.resume,
    resolve: made.folderOf,
    only: options.only,
    ...(made.data === undefined ? {} : { data: made.data }),
    finished: options.finished,
  });
  if (outcome.kind === "done") {
    const { lock } = made;
    const hashes = { plan: planHash(made.plan), ...(lock === undefined ? {} : { lock }) };
    return {
      code: exit.done,
      record: recordOf(hashes, device.description, outcome.results),
      stopped: undefined,
    };
  }
  if (outcome.kind === "data") {
    const file = sourceFile(made.plan.source, "");
    showDiagnostics(
      io,
      outcome.faults.map((fault) => dataDiagnostic(fault, { file, start: 0, end: 0 })),
    );
    return { code: exit.program, record: undefined, stopped: undefined };
  }
  const saved =
    outcome.checkpoint === undefined
      ? "nothing needed saving"
      : `saved in ${outcome.checkpoint}; \`ftc run ${made.plan.source} --resume\` goes on from there`;
  io.stderr.write(`stopped in ${outcome.job}: ${saved}\n`);
  const stopped = { step: outcome.job, checkpoint: outcome.checkpoint };
  return { code: exit.interrupted, record: undefined, stopped };
}

export function showResult(io: Io, made: Executable, result: JobResult): void {
  switch (result.kind) {
    case "train":
    case "export":
      io.stdout.write(`${result.name}: ${relativeTo(io, made, result.folder)}\n`);
      return;
    case "evaluate":
      io.stdout.write(`\n${evaluationTable(result)}\n`);
      for (const model of result.models) {
        const writing = writingOf(model);
        if (writing !== undefined) io.stdout.write(`\n${writing}\n`);
      }
      return;
    default:
      result satisfies never;
  }
}

function relativeTo(io: Io, made: Executable, folder: string): string {
  const path = resolve(made.directory, folder);
  return path.startsWith(`${io.cwd}/`) ? path.slice(io.cwd.length + 1) : path;
}

/** Where a pipeline's record lies. */
export function recordPath(io: Io, file: string): string {
  return `${resolve(io.cwd, file)}.record`;
}
