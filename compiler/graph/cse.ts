/** Common subexpressions: nodes of the same operation, arguments and attributes become one, the first. */

import { rewrite } from "./builder.ts";
import { withoutDead } from "./dead.ts";
import type { Attrs, Graph, ValueId } from "./graph.ts";

export function withoutRepeats(graph: Graph): Graph {
  return withoutDead(
    rewrite(graph, (into) => {
      const made = new Map<string, readonly ValueId[]>();
      return (node, args) => {
        const key = `${node.op}(${args.join()})${keyOf(node.attrs)}`;
        const results = made.get(key) ?? into.apply(node.op, args, node.attrs);
        made.set(key, results);
        return results;
      };
    }),
  );
}

function keyOf(attrs: Attrs): string {
  const names = Object.keys(attrs).sort();
  // JSON has no sign for zero, and 1 / -0 is not 1 / 0.
  return JSON.stringify(names.map((name) => [name, attrs[name], Object.is(attrs[name], -0)]));
}
