/**
 * Runs a graph as a plan on a device: inputs in, outputs out, as the interpreter does on the CPU, or with a look
 * at everything on the way.
 */

import type { Graph } from "../../compiler/graph/graph.ts";
import { planPrograms } from "../../compiler/plan/programs.ts";
import { type Target, targetOf } from "../../compiler/plan/target.ts";
import { elementsOf, type NdArray } from "../../compiler/tensor/ndarray.ts";
import type { Device } from "../../runtime/device.ts";
import { type Execution, Executor } from "../../runtime/execute.ts";
import { countNotFinite } from "../../runtime/finite.ts";
import { halfValue } from "../../runtime/half.ts";
import type { Plan } from "../../runtime/plan.ts";
import { fromNumbers, type TensorData } from "../../runtime/tensor-data.ts";

type Arrays = Readonly<Record<string, NdArray>>;

/** The outputs by name. Those that replace a state are read from it. */
export async function runOnDevice(
  device: Device,
  graph: Graph,
  inputs: Arrays,
  target: Target = targetOf(device.description),
): Promise<Record<string, NdArray>> {
  const { executor, execution } = await loadedOn(device, graph, inputs, target);
  await executor.prepare(graph.name);
  executor.run(graph.name, execution);
  const outputs: Record<string, NdArray> = {};
  const names = Object.keys(executor.program(graph.name).results);
  const results = await executor.results(graph.name, names);
  for (const { name, value, replaces } of graph.outputs) {
    const data = replaces === undefined ? results[name] : await executor.read(replaces);
    if (data !== undefined) outputs[name] = arrayOf(graph.types[value], data);
  }
  executor.close();
  return outputs;
}

/** The labels of dispatches that write what is not finite, in the order in which they run. */
export async function notFiniteOnDevice(
  device: Device,
  graph: Graph,
  inputs: Arrays,
): Promise<string[]> {
  const target = targetOf(device.description);
  const { executor, execution } = await loadedOn(device, graph, inputs, target);
  const labels: string[] = [];
  for await (const { label, dtype, pieces } of executor.trace(graph.name, execution)) {
    if ((await countNotFinite(dtype, pieces)) > 0) labels.push(label);
  }
  executor.close();
  return labels;
}

/** The graph's plan, with its inputs in place. */
async function loadedOn(
  device: Device,
  graph: Graph,
  inputs: Arrays,
  target: Target,
): Promise<{ executor: Executor; execution: Execution }> {
  const executor = await Executor.open(device, planOf(graph, target));
  const batch: Record<string, TensorData> = {};
  const variables: Record<string, number> = {};
  for (const { name, kind, value } of graph.inputs) {
    const { data } = inputs[name];
    const { dtype } = graph.types[value];
    if (kind === "scalar") variables[name] = data[0];
    else if (kind === "batch") batch[name] = fromNumbers(dtype, data);
    else await executor.write(name, fromNumbers(dtype, data));
  }
  return { executor, execution: { batch, variables } };
}

export function planOf(graph: Graph, target: Target): Plan {
  const planned = planPrograms([graph], target, () => ({ kind: "zeros" }));
  return {
    format: "ftc-plan",
    version: 1,
    compiler: "test",
    source: graph.name,
    ...planned,
    models: {},
    datasets: {},
    jobs: [],
  };
}

function arrayOf({ dtype, shape }: Graph["types"][number], data: TensorData): NdArray {
  const values = Float64Array.from(data, (value) => (dtype === "f16" ? halfValue(value) : value));
  return { dtype, shape, data: values.subarray(0, elementsOf(shape)) };
}
