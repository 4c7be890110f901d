/**
 * Programs of a plan from graphs. Weights and states are shared between graphs by the names of the inputs;
 * everything else lives within one execution, in scratch buffers that all programs share.
 */

import type {
  BufferPlan,
  Dispatch,
  DispatchWrite,
  Kernel,
  PersistentTensor,
  Plan,
  Program,
  Slice,
  TensorSource,
} from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import type { Graph, TensorType, ValueId } from "../graph/graph.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { KernelWriter } from "../wgsl/emit.ts";
import { aligned, bytesOfType, layOut } from "./arena.ts";
import { layOutPersistent, persistentNames } from "./persistent.ts";
import { keyOf, scratchLives } from "./scratch.ts";
import { type Held, type Step, type Steps, stepsOf } from "./steps.ts";
import type { Target } from "./target.ts";

export interface PlannedPrograms {
  readonly kernels: Plan["kernels"];
  readonly buffers: readonly BufferPlan[];
  readonly tensors: Plan["tensors"];
  readonly programs: Plan["programs"];
  readonly requires: Plan["requires"];
}

/** What a kernel's text enables, and what the device must offer for it. */
const extensions = { f16: "shader-f16", subgroups: "subgroups" } as const;

/** A buffer is not made larger, though the device may allow it: one of gigabytes may find no room in one piece. */
const mostBytes = 2 ** 30;

/**
 * `sourceOf` says what a persistent tensor holds at first. With `verify`, kernels that are not sound are a bug; the
 * plan itself is for `verifyPlan`.
 */
export function planPrograms(
  graphs: readonly Graph[],
  target: Target,
  sourceOf: (name: string) => TensorSource,
  { verify = false, kept = new Map() }: PlanOptions = {},
): PlannedPrograms {
  const writer = new KernelWriter(target);
  const all = graphs.map((graph) => stepsOf(graph, target, writer, verify));
  return new Planner(all, kept, Math.min(mostBytes, target.mostBuffer)).plan(sourceOf);
}

export interface PlanOptions {
  readonly verify?: boolean;
  /** Tensors that live though no program may read them: a weight that is exported as it is. */
  readonly kept?: ReadonlyMap<string, TensorType>;
}

class Planner {
  readonly #all: readonly Steps[];
  readonly #kept: ReadonlyMap<string, TensorType>;
  readonly #most: number;
  readonly #buffers: { arena: string; bytes: number }[] = [];
  readonly #kernels = new Map<string, { name: string; kernel: Kernel }>();
  #mostBound = 0;
  #mostBindings = 0;

  constructor(all: readonly Steps[], kept: ReadonlyMap<string, TensorType>, most: number) {
    this.#all = all;
    this.#kept = kept;
    this.#most = most;
  }

  plan(sourceOf: (name: string) => TensorSource): PlannedPrograms {
    const tensors = this.#placeTensors(sourceOf);
    const upload = this.#buffers.push({ arena: "upload", bytes: 0 }) - 1;
    const scratch: number[] = [];
    const programs = this.#all.map((steps): [string, Program] => [
      steps.graph.name,
      this.#program(steps, tensors, upload, scratch),
    ]);
    for (const buffer of this.#buffers) buffer.bytes = Math.max(buffer.bytes, aligned(1));
    const kernels = [...this.#kernels.values()];
    return {
      kernels: Object.fromEntries(kernels.map(({ name, kernel }) => [name, kernel])),
      buffers: this.#buffers,
      tensors: Object.fromEntries(tensors),
      programs: Object.fromEntries(programs),
      requires: {
        features: Object.entries(extensions).flatMap(([enable, feature]) =>
          kernels.some(({ kernel }) => kernel.wgsl.includes(`enable ${enable};`)) ? [feature] : [],
        ),
        limits: {
          maxBufferSize: Math.max(...this.#buffers.map((buffer) => buffer.bytes)),
          maxStorageBufferBindingSize: this.#mostBound,
          maxStorageBuffersPerShaderStage: this.#mostBindings,
        },
        bytes: this.#buffers.reduce((total, buffer) => total + buffer.bytes, 0),
      },
    };
  }

  #placeTensors(sourceOf: (name: string) => TensorSource): ReadonlyMap<string, PersistentTensor> {
    const { types, buffers, places } = layOutPersistent(this.#all, this.#kept, this.#most);
    this.#buffers.push(...buffers.map((buffer) => ({ ...buffer })));
    const tensors = new Map<string, PersistentTensor>();
    for (const [name, type] of types) {
      const place = places.get(name) ?? bug(`no place for ${name}`);
      tensors.set(name, {
        ...type,
        slice: { ...place, bytes: bytesOfType(type) },
        source: sourceOf(name),
      });
    }
    return tensors;
  }

  #program(
    steps: Steps,
    tensors: ReadonlyMap<string, PersistentTensor>,
    upload: number,
    scratch: number[],
  ): Program {
    const { graph, host, types } = steps;
    const slices = new Map<ValueId, Slice>();
    for (const [value, name] of persistentNames(steps)) {
      slices.set(value, (tensors.get(name) ?? bug(`no tensor ${name}`)).slice);
    }
    const uploaded = (value: ValueId): Slice => {
      const bytes = bytesOfType(types[value]);
      const slice = { buffer: upload, offset: this.#buffers[upload].bytes, bytes };
      this.#buffers[upload].bytes += aligned(bytes);
      slices.set(value, slice);
      return slice;
    };
    const batch: Record<string, Program["batch"][string]> = {};
    for (const { name, kind, value } of graph.inputs) {
      if (kind === "batch") batch[name] = { ...graph.types[value], slice: uploaded(value) };
    }
    const used = new Set<Held>([
      ...steps.outputs.values(),
      ...steps.steps.flatMap((step) => step.bindings.map((one) => one.held)),
    ]);
    const scalars: Record<string, Program["scalars"][string]> = {};
    const names = new Map(graph.inputs.map(({ name, value }) => [value, name]));
    for (const [value, scalar] of host) {
      if (!used.has(value)) continue;
      const name = names.get(value) ?? `host.${value}`;
      scalars[name] = { dtype: types[value].dtype, slice: uploaded(value), value: scalar };
    }
    const temporary = this.#placeScratch(
      steps,
      (held) => typeof held === "number" && slices.has(held),
      scratch,
    );
    const sliceOf = (held: Held): Slice =>
      (typeof held === "number" ? slices.get(held) : undefined) ??
      temporary.get(keyOf(held)) ??
      bug(`a dispatch of ${graph.name} binds what has no memory`);
    const results: Record<string, Program["results"][string]> = {};
    for (const { name, value, replaces } of graph.outputs) {
      const held = steps.outputs.get(name);
      if (replaces !== undefined || held === undefined) continue;
      results[name] = { ...graph.types[value], slice: sliceOf(held) };
    }
    const dispatches = steps.steps.map((step) => this.#dispatch(step, types, sliceOf));
    return { batch, scalars, dispatches, results };
  }

  /** Programs take turns in the scratch buffers, so each is as large as the largest needs it. */
  #placeScratch(
    steps: Steps,
    isElsewhere: (held: Held) => boolean,
    scratch: number[],
  ): ReadonlyMap<string, Slice> {
    const { lives, conflicts } = scratchLives(steps, isElsewhere);
    const { places, buffers } = layOut(lives, conflicts, this.#most);
    for (const [at, bytes] of buffers.entries()) {
      scratch[at] ??= this.#buffers.push({ arena: `scratch.${at}`, bytes: 0 }) - 1;
      const buffer = this.#buffers[scratch[at]];
      buffer.bytes = Math.max(buffer.bytes, bytes);
    }
    return new Map(
      [...places].map(([key, { buffer, offset }]) => {
        const bytes = lives.get(key)?.bytes ?? bug("a place for what does not live");
        return [key, { buffer: scratch[buffer], offset, bytes }];
      }),
    );
  }

  #dispatch(step: Step, types: readonly TensorType[], sliceOf: (held: Held) => Slice): Dispatch {
    const { wgsl, workgroup, grid } = step.stage;
    const known = this.#kernels.get(wgsl);
    const name = known?.name ?? `k${this.#kernels.size}`;
    if (known === undefined) this.#kernels.set(wgsl, { name, kernel: { wgsl, workgroup } });
    // Arrays of vec4 end at whole ones; slices are 256 apart, so the bytes up to there are nobody else's.
    const bindings = step.bindings.map(({ held }) => {
      const slice = sliceOf(held);
      return { ...slice, bytes: Math.ceil(slice.bytes / 16) * 16 };
    });
    this.#mostBindings = Math.max(this.#mostBindings, bindings.length);
    this.#mostBound = Math.max(this.#mostBound, ...bindings.map((slice) => slice.bytes));
    return { kernel: name, bindings, grid, writes: writesOf(step, types), label: step.label };
  }
}

function writesOf({ bindings }: Step, types: readonly TensorType[]): DispatchWrite[] {
  return bindings.flatMap(({ held, access }, binding) => {
    if (access === "read" || typeof held !== "number") return [];
    const { dtype, shape } = types[held];
    return [{ binding, dtype, elements: elementsOf(shape) }];
  });
}
