/** The tiny llamas of the fixtures as graphs: read from their folders as a pipeline would, and run on the CPU. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { adapted } from "../../compiler/core/adapt.ts";
import { checkpointOf, fileName } from "../../compiler/core/checkpoint.ts";
import { type Model, modelOf } from "../../compiler/core/model.ts";
import { parametersOf, tiesOf } from "../../compiler/core/tree.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { numbersOf } from "../../compiler/graph/lower.ts";
import type { BatchColumn, Trained } from "../../compiler/graph/programs.ts";
import type { Module } from "../../compiler/names/module.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";
import { checking } from "../../compiler/types/check.ts";
import { moduleScope } from "../../compiler/types/scope.ts";
import type { Definition, Value } from "../../compiler/types/value.ts";
import { openFiles } from "../../runtime/weights/checkpoint.ts";
import { loaded } from "../support/library.ts";

export const folderOf = (name: string) =>
  fileURLToPath(new URL(`../fixtures/${name}/`, import.meta.url));

const source = `import std/llama.{Llama}
import std/lora.{Lora}
import std/loss.{next_token}
import std/optim.{adamw}
import std/schedule.{cosine}

model base = Llama from "model"

adapt tuned = base {
  Lora(rank = 4, alpha = 8.0) on layers.*.self_attn.{q_proj, k_proj, v_proj, o_proj}
  Lora(rank = 4, alpha = 8.0) on layers.*.mlp.{gate_proj, up_proj, down_proj}
}
`;

export interface Llama {
  readonly module: Module;
  readonly model: Model;
  readonly nameOf: (path: string) => string;
  readonly trained: readonly Trained[];
  /** Names of trained tensors as the fixtures' files have them. */
  readonly fileNames: ReadonlyMap<string, string>;
}

/** All of the llama is trained, or, with adapters, they alone. */
export async function llama(name: string, tuning: "full" | "lora"): Promise<Llama> {
  const { entry } = loaded(source);
  const found: Diagnostic[] = [];
  const context = checking(found);
  const folder = folderOf(name);
  const checkpoint = await openFiles([`${folder}model/model.safetensors`]);
  await checkpoint.close();
  const config = JSON.parse(readFileSync(`${folder}model/config.json`, "utf8"));
  const facts = { config, header: checkpoint.tensors, hasTokenizer: false, hasTemplate: false };
  const item = entry.items.get("base");
  const adapt = entry.items.get("tuned");
  if (item?.kind !== "model" || adapt?.kind !== "adapt") throw new Error("the source has changed");
  const base = modelOf(context, moduleScope(entry), item, new Map([["model", facts]]));
  if (base === undefined) throw new Error(found.map((fault) => fault.title).join("; "));
  const model =
    tuning === "full"
      ? base
      : { ...base, ...adapted(context, moduleScope(entry), base.root, adapt) };
  if (found.length > 0) throw new Error(found.map((fault) => fault.title).join("; "));
  const ties = tiesOf(model.root);
  const clause = checkpointOf(model.root.item, "hf");
  const fileNames = new Map<string, string>();
  const trained: Trained[] = [];
  for (const { parameter, name: own, owner } of parametersOf(model.root)) {
    if (ties.has(parameter.path)) continue;
    const isTrained = model.trained === "all" || model.trained.has(parameter.path);
    const inFile =
      owner.adapter === undefined
        ? fileName(clause, parameter.path)
        : `base_model.model.${fileName(clause, owner.path)}.${own}.weight`;
    fileNames.set(parameter.path, inFile);
    if (isTrained)
      trained.push({
        name: parameter.path,
        type: { dtype: "f32", shape: numbersOf(parameter.shape) },
      });
  }
  return { module: entry, model, nameOf: (path) => ties.get(path) ?? path, trained, fileNames };
}

/** The tensors of files under their names. */
export async function tensorsOf(paths: readonly string[]): Promise<Map<string, NdArray>> {
  const files = await openFiles(paths);
  const tensors = new Map<string, NdArray>();
  for (const [name, { dtype, shape }] of files.tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    const bytes = await files.bytes(name, 0, count);
    const data =
      dtype === "F32"
        ? new Float32Array(bytes.slice().buffer)
        : dtype === "I32"
          ? new Int32Array(bytes.slice().buffer)
          : bytes;
    tensors.set(
      name,
      ndarray(dtype === "F32" ? "f32" : dtype === "I32" ? "i32" : "bool", shape, data),
    );
  }
  await files.close();
  return tensors;
}

/** The fixture's weights, base and adapter, by the names of our tensors. */
export async function weightsOf(
  name: string,
  { fileNames }: Llama,
): Promise<Record<string, NdArray>> {
  const folder = folderOf(name);
  const files = await tensorsOf([
    `${folder}model/model.safetensors`,
    `${folder}adapter/adapter_model.safetensors`,
  ]);
  return Object.fromEntries([...fileNames].map(([path, file]) => [path, expectedOf(files, file)]));
}

export function expectedOf(tensors: ReadonlyMap<string, NdArray>, name: string): NdArray {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`the fixture has no ${name}`);
  return found;
}

export const columns: ReadonlyMap<string, BatchColumn> = new Map([
  ["tokens", { dtype: "i32", shape: [24] }],
  ["position", { dtype: "i32", shape: [24] }],
  ["segment", { dtype: "i32", shape: [24] }],
  ["learn", { dtype: "bool", shape: [24] }],
]);

/** A model is not asked what is to be learned. */
export const logitColumns: typeof columns = new Map(
  [...columns].filter(([name]) => name !== "learn"),
);

/** Batch `at` of the four, column by column. */
export function batchOf(
  batches: ReadonlyMap<string, NdArray>,
  at: number,
): Record<string, NdArray> {
  const size = 2 * 24;
  return Object.fromEntries(
    [...batches].map(([name, { dtype, data }]) => [
      name,
      ndarray(dtype, [2, 24], data.slice(at * size, (at + 1) * size)),
    ]),
  );
}

/** A definition of the parity source by its name. */
export function definition(module: Module, name: string): Definition {
  const context = checking([]);
  const expr = { kind: "name", text: name, span: module.file.items[0].span } as const;
  const value: Value = context.evaluate(context, moduleScope(module), expr);
  if (value.kind !== "definition") throw new Error(`${name} is no definition`);
  return value;
}
