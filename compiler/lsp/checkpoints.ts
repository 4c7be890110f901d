/**
 * What checkpoints say of themselves, for checks at every edit: read when their files change, and never fetched. A
 * model of the hub that is not on this machine is `absent`, which is no fault of the program.
 */

import { statSync } from "node:fs";
import { join } from "node:path";
import { MachineError } from "../../runtime/errors.ts";
import { hubAddress, modelPlaces, namedFiles } from "../../runtime/weights/hub.ts";
import { addressesOf, factsOf } from "../commands/load.ts";
import { type LockFile, lockFileOf } from "../commands/lock-file.ts";
import type { CheckpointFacts, Checkpoints } from "../core/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Program } from "../names/module.ts";

type Facts = CheckpointFacts | { readonly fault: string };

export interface Known {
  readonly checkpoints: Checkpoints;
  /** Addresses of models that were never fetched. */
  readonly absent: ReadonlySet<string>;
  /** What is wrong with the lock that says which models they are. */
  readonly faults: readonly Diagnostic[];
}

export class CheckpointReader {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #locks = new Map<string, { readonly state: string; readonly file: LockFile }>();
  readonly #read = new Map<string, { readonly state: string; readonly facts: Facts }>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = { ...env, HF_HUB_OFFLINE: "1" };
  }

  /** Of the models of a program in `directory`; `path` is the pipeline's own, beside which its lock lies. */
  async of(program: Program, path: string, directory: string): Promise<Known> {
    const addresses = addressesOf(program);
    const { lock, faults } = await this.#lock(path, program.entry.file.source.path);
    const placeOf = modelPlaces(directory, this.#env, (address) => lock?.models[address]?.commit);
    const checkpoints = new Map<string, Facts>();
    const absent = new Set<string>();
    for (const address of addresses) {
      const folder = await folderOf(placeOf, address);
      if (typeof folder === "string") checkpoints.set(address, await this.#facts(folder));
      else if (isAddress(address)) absent.add(address);
      else checkpoints.set(address, folder);
    }
    return { checkpoints, absent, faults };
  }

  /** Read again when its file changes. */
  async #lock(path: string, shown: string): Promise<LockFile> {
    const state = stateOf([`${path}.lock`]);
    const known = this.#locks.get(path);
    if (known?.state === state) return known.file;
    const file = await lockFileOf(path, shown);
    this.#locks.set(path, { state, file });
    return file;
  }

  async #facts(folder: string): Promise<Facts> {
    const state = stateOf(namedFiles.map((name) => join(folder, name)));
    const known = this.#read.get(folder);
    if (known?.state === state) return known.facts;
    const facts = await orFault(() => factsOf(folder));
    this.#read.set(folder, { state, facts });
    return facts;
  }
}

async function folderOf(
  placeOf: ReturnType<typeof modelPlaces>,
  address: string,
): Promise<string | { readonly fault: string }> {
  return orFault(async () => (await placeOf(address)).folder);
}

async function orFault<T>(work: () => Promise<T>): Promise<T | { readonly fault: string }> {
  try {
    return await work();
  } catch (fault) {
    if (!(fault instanceof MachineError)) throw fault;
    return { fault: fault.message };
  }
}

/** An address that could be fetched; one that is written wrongly is a fault of the program. */
function isAddress(text: string): boolean {
  try {
    return hubAddress(text) !== undefined;
  } catch (fault) {
    if (!(fault instanceof MachineError)) throw fault;
    return false;
  }
}

/** Sizes and times, by which it is seen whether files changed. */
function stateOf(files: readonly string[]): string {
  return files
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? "" : `${stat.size} ${stat.mtimeMs}`))
    .join();
}
