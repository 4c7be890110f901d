/** Numbers the values of a graph densely, inputs first, after parts were added out of order or left out. */

import { bug } from "../bug.ts";
import type { Graph, ValueId } from "./graph.ts";

/** The same graph. Its types are those of the values that its inputs and nodes define. */
export function numbered(graph: Graph): Graph {
  const values = [
    ...graph.inputs.map((input) => input.value),
    ...graph.nodes.flatMap((node) => node.results),
  ];
  const numbers = new Map(values.map((value, number) => [value, number]));
  const numberOf = (value: ValueId): ValueId =>
    numbers.get(value) ?? bug(`nothing in graph ${graph.name} makes %${value}`);
  return {
    name: graph.name,
    inputs: graph.inputs.map((input) => ({ ...input, value: numberOf(input.value) })),
    nodes: graph.nodes.map((node) => ({
      ...node,
      args: node.args.map(numberOf),
      results: node.results.map(numberOf),
    })),
    outputs: graph.outputs.map((output) => ({ ...output, value: numberOf(output.value) })),
    types: values.map((value) => graph.types[value]),
  };
}
