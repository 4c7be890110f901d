/**
 * Adapters in the layout of PEFT (Hugging Face): `adapter_config.json` and `adapter_model.safetensors`. The
 * config has the core fields and those that are not at their defaults, since an older PEFT refuses fields
 * that it does not know.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { MachineError, messageOf, planFault } from "../errors.ts";
import { isObject, type JsonObject, readObject } from "../json.ts";
import type { AdapterPlan, PeftLayout } from "../plan.ts";
import { writeTextAtomically } from "./atomic.ts";
import { type Checkpoint, openFiles } from "./checkpoint.ts";
import { type TensorToWrite, writeSafetensors } from "./write.ts";

/** One parameter of an adapter on one module: `lora_A` of `model.layers.0.self_attn.q_proj`. */
export interface AdapterTensor extends Omit<TensorToWrite, "name"> {
  readonly module: string;
  readonly parameter: string;
}

export interface AdapterToWrite {
  /** `org/name` of the base model, or its folder; undefined for one that was never written. */
  readonly base: string | undefined;
  readonly adapters: readonly AdapterPlan[];
  readonly tensors: readonly AdapterTensor[];
  /** Every module of the model that has a weight: short names of targets are used where they mean the same. */
  readonly modules: readonly string[];
  /** `CAUSAL_LM`, `SEQ_CLS`, `SEQ_2_SEQ_LM`, `TOKEN_CLS`. */
  readonly task: string | undefined;
}

/** The version of PEFT whose fields we write. */
const peftVersion = "0.15.0";

const prefix = "base_model.model.";

const adapterFile = "adapter_model.safetensors";
/** What was trained and is no adapter's, by the checkpoint's names; no file of PEFT's. */
export const trainedFile = "trained.safetensors";

/** Fields that may differ from module to module, and where PEFT keeps the differences. */
const patterned = { r: "rank_pattern", lora_alpha: "alpha_pattern" } as const;

/** Writes the two files and a card. Throws a MachineError for an adapter that PEFT has no layout for. */
export async function writeAdapter(folder: string, adapter: AdapterToWrite): Promise<void> {
  const config = `${JSON.stringify(adapterConfig(adapter), undefined, 2)}\n`;
  const layouts = layoutsOf(adapter.adapters);
  await writeSafetensors(
    join(folder, adapterFile),
    adapter.tensors.map((tensor) => ({ ...tensor, name: keyOf(tensor, layouts) })),
  );
  await writeTextAtomically(join(folder, "adapter_config.json"), config);
  await writeTextAtomically(join(folder, "README.md"), card(adapter.base));
}

/** The contents of adapter_config.json. */
export function adapterConfig(adapter: AdapterToWrite): Readonly<Record<string, unknown>> {
  const layouts = layoutsOf(adapter.adapters);
  const fields = new Set([...layouts.values()].flatMap((layout) => Object.keys(layout.config)));
  const config: Record<string, unknown> = {};
  for (const field of [...fields].sort()) {
    const values = new Map([...layouts].map(([module, layout]) => [module, layout.config[field]]));
    const usual = mostFrequent([...values.values()]);
    config[field] = usual;
    const different = [...values].filter(([, value]) => value !== usual);
    if (different.length === 0) continue;
    if (!isPatterned(field))
      return refuse(`${field} is not the same everywhere`, "there is one of it");
    config[patterned[field]] = Object.fromEntries(patternFor(different, adapter.modules));
  }
  return {
    ...config,
    peft_version: peftVersion,
    task_type: adapter.task ?? null,
    base_model_name_or_path: adapter.base ?? null,
    inference_mode: true,
    target_modules: shortened([...layouts.keys()], adapter.modules),
  };
}

/** `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight` */
function keyOf(tensor: AdapterTensor, layouts: ReadonlyMap<string, PeftLayout>): string {
  const end = layouts.get(tensor.module)?.weights[tensor.parameter];
  if (end !== undefined) return `${prefix}${tensor.module}.${end}`;
  return planFault(`no adapter on ${tensor.module} says how PEFT calls ${tensor.parameter}`);
}

function layoutsOf(adapters: readonly AdapterPlan[]): ReadonlyMap<string, PeftLayout> {
  const layouts = new Map<string, PeftLayout>();
  for (const { name, modules, peft } of adapters) {
    if (peft === undefined)
      return refuse(`${name} has no \`checkpoint "peft"\``, "that names its fields");
    for (const module of modules) {
      if (layouts.has(module)) return refuse(`two are on ${module}`, "a module has one");
      layouts.set(module, peft);
    }
  }
  return layouts;
}

type Field = PeftLayout["config"][string];

function isPatterned(field: string): field is keyof typeof patterned {
  return Object.hasOwn(patterned, field);
}

function refuse(what: string, why: string): never {
  throw new MachineError(`PEFT's files cannot say this adapter: ${what}, and ${why}`, [
    "export the merged model instead",
  ]);
}

/** Of equally frequent values the first. */
function mostFrequent(values: readonly (Field | undefined)[]): Field | undefined {
  const counts = new Map<Field | undefined, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** The shortest names that mean the modules with a value and no others. */
function patternFor(
  different: readonly (readonly [module: string, value: Field | undefined])[],
  modules: readonly string[],
): readonly (readonly [string, Field | undefined])[] {
  const values = new Set(different.map(([, value]) => value));
  return [...values].flatMap((value) => {
    const same = different.filter(([, other]) => other === value).map(([module]) => module);
    return shortened(same, modules).map((name) => [name, value] as const);
  });
}

/**
 * The last names of the chosen modules where every module with that last name is chosen, else their whole
 * paths: PEFT takes a target that ends a module's path, after a point.
 */
function shortened(chosen: readonly string[], modules: readonly string[]): readonly string[] {
  const isChosen = new Set(chosen);
  const partly = new Set(modules.filter((module) => !isChosen.has(module)).map(lastName));
  return [
    ...new Set(chosen.map((module) => (partly.has(lastName(module)) ? module : lastName(module)))),
  ];
}

function lastName(module: string): string {
  return module.slice(module.lastIndexOf(".") + 1);
}

function card(base: string | undefined): string {
  const head = base === undefined ? "" : `base_model: ${base}\n`;
  const start = base === undefined ? "a base model" : `\`${base}\``;
  return `---\nlibrary_name: peft\n${head}---\n\nAn adapter for ${start}, trained with ftc.\n`;
}

// Reading ---------------------------------------------------------------------------------------

export interface AdapterRead {
  readonly base: string | undefined;
  /** The contents of adapter_config.json. */
  readonly config: JsonObject;
  readonly modules: readonly AdaptedModule[];
  /** Its tensors by PEFT's keys; close it. */
  readonly weights: Checkpoint;
}

export interface AdaptedModule {
  readonly module: string;
  readonly rank: number;
  readonly alpha: number;
  /** The ends of its keys: `lora_A.weight`, `lora_B.weight`, … */
  readonly parameters: readonly string[];
}

/** Throws a MachineError for files that are not LoRA's, or that do not hold together. */
export async function readAdapter(folder: string): Promise<AdapterRead> {
  const path = join(folder, "adapter_config.json");
  const config = await readObject(path);
  if (config === undefined)
    throw new MachineError(`there is no ${path}`, ["an adapter's folder holds one"]);
  const fault = (message: string): never => {
    throw new MachineError(`${path}: ${message}`);
  };
  const { peft_type: type, r, lora_alpha: alpha, base_model_name_or_path: base } = config;
  if (type !== "LORA") return fault(`peft_type is ${JSON.stringify(type)}, and we read LORA`);
  if (typeof r !== "number" || typeof alpha !== "number")
    return fault("r and lora_alpha are not numbers");
  const ranks = patternOf(config.rank_pattern, fault);
  const alphas = patternOf(config.alpha_pattern, fault);
  const weights = await openFiles([join(folder, adapterFile)]);
  const modules: AdaptedModule[] = [];
  for (const [module, parameters] of parametersByModule([...weights.tensors.keys()])) {
    const rank = matched(ranks, module) ?? r;
    modules.push({ module, rank, alpha: matched(alphas, module) ?? alpha, parameters });
    const down = weights.tensors.get(`${prefix}${module}.lora_A.weight`);
    if (down === undefined || down.shape[0] === rank) continue;
    await weights.close();
    return fault(`${module} has rank ${down.shape[0]} in the weights and ${rank} here`);
  }
  return { base: typeof base === "string" ? base : undefined, config, modules, weights };
}

/**
 * An adapter's tensors by the names that a checkpoint would give them, with those of `trained.safetensors`, which
 * holds what was trained beside it.
 */
export async function openAdapter(folder: string): Promise<Checkpoint> {
  const files = [join(folder, adapterFile)];
  if (existsSync(join(folder, trainedFile))) files.push(join(folder, trainedFile));
  const { tensors, ...opened } = await openFiles(files);
  const keys = new Map([...tensors.keys()].map((key) => [withoutPrefix(key), key]));
  const keyOf = (name: string): string => keys.get(name) ?? name;
  return {
    ...opened,
    tensors: new Map([...tensors].map(([key, tensor]) => [withoutPrefix(key), tensor])),
    bytes: (name, from, count) => opened.bytes(keyOf(name), from, count),
    singles: (name) => opened.singles(keyOf(name)),
    pieces: (name, as, count) => opened.pieces(keyOf(name), as, count),
  };
}

/** Whether a folder holds an adapter, and not a whole model. */
export function isAdapter(folder: string): boolean {
  return existsSync(join(folder, "adapter_config.json"));
}

function withoutPrefix(key: string): string {
  return key.startsWith(prefix) ? key.slice(prefix.length) : key;
}

/** Keys end in `.weight`, in `.bias`, or, as a DoRA magnitude does, in the parameter itself. */
function parametersByModule(keys: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const modules = new Map<string, string[]>();
  for (const key of keys) {
    const path = withoutPrefix(key);
    const parts = /^(.*?)\.([^.]+(?:\.weight|\.bias)?)$/.exec(path);
    const [module, parameter] = parts === null ? ["", path] : [parts[1], parts[2]];
    modules.set(module, [...(modules.get(module) ?? []), parameter]);
  }
  return modules;
}

type Pattern = readonly (readonly [name: RegExp, value: number])[];

/** Names are regular expressions for the end of a module's path. */
function patternOf(value: unknown, fault: (message: string) => never): Pattern {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, number]) => {
    if (typeof number !== "number") return fault(`the pattern ${name} is no number`);
    try {
      return [new RegExp(`^(?:.*\\.)?(?:${name})$`), number] as const;
    } catch (thrown) {
      return fault(messageOf(thrown));
    }
  });
}

function matched(pattern: Pattern, module: string): number | undefined {
  return pattern.find(([name]) => name.test(module))?.[1];
}
