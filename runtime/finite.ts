/**
 * Where a step stopped being numbers. An update leaves everything as it was where its step went wrong, so the
 * weights are still those of that step: either one of them was not finite before it, or the step is computed
 * again, a dispatch at a time, until the first that writes what is not finite.
 */

import { planFault } from "./errors.ts";
import type { Executor, ProgramExecution } from "./execute.ts";
import type { Dtype, Slice, TrainJob } from "./plan.ts";
import type { TensorData } from "./tensor-data.ts";

export type NotFinite =
  /** A weight as it was loaded, by the checkpoint's name: the checkpoint is at fault. */
  | { readonly kind: "frozen"; readonly name: string }
  /** The first of the trained in the model's order, and how many there are of all. */
  | {
      readonly kind: "trained";
      readonly name: string;
      readonly broken: number;
      readonly tensors: number;
    }
  /** The first dispatch in time, and how many of the elements that it wrote are not finite. */
  | {
      readonly kind: "computed";
      readonly label: string;
      readonly broken: number;
      readonly elements: number;
    };

/**
 * Undefined where all is finite. `step` is what the step runs, in order; it changes what running it again
 * changes. `hear` is told what is looked at, at least once.
 */
export async function firstNotFinite(
  executor: Executor,
  job: TrainJob,
  step: readonly ProgramExecution[],
  hear: (looked: number) => void,
): Promise<NotFinite | undefined> {
  hear(0);
  const weight = await brokenWeight(executor, job);
  if (weight !== undefined) return weight;
  executor.clear(writtenBy(executor, job.accumulate, job.state));
  let looked = 0;
  for (const { program, execution } of step) {
    for await (const { label, dtype, elements, pieces } of executor.trace(program, execution)) {
      const broken = await countNotFinite(dtype, pieces);
      if (broken > 0) return { kind: "computed", label, broken, elements };
      hear(++looked);
    }
  }
  return undefined;
}

async function brokenWeight(executor: Executor, job: TrainJob): Promise<NotFinite | undefined> {
  const model = executor.plan.models[job.model] ?? planFault(`the plan has no model ${job.model}`);
  const broken: (typeof model.parameters)[number][] = [];
  for (const parameter of model.parameters) {
    const { dtype } = executor.tensor(parameter.tensor);
    const count = await countNotFinite(dtype, executor.elements(parameter.tensor));
    if (count > 0) broken.push(parameter);
  }
  const frozen = broken.find(({ trained }) => !trained);
  if (frozen !== undefined) return { kind: "frozen", name: frozen.name };
  const [first] = broken;
  if (first === undefined) return undefined;
  const tensors = model.parameters.length;
  return { kind: "trained", name: first.name, broken: broken.length, tensors };
}

/** Those of the tensors that a program writes: of a step's state, the sums of its gradients and losses. */
function writtenBy(executor: Executor, program: string, tensors: readonly string[]): string[] {
  const { dispatches } = executor.program(program);
  const written = dispatches.flatMap(({ bindings, writes }) =>
    writes.map(({ binding }) => bindings[binding]),
  );
  const isPlace = (a: Slice, b: Slice) => a.buffer === b.buffer && a.offset === b.offset;
  return tensors.filter((name) => written.some((one) => isPlace(one, executor.tensor(name).slice)));
}

/** How many elements are not finite. Integers always are: they are not read. */
export async function countNotFinite(
  dtype: Dtype,
  pieces: AsyncIterable<TensorData>,
): Promise<number> {
  if (dtype !== "f32" && dtype !== "f16") return 0;
  let count = 0;
  for await (const piece of pieces) count += notFiniteIn(piece);
  return count;
}

/** By bit pattern: an exponent of all ones is an infinity or not a number. */
function notFiniteIn(data: TensorData): number {
  let count = 0;
  if (data instanceof Float32Array) {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    for (const pattern of bits) if ((pattern & 0x7f80_0000) === 0x7f80_0000) count++;
  } else {
    for (const pattern of data) if ((pattern & 0x7c00) === 0x7c00) count++;
  }
  return count;
}
