/** The meaning of a graph, on the CPU: runs each node by its operation's reference. */

import { bug } from "../bug.ts";
import { sameType, showTensorType } from "../ops/define.ts";
import { opOf } from "../ops/table.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { NdArray } from "../tensor/ndarray.ts";
import { roundTo } from "../tensor/round.ts";
import type { Graph, TensorType } from "./graph.ts";

export interface InterpretOptions {
  /** Keep floats as doubles, rather than round each result to its dtype. */
  readonly exact?: boolean;
}

/**
 * The outputs by name. Every input of the graph is needed, of its type; arrays of other names are left alone, so
 * that a graph runs on the same inputs when a pass has found some of them unused.
 */
export function interpret(
  graph: Graph,
  inputs: Readonly<Record<string, NdArray>>,
  { exact = false }: InterpretOptions = {},
): Record<string, NdArray> {
  const keep = exact ? (array: NdArray): NdArray => array : rounded;
  const values: NdArray[] = [];
  for (const { name, value } of graph.inputs) {
    const array = inputs[name] ?? bug(`graph ${graph.name} needs a value for its input ${name}`);
    demandType(`input ${name}`, array, graph.types[value]);
    values[value] = keep(array);
  }
  for (const { op, args, attrs, results } of graph.nodes) {
    const types = results.map((result) => graph.types[result]);
    const arrays = opOf(op).reference(
      args.map((arg) => values[arg]),
      attrs,
      types,
    );
    results.forEach((result, at) => {
      demandType(op, arrays[at], types[at]);
      values[result] = keep(arrays[at]);
    });
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, values[value]]));
}

/** Floats rounded to their dtype; whole numbers are exact as they are. */
export function rounded(array: NdArray): NdArray {
  const { dtype, data } = array;
  if (!isFloat(dtype)) return array;
  return { ...array, data: data.map((value) => roundTo(dtype, value)) };
}

function demandType(what: string, array: NdArray, type: TensorType): void {
  if (sameType(array, type)) return;
  bug(`${what} should be ${showTensorType(type)} and is ${showTensorType(array)}`);
}
