/** A pipeline from disk: its text, the modules it imports, the headers of its checkpoints, its data. */

import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Dataset } from "../../runtime/data/dataset.ts";
import type { DataFault } from "../../runtime/data/fault.ts";
import { type DataSession, dataSession } from "../../runtime/data/run.ts";
import { MachineError } from "../../runtime/errors.ts";
import { parsedObject } from "../../runtime/json.ts";
import { openCheckpoint } from "../../runtime/weights/checkpoint.ts";
import { type ModelPlace, modelPlaces } from "../../runtime/weights/hub.ts";
import { bug } from "../bug.ts";
import type { JsonObject } from "../core/json.ts";
import { addressOf, type CheckpointFacts, type Checkpoints } from "../core/model.ts";
import { covers, withAllows } from "../diagnostics/allow.ts";
import { allowable, isAllowable } from "../diagnostics/codes.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { type Checked, check } from "../driver.ts";
import { loadProgram, type Program } from "../names/module.ts";
import { type DataFacts, dataPlanOf, datasetsOf } from "../plan/assemble.ts";
import { type SourceFile, type Span, sourceFile } from "../source/file.ts";
import type { Io } from "./command.ts";
import { useFaults } from "./data-checks.ts";
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

// Data ------------------------------------------------------------------------------------------

export interface CountedData {
  readonly session: DataSession;
  readonly facts: ReadonlyMap<string, DataFacts>;
  /** Of the datasets without errors. */
  readonly datasets: ReadonlyMap<string, Dataset>;
  readonly tokens: ReadonlyMap<
    string,
    { windows: number; rows: number; tokens: number; learned: number }
  >;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads every dataset of the pipeline's steps: what data decide, before a GPU is touched. */
export async function countData(loaded: Loaded): Promise<CountedData> {
  const session = dataSession(loaded.directory, loaded.folderOf);
  const facts = new Map<string, DataFacts>();
  const datasets = new Map<string, Dataset>();
  const tokens = new Map<
    string,
    { windows: number; rows: number; tokens: number; learned: number }
  >();
  const found: Diagnostic[] = [];
  const counted = datasetsOf(loaded.pipeline);
  for (const [name, dataset] of counted) {
    const { at } = dataset;
    const { dataset: made, faults } = await session.run(dataPlanOf(dataset));
    found.push(...faults.map((fault) => dataDiagnostic(fault, at)));
    if (made === undefined) continue;
    facts.set(name, { windows: made.count, hash: made.hash });
    datasets.set(name, made);
    const { windows, rows, tokens: count, learned } = made.statistics;
    tokens.set(name, { windows, rows, tokens: count, learned });
  }
  for (const { name, fault } of useFaults(loaded.pipeline, datasets)) {
    const { at } = counted.get(name) ?? bug(`${name} was counted and is read by no step`);
    found.push(dataDiagnostic(fault, at));
  }
  const places = [...counted.values()].map(({ at }) => at);
  const diagnostics = withAllows(
    found,
    loaded.allows,
    (allow) => allowable[allow.slug] === "rows" && places.some((at) => covers(allow, at)),
  );
  return { session, facts, datasets, tokens, diagnostics };
}

/** A fault of rows as a diagnostic of the dataset, with the places in its file. */
export function dataDiagnostic(fault: DataFault, at: Span): Diagnostic {
  const more = fault.examples.slice(1).map((one) => one.line);
  const rest = fault.count - fault.examples.length;
  const notes =
    more.length > 0
      ? [`The same in lines ${more.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`]
      : [];
  const others = fault.count > 1 ? ` and ${(fault.count - 1).toLocaleString("en-US")} more` : "";
  const place = fault.line > 0 ? ` (${fault.file}:${fault.line}${others})` : "";
  const { slug, severity, message } = fault;
  const parts = { at, title: `${message.replace(/\.$/, "")}${place}`, notes };
  if (severity === "error") return error(slug, parts);
  return warning(isAllowable(slug) ? slug : bug(`${slug} is no warning`), parts);
}
