/** Kernels as WGSL. One function a kind of kernel; each is in a file of its own with what it shares. */

import type { Kernel } from "../kernels/kernel.ts";
import type { InPlace } from "./bindings.ts";
import { contractStages } from "./contract.ts";
import { mapStage, scatterAddStages, writeStage } from "./elements.ts";
import { templateStage } from "./heavy.ts";
import { rowsStages } from "./rows.ts";
import type { Emitted, Stage } from "./stage.ts";
import type { KernelTarget } from "./templates/template.ts";

/** `inPlace` says which results are computed over the states they replace. */
export function emitKernel(kernel: Kernel, target: KernelTarget, inPlace: InPlace): Emitted {
  switch (kernel.kind) {
    case "map":
      return whole(mapStage(kernel, inPlace));
    case "rows":
      return rowsStages(kernel, target, inPlace);
    case "contract":
      return contractStages(kernel, target, inPlace);
    case "scatter-add":
      return scatterAddStages(kernel);
    case "write":
      return whole(writeStage(kernel, inPlace));
    case "attention":
    case "cross-entropy":
      return whole(templateStage(kernel, target));
    default:
      return kernel satisfies never;
  }
}

function whole(stage: Stage): Emitted {
  return { stages: [stage], scratch: 0 };
}
