/** Kernels as WGSL. One function a kind of kernel; each is in a file of its own with what it shares. */

import { bug } from "../bug.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { ValueId } from "../ops/op.ts";
import type { Binding } from "./bindings.ts";
import { contractText } from "./contract.ts";
import { gatherText, mapText, scatterAddText, writeText } from "./elements.ts";
import { reduceText } from "./reduce.ts";
import type { KernelTarget, KernelText } from "./templates/template.ts";

/** One dispatch: its text, and what is bound to it in order. */
export interface EmittedStage extends KernelText {
  readonly bindings: readonly Binding[];
}

export interface Emitted {
  readonly stages: readonly EmittedStage[];
  /** Bytes that the stages keep between them. */
  readonly scratch: number;
}

export interface InPlace {
  /** The state that the result is computed over. */
  readonly from: ValueId;
  readonly to: ValueId;
}

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
      return bug("the templates of attention and cross-entropy are not there yet");
    default:
      return kernel satisfies never;
  }
}

function whole(stage: EmittedStage): Emitted {
  return { stages: [stage], scratch: 0 };
}
