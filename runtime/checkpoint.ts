/**
 * Checkpoints of a run: everything its next step depends on. A checkpoint is a folder, `step-50`, of
 * `state.safetensors` (the tensors that training changes, bit for bit) and `run.json` (the counters). It is
 * written beside its place, forced to the disk and renamed, so it is there whole or not at all.
 */

import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { MachineError, messageOf, planFault } from "./errors.ts";
import type { Executor } from "./execute.ts";
import { isMissing, isObject, type JsonObject, readObject } from "./json.ts";
import type { Dtype, Plan, TrainJob } from "./plan.ts";
import { bytesOfDtype, elementCount } from "./tensor-data.ts";
import { writeTextAtomically } from "./weights/atomic.ts";
import { openFiles } from "./weights/checkpoint.ts";
import type { StoredDtype } from "./weights/header.ts";
import { writeSafetensors } from "./weights/write.ts";

/** The counters of a run; with the tensors they say how it goes on. */
export interface RunState {
  /** Steps done, and so the position in the data. */
  readonly step: number;
  readonly tokens: number;
  readonly seconds: number;
  /** Steps done at the last evaluation. */
  readonly evaluated: number;
  readonly best: { readonly step: number; readonly loss: number } | undefined;
}

/** What must be equal for a run to go on from another's checkpoint: the run, and how its tensors are stored. */
export function identityOf(plan: Plan, job: TrainJob): string {
  const tensors = job.state.map((name) => {
    const tensor = plan.tensors[name] ?? planFault(`the plan has no tensor ${name}`);
    return [name, tensor.dtype, tensor.shape];
  });
  return createHash("sha256")
    .update(JSON.stringify([job.identity, tensors]))
    .digest("hex");
}

const stepFolder = /^step-(\d+)$/;
/** What a process that ended while it saved left behind. */
const draftFolder = /^\.step-.*\.part(\.old)?$/;
const stateFile = "state.safetensors";
const runFile = "run.json";

/** Bytes read from the device or a file at a time; a multiple of every element's size. */
const pieceBytes = 64 * 2 ** 20;

export interface FoundCheckpoint {
  readonly folder: string;
  readonly isOwn: boolean;
  readonly state: RunState;
}

export class RunCheckpoints {
  readonly #directory: string;
  readonly #identity: string;

  /** `directory` holds the checkpoints of one job. */
  constructor(directory: string, identity: string) {
    this.#directory = directory;
    this.#identity = identity;
  }

  /**
   * The counters of the last checkpoint, and whether it is of this run; undefined where there is none.
   * @throws MachineError where it cannot be read
   */
  async find(): Promise<FoundCheckpoint | undefined> {
    const last = Math.max(...(await this.#steps()));
    if (last === Number.NEGATIVE_INFINITY) return undefined;
    const folder = this.folder(last);
    return this.#reading(folder, async () => {
      const counters = await readObject(join(folder, runFile));
      if (counters === undefined) throw new MachineError(`it has no ${runFile}`);
      return { folder, isOwn: counters.run === this.#identity, state: runStateOf(counters) };
    });
  }

  /**
   * The counters of the last checkpoint; undefined where there is none.
   * @throws MachineError where it belongs to another run or cannot be read
   */
  async latest(): Promise<RunState | undefined> {
    const found = await this.find();
    if (found === undefined || found.isOwn) return found?.state;
    throw new MachineError(`the checkpoint ${found.folder} is of another run`, [
      "its data, seed, schedule or model differ from the pipeline's: change them back, or start anew without --resume",
    ]);
  }

  /** Puts the tensors back as they were after `step` steps. */
  async restore(
    executor: Pick<Executor, "tensor" | "writeBytes">,
    tensors: readonly string[],
    step: number,
  ): Promise<void> {
    const folder = this.folder(step);
    const file = await this.#reading(folder, () => openFiles([join(folder, stateFile)]));
    try {
      for (const name of tensors) {
        const { dtype, shape } = executor.tensor(name);
        const size = bytesOfDtype[dtype];
        const count = pieceBytes / size;
        for (let from = 0; from < elementCount(shape); from += count) {
          const length = Math.min(count, elementCount(shape) - from);
          const bytes = await this.#reading(folder, () => file.bytes(name, from, length));
          await executor.writeBytes(name, from * size, bytes);
        }
      }
    } finally {
      await file.close();
    }
  }

  /** Writes a checkpoint, then deletes those that are neither it nor the best. Answers where it is. */
  async save(
    executor: Pick<Executor, "tensor" | "pieces">,
    tensors: readonly string[],
    state: RunState,
  ): Promise<string> {
    const folder = this.folder(state.step);
    const draft = join(this.#directory, `.step-${state.step}.${process.pid}.part`);
    await this.#writing(folder, async () => {
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft, { recursive: true });
    });
    await writeSafetensors(
      join(draft, stateFile),
      tensors.map((name) => {
        const { dtype, shape } = executor.tensor(name);
        return { name, dtype: stored[dtype], shape, data: () => executor.pieces(name, pieceBytes) };
      }),
      { format: "ftc-run" },
    );
    const counters = { run: this.#identity, ...state };
    await writeTextAtomically(join(draft, runFile), `${JSON.stringify(counters, null, 2)}\n`);
    await this.#writing(folder, async () => {
      await replaceFolder(draft, folder);
      await this.#prune([state.step, state.best?.step]);
    });
    return folder;
  }

  folder(step: number): string {
    return join(this.#directory, `step-${step}`);
  }

  async #steps(): Promise<readonly number[]> {
    const names = await this.#names();
    return names.flatMap((name) => stepFolder.exec(name)?.slice(1).map(Number) ?? []);
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#directory);
    } catch (error) {
      if (isMissing(error)) return [];
      throw new MachineError(`reading ${this.#directory}: ${messageOf(error)}`);
    }
  }

  async #prune(kept: readonly (number | undefined)[]): Promise<void> {
    for (const step of await this.#steps()) {
      if (!kept.includes(step)) await rm(this.folder(step), { recursive: true });
    }
    for (const name of await this.#names()) {
      if (draftFolder.test(name)) await rm(join(this.#directory, name), { recursive: true });
    }
  }

  /** A checkpoint that cannot be read is not passed over: the run would silently lose what it holds. */
  async #reading<T>(folder: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof MachineError)) throw error;
      throw new MachineError(`the checkpoint ${folder} is broken: ${error.message}`, [
        "delete that folder; the run then starts from an earlier checkpoint, or from the beginning",
      ]);
    }
  }

  async #writing(folder: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw new MachineError(`writing the checkpoint ${folder}: ${messageOf(error)}`);
    }
  }
}

/** The format has no bool of 32 bits, which is how the device holds them. */
const stored: Readonly<Record<Dtype, StoredDtype>> = {
  f32: "F32",
  f16: "F16",
  i32: "I32",
  u32: "U32",
  bool: "U32",
};

/** A folder cannot be renamed onto another, so the other moves aside first. */
async function replaceFolder(draft: string, folder: string): Promise<void> {
  const aside = `${draft}.old`;
  try {
    await rename(folder, aside);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await rename(draft, folder);
  await rm(aside, { recursive: true, force: true });
  await syncFolder(join(folder, ".."));
}

/** A rename is on the disk when the folder that holds the name is. */
async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing as opening a folder.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function runStateOf(found: JsonObject): RunState {
  const number = (from: JsonObject, name: string): number => {
    const value = from[name];
    if (typeof value === "number") return value;
    throw new MachineError(`"${name}" of ${runFile} is not a number`);
  };
  const { best } = found;
  return {
    step: number(found, "step"),
    tokens: number(found, "tokens"),
    seconds: number(found, "seconds"),
    evaluated: number(found, "evaluated"),
    best: isObject(best) ? { step: number(best, "step"), loss: number(best, "loss") } : undefined,
  };
}
