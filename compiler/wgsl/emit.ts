/** Kernels as WGSL. One function a kind of kernel; each is in a file of its own with what it shares. */

import type { Kernel } from "../kernels/kernel.ts";
import { contractText } from "./contract.ts";
import type { Emitted, EmittedStage, InPlace } from "./emitted.ts";
import { gatherText, mapText, scatterAddText, writeText } from "./elements.ts";
import { templateText } from "./heavy.ts";
import { reduceText } from "./reduce.ts";
import type { KernelTarget } from "./templates/template.ts";

export function emitKernel(
  kernel: Kernel,
  target: KernelTarget,
  inPlace: InPlace | undefined,
): Emitted {
  switch (kernel.kind) {
    case "map":
      return whole(mapText(kernel, inPlace));
    case "reduce":
      return whole(reduceText(kernel, target, inPlace));
    case "contract":
      return contractText(kernel, target, inPlace);
    case "gather":
      return whole(gatherText(kernel));
    case "scatter-add":
      return whole(scatterAddText(kernel));
    case "write":
      return whole(writeText(kernel, inPlace));
    case "template":
      return templateText(kernel, target);
    default:
      return kernel satisfies never;
  }
}

function whole(stage: EmittedStage): Emitted {
  return { stages: [stage], scratch: 0 };
}
