/**
 * From nodes to kernels. Views and generators are index expressions of whoever reads them; pointwise nodes are
 * computed where what they read is made, or where they are read; each reduction, contraction and the like brings
 * a kernel. Which nodes share one is in group.ts, and what lies in memory between them in keep.ts.
 */

import type { Graph, ValueId } from "../graph/graph.ts";
import { buildKernels } from "./build.ts";
import { Values } from "./expand.ts";
import { groupsOf } from "./group.ts";
import { keptValues } from "./keep.ts";
import { type Kernel, needsOf, resultsOf } from "./kernel.ts";

export interface Fused {
  /** Each after those that write what it reads. */
  readonly kernels: readonly Kernel[];
  /** Outputs that are other values under another shape. */
  readonly aliases: ReadonlyMap<ValueId, ValueId>;
  /**
   * Values beyond those of the graph: a u32[] that holds the stream of random numbers of its key. They are data,
   * so that layers that differ by nothing else share their kernels.
   */
  readonly streams: ReadonlyMap<number, ValueId>;
}

export interface FuseOptions {
  /** Values that kernels find in memory although nodes make them. */
  readonly given?: ReadonlySet<ValueId>;
  /** Storage buffers that a kernel may bind. */
  readonly mostBindings?: number;
}

/** Eight is what every device offers. */
export function fuse(
  graph: Graph,
  { given = new Set(), mostBindings = 8 }: FuseOptions = {},
): Fused {
  const values = new Values(graph, given);
  const groups = groupsOf(values, mostBindings);
  const kernels = buildKernels(values, groups, keptValues(values, groups, mostBindings));
  return { kernels: inOrder(kernels), aliases: groups.aliases, streams: values.streams };
}

/** The order given, but that every kernel comes after those it reads from. */
function inOrder(kernels: readonly Kernel[]): Kernel[] {
  const makers = new Map<ValueId, Kernel>();
  for (const kernel of kernels) for (const value of resultsOf(kernel)) makers.set(value, kernel);
  const done = new Set<Kernel>();
  const visit = (kernel: Kernel): void => {
    if (done.has(kernel)) return;
    done.add(kernel);
    for (const value of needsOf(kernel)) {
      const maker = makers.get(value);
      if (maker !== undefined) visit(maker);
    }
    ordered.push(kernel);
  };
  const ordered: Kernel[] = [];
  for (const kernel of kernels) visit(kernel);
  return ordered;
}
