/** A parameter with an adapter worked into it, as a graph: what the adapter's `merge` clause says, once. */

import { bug } from "../bug.ts";
import type { Merge } from "../syntax/ast.ts";
import { innerScope } from "../types/instance.ts";
import type { Instance } from "../types/value.ts";
import { GraphBuilder } from "./builder.ts";
import type { Graph } from "./graph.ts";
import { attendBatch, GraphEmitter, lowering } from "./lower.ts";
import type { ModelToLower } from "./programs.ts";

/** Its one output is `weight`, a tensor of the parameter's shape. */
export function mergeGraph(
  name: string,
  block: Instance,
  member: Merge,
  { nameOf, broken }: Pick<ModelToLower, "nameOf" | "broken">,
): Graph {
  const builder = new GraphBuilder(name);
  const emitter = new GraphEmitter(builder, {
    nameOf,
    training: false,
    attend: attendBatch,
    broken,
  });
  const context = lowering(emitter);
  const value = context.evaluate(context, innerScope(context, block), member.value);
  if (value.kind !== "tensor" || value.node === undefined)
    return bug(`merging ${block.path} gave no tensor`);
  builder.output("weight", value.node);
  return builder.build();
}
