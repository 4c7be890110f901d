/** Which trained tensors hold something that is not a number, to say so when a loss stops being one. */

import { planFault } from "./errors.ts";
import type { Executor } from "./execute.ts";
import type { TrainJob } from "./plan.ts";
import type { TensorData } from "./tensor-data.ts";

export interface NotFinite {
  /** The first in the model's order, by the checkpoint's name. */
  readonly first: string;
  readonly broken: number;
  /** Trained tensors in all. */
  readonly tensors: number;
}

/** Undefined where every trained tensor is finite. */
export async function firstNotFinite(
  executor: Executor,
  job: TrainJob,
): Promise<NotFinite | undefined> {
  const model = executor.plan.models[job.model] ?? planFault(`the plan has no model ${job.model}`);
  const trained = model.parameters.filter((parameter) => parameter.trained);
  const broken: string[] = [];
  for (const { name, tensor } of trained) {
    if (!holdsOnlyNumbers(await executor.read(tensor))) broken.push(name);
  }
  if (broken.length === 0) return undefined;
  return { first: broken[0], broken: broken.length, tensors: trained.length };
}

/** By bit pattern: an exponent of all ones is an infinity or not a number. Integers are always finite. */
export function holdsOnlyNumbers(data: TensorData): boolean {
  if (data instanceof Float32Array) {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    return bits.every((pattern) => (pattern & 0x7f80_0000) !== 0x7f80_0000);
  }
  if (data instanceof Uint16Array) return data.every((pattern) => (pattern & 0x7c00) !== 0x7c00);
  return true;
}
