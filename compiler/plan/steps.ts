/**
 * A graph as a list of dispatches over values, before memory: which value each dispatch reads and writes, what
 * is computed over the state it replaces, and what must be copied at the end because it could not be.
 */

import type { Scalar as HostScalar } from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import type { Graph, ValueId } from "../graph/graph.ts";
import { kernelsOf } from "../kernels/fuse.ts";
import { hostValues } from "../kernels/host.ts";
import { flatten, type Index, variable } from "../kernels/index.ts";
import {
  type Kernel,
  loadsOf,
  type MapKernel,
  readsOf,
  resultsOf,
  type Scalar,
} from "../kernels/kernel.ts";
import { emitKernel } from "../wgsl/emit.ts";
import type { EmittedStage } from "../wgsl/emitted.ts";
import type { KernelTarget } from "../wgsl/templates/template.ts";

/** What a dispatch binds: a value of the graph, or memory between the stages of one kernel. */
export type Held = ValueId | { readonly scratch: number; readonly bytes: number };

export interface Step {
  readonly label: string;
  readonly stage: EmittedStage;
  readonly bindings: readonly { readonly held: Held; readonly access: "read" | "write" }[];
}

export interface Steps {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  /** Values that the host computes and uploads. */
  readonly host: ReadonlyMap<ValueId, HostScalar>;
  /** Values that live where a state lives, which they replace. */
  readonly homes: ReadonlyMap<ValueId, ValueId>;
}

export function stepsOf(graph: Graph, target: KernelTarget): Steps {
  const host = hostValues(graph);
  const computed = new Set(
    [...host.keys()].filter((value) => !graph.inputs.some((input) => input.value === value)),
  );
  const kernels = kernelsOf(graph, computed);
  const homes = new Map<ValueId, ValueId>();
  const copies: { from: ValueId; to: ValueId }[] = [];
  const states = new Map(graph.inputs.map((input) => [input.name, input.value]));
  for (const output of graph.outputs) {
    if (output.replaces === undefined) continue;
    const state =
      states.get(output.replaces) ?? bug(`${output.replaces} is replaced and is no input`);
    if (state === output.value) continue;
    if (!homes.has(output.value) && canReplace(kernels, output.value, state))
      homes.set(output.value, state);
    else copies.push({ from: output.value, to: state });
  }
  const steps: Step[] = [];
  let scratch = 0;
  const push = (kernel: Kernel, home: { from: ValueId; to: ValueId } | undefined): void => {
    const emitted = emitKernel(kernel, target, home);
    const held: Held = { scratch: scratch++, bytes: emitted.scratch };
    for (const stage of emitted.stages) {
      steps.push({
        label: kernel.label,
        stage,
        bindings: stage.bindings.map((binding) => ({
          held: binding.held === "scratch" ? held : binding.held,
          access: binding.access,
        })),
      });
    }
  };
  for (const kernel of kernels) {
    const [result] = resultsOf(kernel);
    const state = homes.get(result);
    if (kernel.kind === "write" && state !== kernel.target)
      push(copyKernel(graph, kernel.target, result), undefined);
    push(kernel, state === undefined ? undefined : { from: state, to: result });
  }
  for (const { from, to } of copies) push(copyKernel(graph, from, to), undefined);
  return { graph, steps, host, homes };
}

function copyKernel(graph: Graph, from: ValueId, to: ValueId): MapKernel {
  const { dtype, shape } = graph.types[from];
  const index = shape.map((size, axis) => variable(`i${axis}`, size));
  return {
    kind: "map",
    label: "copy",
    result: to,
    dtype,
    shape,
    body: { kind: "load", value: from, index: flatten(index, shape), dtype },
  };
}

/**
 * Whether a value may be computed into the state's own memory: nothing reads the state afterwards, and the
 * kernel that computes it reads the state only where it writes.
 */
function canReplace(kernels: readonly Kernel[], value: ValueId, state: ValueId): boolean {
  const at = kernels.findIndex((kernel) => resultsOf(kernel).includes(value));
  if (at < 0) return false;
  if (kernels.slice(at + 1).some((kernel) => readsOf(kernel).includes(state))) return false;
  return readsOnlyItsPlace(kernels[at], state);
}

function readsOnlyItsPlace(kernel: Kernel, state: ValueId): boolean {
  const reads = (scalar: Scalar) => loadsOf(scalar).filter((load) => load.value === state);
  const onlyAt = (scalar: Scalar, place: Index) =>
    reads(scalar).every((load) => load.index.key === place.key);
  const never = (scalar: Scalar) => reads(scalar).length === 0;
  switch (kernel.kind) {
    case "map":
      return onlyAt(kernel.body, ownPlace(kernel.shape));
    case "reduce":
      return never(kernel.body) && onlyAt(kernel.epilogue, ownPlace(kernel.shape));
    case "contract":
      return never(kernel.left) && never(kernel.right) && onlyAt(kernel.epilogue, kernel.place);
    case "write":
      return kernel.target === state && never(kernel.body) && never(kernel.at);
    case "gather":
    case "scatter-add":
    case "template":
      return !readsOf(kernel).includes(state);
    default:
      return kernel satisfies never;
  }
}

function ownPlace(shape: readonly number[]): Index {
  return flatten(
    shape.map((size, axis) => variable(`i${axis}`, size)),
    shape,
  );
}
