/** The plan's kernels as pipelines: compiled all at once, each distinct text once, before anything runs. */

import type { Device } from "./device.ts";
import { PlanFault, planFault } from "./errors.ts";
import type { Kernel } from "./plan.ts";

/** By kernel name; kernels of equal text share one. Every kernel's entry point is `main`. */
export type Pipelines = ReadonlyMap<string, GPUComputePipeline>;

/** @throws PlanFault that shows the line of a kernel that does not compile. */
export async function compileKernels(
  device: Device,
  kernels: Readonly<Record<string, Kernel>>,
): Promise<Pipelines> {
  const names = new Map<string, string>();
  for (const [name, { wgsl }] of Object.entries(kernels)) {
    if (!names.has(wgsl)) names.set(wgsl, name);
  }
  const texts = [...names.keys()];
  const compiled = await device.guard("compiling kernels", () =>
    Promise.all(texts.map((wgsl) => compile(device, names.get(wgsl) ?? "", wgsl))),
  );
  const byText = new Map(texts.map((wgsl, index) => [wgsl, compiled[index]]));
  return new Map(
    Object.entries(kernels).map(([name, { wgsl }]) => [
      name,
      byText.get(wgsl) ?? planFault(`kernel ${name} was not compiled`),
    ]),
  );
}

async function compile(device: Device, name: string, wgsl: string): Promise<GPUComputePipeline> {
  const module = device.gpu.createShaderModule({ label: name, code: wgsl });
  try {
    const compute = { module, entryPoint: "main" };
    return await device.gpu.createComputePipelineAsync({ label: name, layout: "auto", compute });
  } catch (error) {
    const { messages } = await module.getCompilationInfo();
    const first = messages.find(({ type }) => type === "error");
    const reason = first?.message ?? (error instanceof Error ? error.message : String(error));
    const excerpt = first === undefined ? numbered(wgsl) : around(wgsl, first.lineNum);
    throw new PlanFault(`kernel ${name} does not compile: ${reason.trim()}`, excerpt);
  }
}

/** The lines near `line`, which counts from 1, that one marked. */
function around(wgsl: string, line: number): string {
  return numbered(wgsl, line)
    .split("\n")
    .slice(Math.max(0, line - 4), line + 3)
    .join("\n");
}

function numbered(wgsl: string, marked = 0): string {
  return wgsl
    .split("\n")
    .map(
      (text, index) =>
        `${index + 1 === marked ? ">" : " "}${String(index + 1).padStart(4)} | ${text}`,
    )
    .join("\n");
}
