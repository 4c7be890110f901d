/**
 * Leaves out what no output depends on: nodes none of whose results is used, and inputs that nothing reads or
 * replaces, so that they are neither loaded nor uploaded.
 */

import type { Graph, ValueId } from "./graph.ts";
import { numbered } from "./number.ts";

export function withoutDead(graph: Graph): Graph {
  const used = usedValues(graph);
  const replaced = new Set(graph.outputs.map((output) => output.replaces));
  return numbered({
    ...graph,
    inputs: graph.inputs.filter(({ name, value }) => used.has(value) || replaced.has(name)),
    nodes: graph.nodes.filter((node) => node.results.some((result) => used.has(result))),
  });
}

/** Values that an output depends on. */
export function usedValues(graph: Graph): ReadonlySet<ValueId> {
  const used = new Set(graph.outputs.map((output) => output.value));
  for (const node of graph.nodes.toReversed()) {
    if (!node.results.some((result) => used.has(result))) continue;
    for (const arg of node.args) used.add(arg);
  }
  return used;
}
