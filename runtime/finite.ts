/** Which tensors of a trained model hold something that is not a number, to say so when a loss stops being one. */

import { planFault } from "./errors.ts";
import type { Executor } from "./execute.ts";
import type { TrainJob } from "./plan.ts";
import type { TensorData } from "./tensor-data.ts";

export interface NotFinite {
  /** The first in the model's order, by the checkpoint's name; a frozen one before all that are trained. */
  readonly first: string;
  /** Frozen weights are as they were loaded, so the checkpoint is at fault. */
  readonly isFrozen: boolean;
  readonly broken: number;
  /** As many as were looked at: all of the model. */
  readonly tensors: number;
}

/** Undefined where every tensor of the model is finite. */
export async function firstNotFinite(
  executor: Executor,
  job: TrainJob,
): Promise<NotFinite | undefined> {
  const model = executor.plan.models[job.model] ?? planFault(`the plan has no model ${job.model}`);
  const broken: (typeof model.parameters)[number][] = [];
  for (const parameter of model.parameters) {
    if (!holdsOnlyNumbers(await executor.read(parameter.tensor))) broken.push(parameter);
  }
  const first = broken.find(({ trained }) => !trained) ?? broken.at(0);
  if (first === undefined) return undefined;
  const tensors = model.parameters.length;
  return { first: first.name, isFrozen: !first.trained, broken: broken.length, tensors };
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
