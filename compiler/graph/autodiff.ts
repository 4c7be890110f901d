/**
 * Reverse-mode differentiation over what a builder holds. Only nodes on a path from a wanted value to the loss
 * are differentiated, and only by arguments on such a path: below the lowest trained parameter nothing is built,
 * and a frozen weight costs no gradient. Gradients are summed in the reverse order of the nodes that use a value.
 */

import { bug } from "../bug.ts";
import { showTensorType } from "../ops/define.ts";
import { opOf } from "../ops/table.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { GraphBuilder } from "./builder.ts";
import type { Node, ValueId } from "./graph.ts";

/**
 * The gradient of `of`, a float of rank 0, by each of `by`: values of the same types, added to the builder. A
 * gradient is undefined where `of` does not depend on the value. Its nodes have the origins of the nodes that
 * they differentiate.
 */
export function gradients(
  builder: GraphBuilder,
  of: ValueId,
  by: readonly ValueId[],
): readonly (ValueId | undefined)[] {
  const type = builder.typeOf(of);
  if (type.shape.length > 0 || !isFloat(type.dtype)) {
    bug(`a gradient is of one float, not of ${showTensorType(type)}`);
  }
  const origin = builder.origin;
  const nodes = [...builder.nodes];
  const varying = varyingValues(builder, nodes, by);
  const found = new Map<ValueId, ValueId>();
  if (varying.has(of)) {
    const [one] = builder.apply("constant", [], { value: 1, dtype: type.dtype, shape: [] });
    found.set(of, one);
  }
  for (const node of nodes.toReversed()) differentiate(builder, node, varying, found);
  builder.at(origin);
  return by.map((value) => found.get(value));
}

/** Floats that change when one of `by` does. */
function varyingValues(
  builder: GraphBuilder,
  nodes: readonly Node[],
  by: readonly ValueId[],
): ReadonlySet<ValueId> {
  const isReal = (value: ValueId): boolean => isFloat(builder.typeOf(value).dtype);
  const varying = new Set(by.filter(isReal));
  for (const node of nodes) {
    if (!node.args.some((arg) => varying.has(arg))) continue;
    for (const result of node.results.filter(isReal)) varying.add(result);
  }
  return varying;
}

/** Adds what the node's arguments get from its results' gradients, which are whole by now. */
function differentiate(
  builder: GraphBuilder,
  node: Node,
  varying: ReadonlySet<ValueId>,
  found: Map<ValueId, ValueId>,
): void {
  const { op, args, attrs, results } = node;
  const wanted = args.map((arg) => varying.has(arg));
  const byResult = results.map((result) => found.get(result));
  if (!wanted.includes(true) || byResult.every((gradient) => gradient === undefined)) return;
  const rule = opOf(op).gradient ?? bug(`${op} has no gradient`);
  builder.at(node.origin);
  const byArgument = rule(builder, { args, attrs, results, gradients: byResult, wanted });
  args.forEach((arg, at) => {
    const gradient = byArgument[at];
    if (gradient === undefined || !wanted[at]) return;
    const before = found.get(arg);
    found.set(arg, before === undefined ? gradient : builder.apply("add", [before, gradient])[0]);
  });
}
