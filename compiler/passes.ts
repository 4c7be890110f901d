/** The passes over graphs, as data, in the order in which they run. */

import { bug } from "./bug.ts";
import { withoutRepeats } from "./graph/cse.ts";
import { withoutDead } from "./graph/dead.ts";
import type { Graph } from "./graph/graph.ts";
import { printGraph } from "./graph/print.ts";
import { simplified } from "./graph/simplify.ts";
import { withTransposedContractions } from "./graph/transposed.ts";
import { verifyGraph } from "./graph/verify.ts";

export interface Pass {
  /** As commands name it: `ftc emit graph@simplify`. */
  readonly name: string;
  readonly from: "graph";
  readonly to: "graph";
  /** A graph that computes the same outputs, and that the verifier accepts. */
  run(graph: Graph): Graph;
}

export const passes: readonly Pass[] = [
  { name: "dead", from: "graph", to: "graph", run: withoutDead },
  { name: "simplify", from: "graph", to: "graph", run: simplified },
  { name: "cse", from: "graph", to: "graph", run: withoutRepeats },
  // After repeats are one, since what is read once is not computed twice.
  { name: "transposed", from: "graph", to: "graph", run: withTransposedContractions },
];

export interface PassOptions {
  /** Whether the graph is verified after each pass. A fault is a bug of that pass. */
  readonly verify: boolean;
  /** The last pass to run; all where it is not given. */
  readonly until?: string;
}

export function runPasses(graph: Graph, { verify, until }: PassOptions): Graph {
  let current = graph;
  for (const pass of passes) {
    current = pass.run(current);
    if (verify) demandSound(current, pass.name);
    if (pass.name === until) return current;
  }
  return until === undefined ? current : bug(`no pass is named ${until}`);
}

function demandSound(graph: Graph, pass: string): void {
  const faults = verifyGraph(graph);
  if (faults.length > 0) bug(`after pass ${pass}: ${faults.join("; ")}`, printGraph(graph));
}
