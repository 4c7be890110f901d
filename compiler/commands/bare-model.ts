/**
 * A model's folder as the pipeline that one would write for it: `model model = Llama from "DIR"`, and an `adapt` for
 * an adapter of PEFT's. Which block reads the folder is for the blocks to say: the one whose `checkpoint "hf"` clause
 * has the architecture of config.json, and the adapter whose `checkpoint "peft"` clause has the type.
 */

import { join, resolve } from "node:path";
import { MachineError } from "../../runtime/errors.ts";
import { isObject, type JsonObject, readObject } from "../../runtime/json.ts";
import { hubAddress, modelFolders } from "../../runtime/weights/hub.ts";
import { isAdapter, readAdapter } from "../../runtime/weights/peft.ts";
import { checkpointOf, fileName, plainValue } from "../core/checkpoint.ts";
import type { Json } from "../core/json.ts";
import type { NamedModel } from "../core/pipeline.ts";
import { blocksOf } from "../core/tree.ts";
import { hasErrors } from "../driver.ts";
import { sourceFile } from "../source/file.ts";
import type { AdapterItem, BlockItem, Checkpoint } from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";
import { type Io, UsageError } from "./command.ts";
import { libraryOf, standardNames } from "./library.ts";
import { type Loaded, loadSource } from "./load.ts";
import type { WritableModel } from "./saved-model.ts";
import { showDiagnostics } from "./show.ts";

export interface BareModel {
  /** A folder or an `hf:` address. */
  readonly address: string;
  /** `std/llama.Llama`; found by the folder's config where it is left out. */
  readonly block: string | undefined;
  /** A folder of PEFT's. */
  readonly adapter: string | undefined;
}

/** Undefined after faults, which have been shown. */
export async function bareModel(io: Io, bare: BareModel): Promise<WritableModel | undefined> {
  const { address, adapter } = bare;
  const folder = await modelFolders(io.cwd, io.env)(address);
  if (isAdapter(folder)) throw await onlyAdapter(address, folder);
  const block = bare.block === undefined ? await blockFor(folder, address) : named(bare.block);
  const base = await loadedText(io, address, modelText(block, address));
  if (base === undefined) return undefined;
  const loaded =
    adapter === undefined
      ? base
      : await loadedText(io, address, await adaptedText(io, block, address, adapter, base));
  if (loaded === undefined) return undefined;
  const model = loaded.pipeline.models.at(-1);
  if (model === undefined) throw new MachineError(`${address} gives no model`);
  const placeOf = (origin: NamedModel) =>
    origin.kind === "adapted" && adapter !== undefined ? resolve(io.cwd, adapter) : address;
  const { folderOf, source } = loaded;
  return {
    named: model,
    source: source.path,
    placeOf,
    folderOf,
    tokenizer: folder,
  };
}

async function loadedText(io: Io, address: string, text: string): Promise<Loaded | undefined> {
  const source = sourceFile(`the pipeline for ${address}`, text);
  const noLock = { path: "", name: "", lock: undefined, faults: [] };
  const loaded = await loadSource(io, source, io.cwd, noLock);
  showDiagnostics(io, loaded.diagnostics);
  return hasErrors(loaded.diagnostics) ? undefined : loaded;
}

// The block ---------------------------------------------------------------------------------------

/** An item of a module, as an import names the two. */
interface Imported {
  readonly module: string;
  readonly name: string;
}

function modelText({ module, name }: Imported, address: string): string {
  return `import ${module}.{${name}}\n\nmodel model = ${name} from ${JSON.stringify(address)}\n`;
}

function named(written: string): Imported {
  const parts = /^([\w/]+)\.(\w+)$/.exec(written);
  if (parts !== null) return { module: parts[1], name: parts[2] };
  throw new UsageError(`--as takes a module and a block, as in std/llama.Llama`);
}

async function blockFor(folder: string, address: string): Promise<Imported> {
  const path = join(folder, "config.json");
  const config = await readObject(path);
  if (config === undefined) {
    throw new MachineError(`there is no ${path}`, [
      "a model's folder holds config.json beside its weights; a pipeline's file ends in .ftp",
    ]);
  }
  const readers = standardItems().flatMap(({ module, item }) => {
    const clause = item.kind === "block" ? checkpointOf(item, "hf") : undefined;
    return clause === undefined ? [] : [{ module, name: item.name.text, clause }];
  });
  const found = readers.find(({ clause }) => reads(clause, config));
  if (found !== undefined) return found;
  const what = JSON.stringify(config.architectures ?? config.model_type ?? "nothing");
  throw new MachineError(`no block of the standard library reads ${address}, which is ${what}`, [
    `there are ${readers.map(({ module, name }) => `${module}.${name}`).join(", ")}`,
    "a block of your own can: --as my/module.Block",
  ]);
}

/** Whether the clause names the config's architecture or, where a config names none, its type. */
function reads(clause: Checkpoint, config: JsonObject): boolean {
  const { architectures, model_type: type } = config;
  const known = constantOf(clause, "architectures");
  return Array.isArray(architectures)
    ? Array.isArray(known) && architectures.some((name) => known.includes(name))
    : type !== undefined && constantOf(clause, "model_type") === type;
}

function constantOf(clause: Checkpoint, name: string): Json | undefined {
  const binding = clause.config.find((one) => one.name.text === name);
  return binding && plainValue(binding.value);
}

function standardItems(): { module: string; item: BlockItem | AdapterItem }[] {
  const library = libraryOf("");
  return standardNames().flatMap((name) => {
    const module = `std/${name}`;
    const source = library.read(module);
    const items = source === undefined ? [] : parse(source).file.items;
    return items.flatMap((item) =>
      item.kind === "block" || item.kind === "adapter" ? [{ module, item }] : [],
    );
  });
}

// The adapter -------------------------------------------------------------------------------------

async function onlyAdapter(address: string, folder: string): Promise<MachineError> {
  const { base, weights } = await readAdapter(folder);
  await weights.close();
  return new MachineError(`${address} holds an adapter and no model`, [
    `name the model too: \`ftc generate ${base ?? "MODEL"} --adapter ${address}\``,
  ]);
}

/** What PEFT computes in another way when one of these is set, and no adapter of ours says so. */
const unread = ["use_dora", "use_rslora", "fan_in_fan_out", "lora_bias", "modules_to_save"];

async function adaptedText(
  io: Io,
  block: Imported,
  address: string,
  adapter: string,
  { pipeline }: Loaded,
): Promise<string> {
  if (hubAddress(adapter) !== undefined)
    throw new UsageError("--adapter takes a folder of this machine");
  const { config, modules, weights } = await readAdapter(resolve(io.cwd, adapter));
  await weights.close();
  const place = join(adapter, "adapter_config.json");
  const set = unread.find((field) => isSet(config[field]));
  if (set !== undefined) throw new MachineError(`${place} has ${set}, which no adapter here reads`);
  const writer = adapterFor(config, place);
  const [base] = pipeline.models;
  const clause = checkpointOf(base.model.root.item, "hf");
  const paths = new Map(
    blocksOf(base.model.root).map(({ path }) => [fileName(clause, path), path]),
  );
  const lines = modules.map(({ module, rank, alpha }) => {
    const path = paths.get(module);
    if (path === undefined) {
      throw new MachineError(`${place} adapts ${module}, which ${address} does not have`, [
        "the adapter was trained on another model",
      ]);
    }
    return `  ${writer.call({ r: rank, lora_alpha: alpha })} on ${path}`;
  });
  const imports = `import ${writer.module}.{${writer.name}}\n`;
  return `${imports}${modelText(block, address)}\nadapt adapted = model {\n${lines.join("\n")}\n}\n`;
}

function isSet(field: unknown): boolean {
  if (Array.isArray(field)) return field.length > 0;
  return isObject(field) ? Object.keys(field).length > 0 : Boolean(field);
}

interface AdapterCall extends Imported {
  /** The adapter with values of PEFT's fields, as a pipeline writes it. */
  readonly call: (fields: Readonly<Record<string, number>>) => string;
}

function adapterFor(config: JsonObject, place: string): AdapterCall {
  for (const { module, item } of standardItems()) {
    if (item.kind !== "adapter") continue;
    const clause = item.rewrites
      .map((rule) => checkpointOf(rule, "peft"))
      .find((one) => one !== undefined && constantOf(one, "peft_type") === config.peft_type);
    if (clause === undefined) continue;
    const name = item.name.text;
    const call = (fields: Readonly<Record<string, number>>): string => {
      const given = clause.config.flatMap(({ name: field, value }) => {
        const parameter = value.kind === "name" ? value.text : undefined;
        const amount = fields[field.text];
        if (parameter === undefined || amount === undefined) return [];
        return [`${parameter} = ${literal(amount, typeOf(item, parameter))}`];
      });
      return `${name}(${given.join(", ")})`;
    };
    return { module, name, call };
  }
  throw new MachineError(`${place}: no adapter of the standard library is ${config.peft_type}`);
}

function typeOf(item: AdapterItem, parameter: string): string | undefined {
  const type = item.params.find((param) => param.name.text === parameter)?.type;
  return type?.kind === "named-type" ? type.name.text : undefined;
}

/** A float is written as one: whole numbers are of another type. */
function literal(amount: number, type: string | undefined): string {
  return type === "float" && Number.isInteger(amount) ? `${amount}.0` : String(amount);
}
