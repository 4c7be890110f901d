/** A pipeline from disk: its text, the modules it imports, the headers of its checkpoints. */

import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { MachineError } from "../../runtime/errors.ts";
import { parsedObject } from "../../runtime/json.ts";
import { openCheckpoint } from "../../runtime/weights/checkpoint.ts";
import { type ModelPlace, modelPlaces } from "../../runtime/weights/hub.ts";
import type { JsonObject } from "../core/json.ts";
import { addressOf, type CheckpointFacts, type Checkpoints } from "../core/model.ts";
import { type Checked, check } from "../driver.ts";
import { loadProgram, type Program } from "../names/module.ts";
import { type SourceFile, sourceFile } from "../source/file.ts";
import type { Io } from "./command.ts";
import { libraryOf, textAt } from "./library.ts";
import { type LockFile, lockFileOf } from "./lock-file.ts";

export interface Loaded extends Checked {
  readonly program: Program;
  readonly source: SourceFile;
  /** The pipeline's folder: relative paths start there. */
  readonly directory: string;
  readonly placeOf: (address: string) => Promise<ModelPlace>;
  readonly folderOf: (address: string) => Promise<string>;
  readonly lockFile: LockFile;
}

export interface LoadOptions {
  /** Models of the hub are those that the hub has today, whatever the lock says. */
  readonly renews?: boolean;
  /** Nothing is fetched. */
  readonly isOffline?: boolean;
}

export async function loadPipeline(
  io: Io,
  file: string,
  options: LoadOptions = {},
): Promise<Loaded> {
  const path = resolve(io.cwd, file);
  const source = sourceFile(relative(io.cwd, path) || file, textAt(path, file));
  const lockFile = await lockFileOf(path, source.path);
  return loadSource(io, source, dirname(path), lockFile, options);
}

/** A pipeline whose text is at hand. */
export async function loadSource(
  io: Io,
  source: SourceFile,
  directory: string,
  lockFile: LockFile,
  { renews = false, isOffline = false }: LoadOptions = {},
): Promise<Loaded> {
  const program = loadProgram(source, libraryOf(directory));
  const locked = renews ? undefined : lockFile.lock;
  const env = isOffline ? { ...io.env, HF_HUB_OFFLINE: "1" } : io.env;
  const placeOf = modelPlaces(directory, env, (address) => locked?.models[address]?.commit);
  const folderOf = async (address: string) => (await placeOf(address)).folder;
  const checked = check(program, await checkpointsOf(program, folderOf));
  // A lock that is written anew need not be readable.
  const faults = renews ? [] : lockFile.faults;
  const diagnostics = [...faults, ...checked.diagnostics];
  return { ...checked, diagnostics, program, source, directory, placeOf, folderOf, lockFile };
}

/** The checkpoints that the program's models are read from, each once. */
export function addressesOf(program: Program): ReadonlySet<string> {
  const addresses = [...program.entry.items.values()].map((item) =>
    item.kind === "model" ? addressOf(item) : undefined,
  );
  return new Set(addresses.filter((address) => address !== undefined));
}

async function checkpointsOf(program: Program, folderOf: Loaded["folderOf"]): Promise<Checkpoints> {
  const found = new Map<string, CheckpointFacts | { fault: string }>();
  for (const address of addressesOf(program)) {
    try {
      found.set(address, await factsOf(await folderOf(address)));
    } catch (fault) {
      if (!(fault instanceof MachineError)) throw fault;
      found.set(address, { fault: fault.message });
    }
  }
  return found;
}

/** Throws a MachineError for a folder without a readable checkpoint. */
export async function factsOf(folder: string): Promise<CheckpointFacts> {
  if (!existsSync(folder)) throw new MachineError(`there is no folder ${folder}`);
  const file = join(folder, "config.json");
  const config = parsedObject(textAt(file, file), file);
  const checkpoint = await openCheckpoint(folder);
  const header = new Map(
    [...checkpoint.tensors].map(([name, tensor]) => [
      name,
      { dtype: tensor.dtype, shape: tensor.shape },
    ]),
  );
  await checkpoint.close();
  const tokenizer = join(folder, "tokenizer_config.json");
  const hasTemplate =
    existsSync(join(folder, "chat_template.jinja")) ||
    (existsSync(tokenizer) && textAt(tokenizer, tokenizer).includes('"chat_template"'));
  // What JSON.parse gives is JSON.
  return {
    config: config as JsonObject,
    header,
    hasTokenizer: existsSync(join(folder, "tokenizer.json")),
    hasTemplate,
  };
}
