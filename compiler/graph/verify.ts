/** What must hold of every graph that a stage hands to the next. */

import { Bug } from "../bug.ts";
import { sameType } from "../ops/define.ts";
import { opOf } from "../ops/table.ts";
import { usedValues } from "./dead.ts";
import type { Graph, Node, TensorType } from "./graph.ts";
import { printType } from "./print.ts";

/** The faults of the graph, each as a sentence; none where it is sound. */
export function verifyGraph(graph: Graph): string[] {
  const faults = [...numbering(graph), ...order(graph), ...names(graph), ...outputs(graph)];
  // Where values are misnumbered there is no telling whose types they have.
  if (faults.length > 0) return faults;
  return [...graph.nodes.flatMap((node) => types(graph, node)), ...unused(graph)];
}

/** Values are defined in the order of their numbers, inputs first, each with a type. */
function numbering({ inputs, nodes, types }: Graph): string[] {
  const defined = [...inputs.map((input) => input.value), ...nodes.flatMap((node) => node.results)];
  const faults = defined.flatMap((value, at) =>
    value === at ? [] : [`%${value} is defined where %${at} should be`],
  );
  const typed = Object.keys(types).length;
  if (typed === defined.length && types.length === typed) return faults;
  return [...faults, `${defined.length} values are defined and ${typed} have types`];
}

/** What is read is defined before. */
function order({ inputs, nodes, outputs }: Graph): string[] {
  const faults: string[] = [];
  const defined = new Set(inputs.map((input) => input.value));
  for (const { op, args, results } of nodes) {
    for (const arg of args) {
      if (!defined.has(arg)) faults.push(`${op} reads %${arg} before it is defined`);
    }
    for (const result of results) defined.add(result);
  }
  for (const { name, value } of outputs) {
    if (!defined.has(value)) faults.push(`output ${name} is %${value}, which nothing defines`);
  }
  return faults;
}

function names({ inputs, outputs }: Graph): string[] {
  return [
    ...repeated(inputs.map((input) => input.name)).map((name) => `two inputs are named ${name}`),
    ...repeated(outputs.map((output) => output.name)).map(
      (name) => `two outputs are named ${name}`,
    ),
    ...repeated(outputs.flatMap((output) => output.replaces ?? [])).map(
      (name) => `two outputs replace ${name}`,
    ),
  ];
}

/** A replaced input is a state, and its data stays of its type. */
function outputs({ inputs, outputs, types }: Graph): string[] {
  return outputs.flatMap(({ name, value, replaces }) => {
    if (replaces === undefined) return [];
    const input = inputs.find((input) => input.name === replaces);
    if (input?.kind !== "state") return [`output ${name} replaces ${replaces}, which is no state`];
    const [own, other] = [types[value], types[input.value]];
    if (own === undefined || other === undefined || sameType(own, other)) return [];
    return [`output ${name} is ${printType(own)} and replaces ${replaces} of ${printType(other)}`];
  });
}

/** The operation's rule, applied again, gives the types that the graph holds. */
function types(graph: Graph, { op, args, attrs, results }: Node): string[] {
  const [first] = results;
  let derived: readonly TensorType[];
  try {
    derived = opOf(op).infer(
      args.map((arg) => graph.types[arg]),
      attrs,
    );
  } catch (error) {
    if (!(error instanceof Bug)) throw error;
    return [`%${first}: ${error.message}`];
  }
  if (derived.length !== results.length) {
    return [`%${first}: ${op} has ${derived.length} results, not ${results.length}`];
  }
  return results.flatMap((result, at) => {
    const stored = graph.types[result];
    if (sameType(stored, derived[at])) return [];
    return [`%${result}: ${op} gives ${printType(derived[at])}, not ${printType(stored)}`];
  });
}

/** Every node makes something that an output depends on, and every input is read or replaced. */
function unused(graph: Graph): string[] {
  const used = usedValues(graph);
  const replaced = new Set(graph.outputs.map((output) => output.replaces));
  return [
    ...graph.inputs
      .filter(({ name, value }) => !used.has(value) && !replaced.has(name))
      .map(({ name }) => `nothing uses input ${name}`),
    ...graph.nodes
      .filter((node) => !node.results.some((result) => used.has(result)))
      .map((node) => `nothing uses %${node.results[0]}, a ${node.op}`),
  ];
}

function repeated(all: readonly string[]): string[] {
  return [...new Set(all.filter((name, at) => all.indexOf(name) !== at))];
}
