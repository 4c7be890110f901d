/**
 * What the host computes: rank-0 values that change by step and depend on nothing else (the learning rate,
 * 1 − β^t). They are uploaded before each execution, in double precision until then: WGSL's `pow` may be off
 * in the fourth digit, which is the whole of 1 − 0.999^t at first, and a literal would never change.
 */

import type { ScalarOp as HostOp, Scalar } from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import type { Graph, Node, ValueId } from "../graph/graph.ts";
import { formOf } from "../kernels/form.ts";
import type { ScalarOp } from "../ops/op.ts";
import { isFloat } from "../tensor/dtype.ts";

/** By value; a value without an input that changes is a constant, which kernels hold themselves. */
export function hostValues(graph: Graph): ReadonlyMap<ValueId, Scalar> {
  const known = new Map<ValueId, Scalar>();
  const changing = new Set<ValueId>();
  for (const input of graph.inputs) {
    if (input.kind !== "scalar") continue;
    known.set(input.value, { variable: input.name });
    changing.add(input.value);
  }
  for (const node of graph.nodes) {
    const [result] = node.results;
    if (node.results.length !== 1 || graph.types[result].shape.length > 0) continue;
    const args = node.args.map((argument) => known.get(argument));
    const value = scalarOf(graph, node, args);
    if (value === undefined) continue;
    known.set(result, value);
    if (node.args.some((argument) => changing.has(argument))) changing.add(result);
  }
  return new Map([...known].filter(([value]) => changing.has(value)));
}

/** An output of the graph as the host computes it; a bug if it depends on more. */
export function hostScalar(graph: Graph, name: string): Scalar {
  const output =
    graph.outputs.find((one) => one.name === name) ?? bug(`the graph has no output ${name}`);
  const value = hostValues(graph).get(output.value);
  if (value !== undefined) return value;
  const maker = graph.nodes.find((node) => node.results.includes(output.value));
  const constant = maker?.attrs.value;
  return typeof constant === "number" ? constant : bug(`${name} is not a value of the host`);
}

function scalarOf(
  graph: Graph,
  node: Node,
  args: readonly (Scalar | undefined)[],
): Scalar | undefined {
  const present = args.filter((argument) => argument !== undefined);
  if (present.length !== args.length) return undefined;
  const form = formOf(node);
  if (form.kind === "generate")
    return typeof node.attrs.value === "number" ? node.attrs.value : undefined;
  if (form.kind === "view") return node.args.length === 1 ? present[0] : undefined;
  if (form.kind !== "pointwise") return undefined;
  if (form.scalar === "cast") {
    const from = graph.types[node.args[0]].dtype;
    const to = graph.types[node.results[0]].dtype;
    // Only casts that change no value; the others round, which kernels do.
    return to === "f32" || from === to ? present[0] : undefined;
  }
  const op = hostOps[form.scalar];
  if (op === undefined || args.length === 0) return undefined;
  const { dtype } = graph.types[node.args[node.args.length - 1]];
  // In double precision quotients keep their fraction, and products lose bits that 32-bit ones wrap to.
  const differs = !isFloat(dtype) && (op === "divide" || op === "multiply");
  return differs ? undefined : { op, args: present };
}

const hostOps: Readonly<Partial<Record<ScalarOp, HostOp>>> = {
  add: "add",
  subtract: "subtract",
  multiply: "multiply",
  divide: "divide",
  remainder: "remainder",
  power: "power",
  minimum: "minimum",
  maximum: "maximum",
  negate: "negate",
  absolute: "absolute",
  exp: "exp",
  log: "log",
  sqrt: "sqrt",
  rsqrt: "rsqrt",
  sin: "sin",
  cos: "cos",
  tanh: "tanh",
  floor: "floor",
  less: "less",
  lessEqual: "lessEqual",
  equal: "equal",
  notEqual: "notEqual",
  and: "and",
  or: "or",
  not: "not",
  select: "select",
};
