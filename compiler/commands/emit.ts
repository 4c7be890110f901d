/** `ftc emit LEVEL[@PASS] FILE`: a level of the compilation as text. */

import { coreParameters, printModel } from "../core/print.ts";
import type { Graph } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { printKernel } from "../kernels/print.ts";
import { passes } from "../passes.ts";
import { kernelsOf } from "../plan/steps.ts";
import { softwareTarget } from "../plan/target.ts";
import { printSyntax } from "../syntax/print.ts";
import {
  command,
  exit,
  type Io,
  outputOptions,
  required,
  UsageError,
  writeJson,
} from "./command.ts";
import { loadPipeline } from "./load.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { showDiagnostics } from "./show.ts";

interface Level {
  readonly text: (prepared: Prepared) => string;
  /** What it is as data. */
  readonly data: (prepared: Prepared) => unknown;
}

/** Levels that need a plan, and how each prints. */
const levels: Readonly<Record<string, Level>> = {
  core: {
    text: ({ loaded }) => loaded.pipeline.models.map(printModel).join("\n"),
    data: ({ loaded }) =>
      Object.fromEntries(loaded.pipeline.models.map((one) => [one.name, coreParameters(one)])),
  },
  graph: {
    text: ({ assembled }) =>
      assembled.graphs.map((graph) => `graph ${graph.name}\n${printGraph(graph)}`).join("\n"),
    data: ({ assembled }) => assembled.graphs.map(withoutOrigins),
  },
  kernels: {
    text: ({ assembled }) =>
      assembled.graphs
        .map((graph) =>
          [`kernels ${graph.name}`, ...kernelsOf(graph, softwareTarget).map(printKernel), ""].join(
            "\n",
          ),
        )
        .join("\n"),
    data: ({ assembled }) =>
      Object.fromEntries(
        assembled.graphs.map((graph) => [graph.name, kernelsOf(graph, softwareTarget)]),
      ),
  },
  plan: { text: (prepared) => `${JSON.stringify(planData(prepared), null, 2)}\n`, data: planData },
  wgsl: {
    text: ({ assembled }) =>
      Object.entries(assembled.plan?.kernels ?? {})
        .map(([name, kernel]) => `// ${name}\n${kernel.wgsl}`)
        .join("\n"),
    data: ({ assembled }) => assembled.plan?.kernels,
  },
};

/** The plan without the texts of its kernels, which are a level of their own. */
function planData({ assembled: { plan } }: Prepared): unknown {
  return { ...plan, kernels: Object.keys(plan?.kernels ?? {}) };
}

function withoutOrigins({ nodes, ...graph }: Graph): unknown {
  return { ...graph, nodes: nodes.map(({ origin: _, ...node }) => node) };
}

export const emit = command({
  name: "emit",
  summary: "print a level of the compilation: ast, core, graph, kernels, plan or wgsl",
  parameters: {
    level: required("LEVEL[@PASS]", "ast, core, graph, graph@simplify, kernels, plan, wgsl"),
    file: required("FILE", "the pipeline"),
    ...outputOptions("print the level as data"),
  },
  async run(io, { level: named, file, json }) {
    const [level, until] = named.split("@");
    if (level === "ast") return emitSyntax(io, file, json);
    const found = levels[level];
    if (found === undefined)
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
    if (json) writeJson(io.stdout, found.data(prepared));
    else io.stdout.write(found.text(prepared));
    return exit.done;
  },
});

async function emitSyntax(io: Io, file: string, json: boolean): Promise<0> {
  const loaded = await loadPipeline(io, file);
  const { items } = loaded.program.entry.file;
  if (json) io.stdout.write(`${JSON.stringify(items, placesAsOffsets, 2)}\n`);
  else io.stdout.write(printSyntax(loaded.program.entry.file));
  showDiagnostics(io, loaded.program.diagnostics);
  return exit.done;
}

/** A span holds its file, which holds the whole text. */
function placesAsOffsets(name: string, value: unknown): unknown {
  return name === "file" ? undefined : value;
}
