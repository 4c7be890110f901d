/** Puts a plan's persistent tensors to their first values: zeros, numbers, or a checkpoint's weights. */

import { planFault } from "./errors.ts";
import type { Executor } from "./execute.ts";
import { initialValues } from "./initialize.ts";
import { elementCount } from "./tensor-data.ts";

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
