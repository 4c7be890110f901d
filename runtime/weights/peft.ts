/**
 * Adapters in the layout of PEFT (Hugging Face): `adapter_config.json` and `adapter_model.safetensors`. The
 * config has the core fields and those that are not at their defaults, since an older PEFT refuses fields
 * that it does not know.
 */

import { join } from "node:path";
import { MachineError, planFault } from "../errors.ts";
import { isObject, readObject } from "../json.ts";
import type { AdapterPlan } from "../plan.ts";
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

/** Adapters of the standard library that PEFT knows, and the fields that tell them from plain LoRA. */
const kinds: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  Lora: {},
  RsLora: { use_rslora: true },
  Dora: { use_dora: true },
};

/** Parameters whose key ends in `.weight`; a DoRA magnitude and the embedding pair are bare. */
const withWeight = new Set(["lora_A", "lora_B"]);
const prefix = "base_model.model.";

/** `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight` */
export function peftKey(module: string, parameter: string): string {
  return `${prefix}${module}.${parameter}${withWeight.has(parameter) ? ".weight" : ""}`;
}

/** Writes the two files and a card. Throws a MachineError for an adapter that PEFT has no layout for. */
export async function writeAdapter(folder: string, adapter: AdapterToWrite): Promise<void> {
  const config = `${JSON.stringify(adapterConfig(adapter), undefined, 2)}\n`;
  await writeSafetensors(
    join(folder, "adapter_model.safetensors"),
    adapter.tensors.map((tensor) => ({
      ...tensor,
      name: peftKey(tensor.module, tensor.parameter),
    })),
  );
  await writeTextAtomically(join(folder, "adapter_config.json"), config);
  await writeTextAtomically(join(folder, "README.md"), card(adapter.base));
}

/** The contents of adapter_config.json. */
export function adapterConfig(adapter: AdapterToWrite): Readonly<Record<string, unknown>> {
  const applied = new Map<string, Scaling>();
  for (const plan of adapter.adapters) {
    for (const module of plan.modules) applied.set(module, scalingOf(plan));
  }
  const usual = mostFrequent([...applied.values()]);
  const drops = new Set(adapter.adapters.map((plan) => numberOf(plan, "drop", 0)));
  if (drops.size > 1)
    refuse("its parts have different dropouts", "an adapter has one `lora_dropout`");
  const targets = shortened([...applied.keys()], adapter.modules);
  return {
    peft_type: "LORA",
    peft_version: peftVersion,
    task_type: adapter.task ?? null,
    base_model_name_or_path: adapter.base ?? null,
    inference_mode: true,
    r: usual.rank,
    lora_alpha: usual.alpha,
    lora_dropout: [...drops][0] ?? 0,
    bias: "none",
    fan_in_fan_out: false,
    init_lora_weights: true,
    target_modules: targets,
    modules_to_save: null,
    ...pattern("rank_pattern", applied, adapter.modules, usual, (scaling) => scaling.rank),
    ...pattern("alpha_pattern", applied, adapter.modules, usual, (scaling) => scaling.alpha),
    ...kindOf(adapter.adapters),
  };
}

interface Scaling {
  readonly rank: number;
  readonly alpha: number;
}

function scalingOf(plan: AdapterPlan): Scaling {
  return { rank: numberOf(plan, "rank"), alpha: numberOf(plan, "alpha") };
}

function numberOf(plan: AdapterPlan, name: string, whenAbsent?: number): number {
  const value = plan.arguments[name] ?? whenAbsent;
  return typeof value === "number"
    ? value
    : planFault(`the adapter ${plan.name} has no number ${name}`);
}

function kindOf(adapters: readonly AdapterPlan[]): Readonly<Record<string, boolean>> {
  const names = [...new Set(adapters.map((plan) => plan.name))];
  if (names.length > 1) refuse(`it mixes ${names.join(" and ")}`, "an adapter is of one kind");
  const [name] = names;
  return Object.hasOwn(kinds, name)
    ? kinds[name]
    : refuse(`it is ${name}`, "PEFT does not know that kind");
}

function refuse(what: string, why: string): never {
  throw new MachineError(`PEFT's files cannot say this adapter: ${what}, and ${why}`, [
    "export the merged model instead",
  ]);
}

function mostFrequent(scalings: readonly Scaling[]): Scaling {
  const counts = new Map<string, { readonly scaling: Scaling; count: number }>();
  for (const scaling of scalings) {
    const key = `${scaling.rank} ${scaling.alpha}`;
    const entry = counts.get(key) ?? { scaling, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  const [first, ...others] = counts.values();
  if (first === undefined) return planFault("an adapter on no module is written");
  return others.reduce((best, entry) => (entry.count > best.count ? entry : best), first).scaling;
}

/** Where modules differ from the usual number, by the shortest names that mean them and no others. */
function pattern(
  field: "rank_pattern" | "alpha_pattern",
  applied: ReadonlyMap<string, Scaling>,
  modules: readonly string[],
  usual: Scaling,
  read: (scaling: Scaling) => number,
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const byNumber = new Map<number, string[]>();
  for (const [module, scaling] of applied) {
    const number = read(scaling);
    if (number === read(usual)) continue;
    const same = byNumber.get(number);
    if (same === undefined) byNumber.set(number, [module]);
    else same.push(module);
  }
  if (byNumber.size === 0) return {};
  const entries = [...byNumber].flatMap(([number, same]) =>
    shortened(same, modules).map((name) => [name, number] as const),
  );
  return { [field]: Object.fromEntries(entries) };
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
  return `---\nlibrary_name: peft\n${head}---\n\nA low-rank adapter for ${start}, trained with ftc.\n`;
}

// Reading ---------------------------------------------------------------------------------------

export interface AdapterRead {
  readonly base: string | undefined;
  /** `Lora`, `RsLora` or `Dora`. */
  readonly kind: string;
  readonly modules: readonly AdaptedModule[];
  /** Its tensors by PEFT's keys; close it. */
  readonly weights: Checkpoint;
}

export interface AdaptedModule {
  readonly module: string;
  readonly rank: number;
  readonly alpha: number;
  /** `lora_A`, `lora_B`, … */
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
  const { peft_type: type, r, lora_alpha: alpha } = config;
  if (type !== "LORA") return fault(`peft_type is ${JSON.stringify(type)}, and we read LORA`);
  if (typeof r !== "number" || typeof alpha !== "number")
    return fault("r and lora_alpha are not numbers");
  if (config.fan_in_fan_out === true) return fault("fan_in_fan_out weights are not read yet");
  const ranks = patternOf(config.rank_pattern);
  const alphas = patternOf(config.alpha_pattern);
  const weights = await openFiles([join(folder, "adapter_model.safetensors")]);
  const parameters = new Map<string, string[]>();
  for (const key of weights.tensors.keys()) {
    const { module, parameter } = partsOf(key);
    const known = parameters.get(module);
    if (known === undefined) parameters.set(module, [parameter]);
    else known.push(parameter);
  }
  const modules = [...parameters].map(([module, names]) => ({
    module,
    rank: matched(ranks, module) ?? r,
    alpha: matched(alphas, module) ?? alpha,
    parameters: names.sort(),
  }));
  for (const { module, rank } of modules) {
    const down = weights.tensors.get(peftKey(module, "lora_A"));
    if (down === undefined || down.shape[0] === rank) continue;
    await weights.close();
    return fault(`${module} has rank ${down.shape[0]} in the weights and ${rank} in the config`);
  }
  const kind = config.use_dora === true ? "Dora" : config.use_rslora === true ? "RsLora" : "Lora";
  const { base_model_name_or_path: base } = config;
  return { base: typeof base === "string" ? base : undefined, kind, modules, weights };
}

function partsOf(key: string): { readonly module: string; readonly parameter: string } {
  const path = (key.startsWith(prefix) ? key.slice(prefix.length) : key).replace(/\.weight$/, "");
  const at = path.lastIndexOf(".");
  return { module: path.slice(0, at), parameter: path.slice(at + 1) };
}

function patternOf(value: unknown): readonly (readonly [RegExp, number])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, number]) =>
    typeof number === "number" ? [[new RegExp(`^(.*\\.)?(${name})$`), number] as const] : [],
  );
}

function matched(
  patterns: readonly (readonly [RegExp, number])[],
  module: string,
): number | undefined {
  return patterns.find(([expression]) => expression.test(module))?.[1];
}
