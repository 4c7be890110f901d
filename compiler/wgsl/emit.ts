/** Kernels as WGSL. One function a kind of kernel; each is in a file of its own with what it shares. */

import { bug } from "../bug.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { signatureOf } from "../kernels/signature.ts";
import type { ValueId } from "../ops/op.ts";
import type { Held, InPlace } from "./bindings.ts";
import { contractStages } from "./contract.ts";
import { mapStage, scatterAddStages, writeStage } from "./elements.ts";
import { templateStage } from "./heavy.ts";
import { rowsStages } from "./rows.ts";
import type { Emitted, Stage } from "./stage.ts";
import type { KernelTarget } from "./templates/template.ts";

/** Writes each kernel once, however many layers have it. */
export class KernelWriter {
  readonly #target: KernelTarget;
  readonly #known = new Map<
    string,
    { readonly emitted: Emitted; readonly values: readonly ValueId[] }
  >();

  constructor(target: KernelTarget) {
    this.#target = target;
  }

  /** `inPlace` says which results are computed over the states they replace. */
  write(kernel: Kernel, inPlace: InPlace): Emitted {
    const { text, values } = signatureOf(kernel, inPlace);
    const known = this.#known.get(text);
    if (known !== undefined) return renamed(known.emitted, known.values, values);
    const emitted = emitKernel(kernel, this.#target, inPlace);
    this.#known.set(text, { emitted, values });
    return emitted;
  }
}

/** The same dispatches over other values. */
function renamed(
  { stages, scratch }: Emitted,
  from: readonly ValueId[],
  to: readonly ValueId[],
): Emitted {
  const names = new Map(from.map((value, at) => [value, to[at]]));
  const nameOf = (held: Held): Held =>
    held === "scratch" ? held : (names.get(held) ?? bug("a kernel binds what it does not name"));
  return {
    scratch,
    stages: stages.map((stage) => ({
      ...stage,
      bindings: stage.bindings.map(({ held, access }) => ({ held: nameOf(held), access })),
    })),
  };
}

function emitKernel(kernel: Kernel, target: KernelTarget, inPlace: InPlace): Emitted {
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
