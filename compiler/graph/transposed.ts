/**
 * A contraction gives its result in any order of axes, so one that only a transposition reads gives it in that
 * order. The gradient of a transposed weight is such a one.
 */

import { rewrite } from "./builder.ts";
import { withoutDead } from "./dead.ts";
import type { Graph, ValueId } from "./graph.ts";
import { listOf } from "./rule.ts";

export function withTransposedContractions(graph: Graph): Graph {
  const uses = usesOf(graph);
  return withoutDead(
    rewrite(graph, (into) => (node, [x]) => {
      if (node.op !== "transpose" || uses.get(node.args[0]) !== 1) return undefined;
      const maker = into.makerOf(x);
      if (maker?.op !== "contract") return undefined;
      const labels = listOf(maker.attrs, "out");
      const out = listOf(node.attrs, "order").map((axis) => labels[axis]);
      return into.apply("contract", maker.args, { ...maker.attrs, out });
    }),
  );
}

/** How often each value is read, by nodes and as an output. */
function usesOf({ nodes, outputs }: Graph): ReadonlyMap<ValueId, number> {
  const read = [...nodes.flatMap((node) => node.args), ...outputs.map((output) => output.value)];
  const uses = new Map<ValueId, number>();
  for (const value of read) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}
