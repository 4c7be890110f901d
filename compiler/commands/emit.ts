/** `ftc emit LEVEL[@PASS] FILE`: a level of the compilation as text. */

import { printGraph } from "../graph/print.ts";
import { passes } from "../passes.ts";
import { softwareTarget } from "../plan/target.ts";
import { printSyntax } from "../syntax/print.ts";
import { command, exit, type Io, required, UsageError } from "./command.ts";
import { loadPipeline, showDiagnostics } from "./load.ts";
import { type Prepared, prepare } from "./prepare.ts";

/** Levels that need a plan, and how each prints. */
const levels: Readonly<Record<string, (prepared: Prepared) => string>> = {
  graph: ({ assembled }) =>
    assembled.graphs.map((graph) => `graph ${graph.name}\n${printGraph(graph)}`).join("\n"),
  plan: ({ assembled }) =>
    `${JSON.stringify({ ...assembled.plan, kernels: Object.keys(assembled.plan?.kernels ?? {}) }, null, 2)}\n`,
  wgsl: ({ assembled }) =>
    Object.entries(assembled.plan?.kernels ?? {})
      .map(([name, kernel]) => `// ${name}\n${kernel.wgsl}`)
      .join("\n"),
};

export const emit = command({
  name: "emit",
  summary: "print a level of the compilation: ast, graph, plan or wgsl",
  parameters: {
    level: required("LEVEL[@PASS]", "ast, graph, graph@simplify, plan, wgsl"),
    file: required("FILE", "the pipeline"),
  },
  async run(io, { level: named, file }) {
    const [level, until] = named.split("@");
    if (level === "ast") return emitSyntax(io, file);
    const print = levels[level];
    if (print === undefined)
      throw new UsageError(
        `there is no level ${level}; levels are ast, ${Object.keys(levels).join(", ")}`,
      );
    if (until !== undefined && !passes.some((pass) => pass.name === until)) {
      throw new UsageError(
        `there is no pass ${until}; passes are ${passes.map((pass) => pass.name).join(", ")}`,
      );
    }
    const prepared = await prepare(io, file, { target: softwareTarget, verify: true, until });
    if (prepared === undefined) return exit.program;
    io.stdout.write(print(prepared));
    return exit.done;
  },
});

async function emitSyntax(io: Io, file: string): Promise<0> {
  const loaded = await loadPipeline(io, file);
  io.stdout.write(printSyntax(loaded.program.entry.file));
  showDiagnostics(io, loaded.program.diagnostics);
  return exit.done;
}
