/**
 * Writes a model of a plan as others read it: its adapters in PEFT's layout, or the whole model in the
 * layout of its checkpoint. Weights leave the device piece by piece; those that nothing changed are copied
 * from the checkpoint's files.
 */

import { join } from "node:path";
import { MachineError, planFault } from "./errors.ts";
import type { Executor } from "./execute.ts";
import { readObject } from "./json.ts";
import type { ResolveCheckpoint } from "./load.ts";
import type { FileDtype, MergePlan, ModelPlan, ParameterPlan } from "./plan.ts";
import { elementCount, type TensorData, viewOf } from "./tensor-data.ts";
import type { Tokenizer } from "./tokenizer/tokenizer.ts";
import { type Checkpoint, openCheckpoint } from "./weights/checkpoint.ts";
import { halfToSingle, singleToBrain, singleToHalf } from "./weights/float.ts";
import { copyCompanions, writeModel } from "./weights/model.ts";
import { type AdapterTensor, adapterConfig, trainedFile, writeAdapter } from "./weights/peft.ts";
import { bytesOf, type TensorToWrite, writeSafetensors } from "./weights/write.ts";

export interface ModelExport {
  readonly executor: Executor;
  readonly model: ModelPlan;
  readonly tokenizer: Tokenizer | undefined;
  readonly resolve: ResolveCheckpoint;
}

const stored = { f32: "F32", f16: "F16", bf16: "BF16" } as const;

/** What Transformers calls them in config.json. */
const torchNames = { f32: "float32", f16: "float16", bf16: "bfloat16" } as const;

/** Elements converted at a time. */
const pieceElements = 16 * 2 ** 20;

/**
 * The adapters of a model, with the tokenizer's files beside them. What was trained and is not an adapter's,
 * such as a new head, goes to `trained.safetensors` by the checkpoint's names.
 */
export async function exportAdapters(
  { executor, model, tokenizer }: ModelExport,
  folder: string,
): Promise<void> {
  const tensors = model.parameters.flatMap((parameter): readonly AdapterTensor[] => {
    const { adapter, tensor } = parameter;
    if (adapter === undefined) return [];
    const { shape } = executor.tensor(tensor);
    return [{ ...adapter, dtype: "F32", shape, data: () => onDevice(executor, parameter, "f32") }];
  });
  await writeAdapter(folder, {
    base: model.checkpoint && baseOf(model.checkpoint),
    adapters: model.adapters,
    tensors,
    modules: modulesOf(model),
    task: model.task,
  });
  const others = model.parameters.filter(({ adapter, trained }) => trained && !adapter);
  if (others.length > 0) {
    await writeSafetensors(
      join(folder, trainedFile),
      others.map((parameter): TensorToWrite => {
        const { shape } = executor.tensor(parameter.tensor);
        const data = () => onDevice(executor, parameter, "f32");
        return { name: parameter.name, dtype: "F32", shape, data };
      }),
    );
  }
  if (tokenizer?.folder !== undefined) await copyCompanions(tokenizer.folder, folder);
}

/** What says which base an adapter was trained on and by which PEFT, and nothing of how it computes. */
const provenance: readonly string[] = ["peft_version", "task_type", "base_model_name_or_path"];

/**
 * Refuses an adapter that was saved of another model than the plan's: with another rank or scale its weights would
 * still load, and mean something else.
 * @throws MachineError
 */
export async function requireSavedOf(model: ModelPlan, folder: string): Promise<void> {
  const modules = modulesOf(model);
  const { adapters, task } = model;
  const wanted = adapterConfig({ base: undefined, adapters, tensors: [], modules, task });
  const saved = (await readObject(join(folder, "adapter_config.json"))) ?? {};
  for (const [field, value] of Object.entries(wanted)) {
    const [here, there] = [JSON.stringify(value), JSON.stringify(saved[field])];
    if (provenance.includes(field) || here === there) continue;
    throw new MachineError(
      `the adapter in ${folder} was saved with ${field} = ${there}, and the pipeline says ${here}`,
      ["run the pipeline again, or put back what it said then"],
    );
  }
}

/** The whole model, with its adapters merged in. */
export async function exportModel(
  { executor, model, tokenizer, resolve }: ModelExport,
  folder: string,
  dtype: FileDtype,
  merges: readonly MergePlan[],
): Promise<void> {
  const programs = new Map(merges.map(({ parameter, program }) => [parameter, program]));
  for (const { program } of merges) await executor.prepare(program);
  const { checkpoint: address } = model;
  const checkpoint =
    address === undefined ? undefined : await openCheckpoint(await resolve(address));
  try {
    const own = model.parameters.filter(({ adapter }) => adapter === undefined);
    const tensors = own.map((parameter): TensorToWrite => {
      const { shape } = executor.tensor(parameter.tensor);
      const program = programs.get(parameter.name);
      const data = (): AsyncIterable<Uint8Array> =>
        program === undefined
          ? untouched(executor, parameter, checkpoint, dtype)
          : merged(executor, program, dtype);
      return { name: parameter.name, dtype: stored[dtype], shape, data };
    });
    const config = { ...model.config, torch_dtype: torchNames[dtype] };
    await writeModel(folder, { tensors, config, tokenizer });
  } finally {
    await checkpoint?.close();
  }
}

/** As PEFT names a base: `org/name` without a revision, or a folder. */
function baseOf(checkpoint: string): string {
  return checkpoint.replace(/^hf:([^@]*).*$/, "$1");
}

/** The paths of every module that has a weight. */
function modulesOf(model: ModelPlan): readonly string[] {
  const end = ".weight";
  return model.parameters
    .filter(({ name, adapter }) => adapter === undefined && name.endsWith(end))
    .map(({ name }) => name.slice(0, -end.length));
}

function untouched(
  executor: Executor,
  parameter: ParameterPlan,
  checkpoint: Checkpoint | undefined,
  dtype: FileDtype,
): AsyncIterable<Uint8Array> {
  const { source } = executor.tensor(parameter.tensor);
  // The device may hold a frozen weight less exactly than its file does.
  if (checkpoint !== undefined && source.kind === "checkpoint" && !parameter.trained) {
    return inFile(checkpoint, source.name, dtype);
  }
  return onDevice(executor, parameter, dtype);
}

async function* inFile(
  checkpoint: Checkpoint,
  name: string,
  dtype: FileDtype,
): AsyncGenerator<Uint8Array> {
  const tensor = checkpoint.tensors.get(name) ?? planFault(`the checkpoint has no ${name}`);
  if (tensor.dtype !== stored[dtype]) {
    for await (const { data } of checkpoint.pieces(name, "f32", pieceElements)) {
      yield converted(data, dtype, name);
    }
    return;
  }
  const count = elementCount(tensor.shape);
  for (let from = 0; from < count; from += pieceElements) {
    yield await checkpoint.bytes(name, from, Math.min(pieceElements, count - from));
  }
}

async function* onDevice(
  executor: Executor,
  { name, tensor }: ParameterPlan,
  dtype: FileDtype,
): AsyncGenerator<Uint8Array> {
  const { dtype: held } = executor.tensor(tensor);
  if (held !== "f32" && held !== "f16") planFault(`${name} is held as ${held}, not as floats`);
  const size = held === "f32" ? 4 : 2;
  for await (const piece of executor.pieces(tensor, pieceElements * size)) {
    yield converted(viewOf(held, [piece.byteLength / size], piece), dtype, name);
  }
}

async function* merged(
  executor: Executor,
  program: string,
  dtype: FileDtype,
): AsyncGenerator<Uint8Array> {
  executor.run(program, { batch: {}, variables: {} });
  const { weight } = await executor.results(program, ["weight"]);
  yield converted(weight, dtype, program);
}

/** f32 or f16 bits as the bytes of a file's dtype. @throws MachineError where f16 is too narrow. */
function converted(data: TensorData, dtype: FileDtype, name: string): Uint8Array {
  const singles = singlesOf(data, name);
  if (dtype === "f32") return bytesOf(singles);
  const bits = new Uint16Array(singles.length);
  if (dtype === "bf16") singleToBrain(singles, bits);
  else if (singleToHalf(singles, bits) > 0) {
    throw new MachineError(`${name} holds numbers beyond 65504, the most that f16 can hold`, [
      "export it as bf16 or f32",
    ]);
  }
  return bytesOf(bits);
}

function singlesOf(data: TensorData, name: string): Float32Array {
  if (data instanceof Float32Array) return data;
  if (!(data instanceof Uint16Array)) planFault(`${name} does not hold floats`);
  const singles = new Float32Array(data.length);
  halfToSingle(data, singles);
  return singles;
}
