/** Puts a plan's persistent tensors to their first values: zeros, numbers, or a checkpoint's weights. */

import { MachineError, planFault } from "./errors.ts";
import type { Executor } from "./execute.ts";
import { initialValues } from "./initialize.ts";
import type { Dtype, Plan, StartPlan, TensorSource } from "./plan.ts";
import { bytesOfDtype, elementCount } from "./tensor-data.ts";
import { type Checkpoint, openCheckpoint } from "./weights/checkpoint.ts";
import { isAdapter, openAdapter } from "./weights/peft.ts";
import { bytesOf } from "./weights/write.ts";

/** The folder in which the files of a checkpoint's address are. */
export type ResolveCheckpoint = (address: string) => Promise<string>;

type CheckpointSource = Extract<TensorSource, { readonly kind: "checkpoint" }>;

/** Elements converted at a time: small beside any model, large enough for full speed. */
const pieceElements = 16 * 2 ** 20;

/**
 * Loads every tensor. Weights stream in pieces, so host memory stays far below the model's size. `seen` hears
 * how many tensors are done.
 * @throws MachineError for files that are not there or do not fit the plan
 */
export async function loadTensors(
  executor: Executor,
  resolve: ResolveCheckpoint,
  seen: (done: number, count: number) => void = () => {},
): Promise<void> {
  const names = Object.keys(executor.plan.tensors);
  const opened = new Map<string, Checkpoint>();
  try {
    for (const [done, name] of names.entries()) {
      const { source } = executor.tensor(name);
      if (source.kind === "checkpoint") {
        const checkpoint = await openedFor(executor.plan, source, opened, resolve);
        await loadWeight(executor, name, checkpoint, source.name);
      } else {
        await restoreTensors(executor, [name]);
      }
      seen(done + 1, names.length);
    }
    await executor.settle();
  } finally {
    for (const checkpoint of opened.values()) await checkpoint.close();
  }
}

/** Sets tensors that no checkpoint gives, such as caches, back to what the plan says they hold at first. */
export async function restoreTensors(executor: Executor, names: readonly string[]): Promise<void> {
  const zeros: string[] = [];
  for (const name of names) {
    const { source, dtype, shape } = executor.tensor(name);
    if (source.kind === "checkpoint") planFault(`${name} comes from a checkpoint`);
    const values = initialValues(source, dtype, elementCount(shape));
    if (values === undefined) zeros.push(name);
    else await executor.write(name, values);
  }
  if (zeros.length > 0) executor.clear(zeros);
}

/** Does what a training asks for before its first step. */
export async function startTraining(executor: Executor, start: StartPlan): Promise<void> {
  await restoreTensors(executor, start.fresh);
  for (const { from, to } of start.copies) {
    let offset = 0;
    for await (const piece of executor.pieces(from, pieceElements)) {
      await executor.writeBytes(to, offset, piece);
      offset += piece.byteLength;
    }
  }
}

async function openedFor(
  plan: Plan,
  source: CheckpointSource,
  opened: Map<string, Checkpoint>,
  resolve: ResolveCheckpoint,
): Promise<Checkpoint> {
  const address = plan.models[source.model]?.checkpoint;
  if (address === undefined) planFault(`model ${source.model} has no checkpoint`);
  const known = opened.get(address);
  if (known !== undefined) return known;
  const folder = await resolve(address);
  const checkpoint = isAdapter(folder) ? await openAdapter(folder) : await openCheckpoint(folder);
  opened.set(address, checkpoint);
  return checkpoint;
}

async function loadWeight(
  executor: Executor,
  tensor: string,
  checkpoint: Checkpoint,
  name: string,
): Promise<void> {
  const { dtype, shape } = executor.tensor(tensor);
  const stored = checkpoint.tensors.get(name);
  if (stored !== undefined && stored.shape.join() !== shape.join()) {
    throw new MachineError(
      `${stored.file} holds ${name} as [${stored.shape.join(", ")}], and the plan was made for [${shape.join(", ")}]`,
      ["make the plan again: the checkpoint has changed since"],
    );
  }
  const size = bytesOfDtype[dtype];
  for await (const { from, data } of checkpoint.pieces(
    name,
    floatOf(dtype, tensor),
    pieceElements,
  )) {
    await executor.writeBytes(tensor, from * size, bytesOf(data));
  }
}

function floatOf(dtype: Dtype, tensor: string): "f32" | "f16" {
  if (dtype === "f32" || dtype === "f16") return dtype;
  return planFault(`${tensor} is ${dtype}, and checkpoints give floats`);
}
