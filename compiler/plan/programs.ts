/**
 * Programs of a plan from graphs. Weights and states are shared between graphs by the names of the inputs;
 * everything else lives within one execution, in scratch buffers that all programs share.
 */

import type {
  BufferPlan,
  Dispatch,
  Kernel,
  PersistentTensor,
  Plan,
  Program,
  Slice,
  TensorSource,
} from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import type { Graph, TensorType, ValueId } from "../graph/graph.ts";
import { bytesOf } from "../tensor/dtype.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { aligned, colour, pack, relate } from "./arena.ts";
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

/** A buffer is not made larger than this; the device's own limits are checked against the result. */
const mostBytes = 2 ** 30;

export function planPrograms(
  graphs: readonly Graph[],
  target: Target,
  sourceOf: (name: string) => TensorSource,
): PlannedPrograms {
  return new Planner(
    graphs.map((graph) => stepsOf(graph, target)),
    sourceOf,
  ).plan();
}

class Planner {
  readonly #all: readonly Steps[];
  readonly #sourceOf: (name: string) => TensorSource;
  readonly #buffers: { arena: string; bytes: number }[] = [];
  readonly #tensors = new Map<string, PersistentTensor>();
  readonly #kernels = new Map<string, { name: string; kernel: Kernel }>();
  #mostBound = 0;
  #mostBindings = 0;

  constructor(all: readonly Steps[], sourceOf: (name: string) => TensorSource) {
    this.#all = all;
    this.#sourceOf = sourceOf;
  }

  plan(): PlannedPrograms {
    this.#placeTensors();
    const upload = this.#buffers.push({ arena: "upload", bytes: 0 }) - 1;
    const scratch: number[] = [];
    const programs = this.#all.map((steps): [string, Program] => [
      steps.graph.name,
      this.#program(steps, upload, scratch),
    ]);
    for (const buffer of this.#buffers) buffer.bytes = Math.max(buffer.bytes, aligned(1));
    const texts = [...this.#kernels.keys()];
    return {
      kernels: Object.fromEntries(
        [...this.#kernels.values()].map(({ name, kernel }) => [name, kernel]),
      ),
      buffers: this.#buffers,
      tensors: Object.fromEntries(this.#tensors),
      programs: Object.fromEntries(programs),
      requires: {
        features: Object.entries(extensions).flatMap(([enable, feature]) =>
          texts.some((text) => text.includes(`enable ${enable};`)) ? [feature] : [],
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

  // Persistent tensors ----------------------------------------------------------------------------

  #placeTensors(): void {
    const types = new Map<string, Graph["types"][number]>();
    const conflicts = new Map<string, Set<string>>();
    const written = new Set<string>();
    for (const steps of this.#all) {
      const names = persistentNames(steps);
      for (const input of steps.graph.inputs) {
        if (input.kind !== "weight" && input.kind !== "state") continue;
        const type = steps.graph.types[input.value];
        const known = types.get(input.name) ?? type;
        if (known.dtype !== type.dtype || known.shape.join() !== type.shape.join())
          bug(`programs disagree about ${input.name}`);
        types.set(input.name, type);
      }
      for (const step of steps.steps) {
        const name = (held: Held) => (typeof held === "number" ? names.get(held) : undefined);
        const writes = step.bindings
          .filter((one) => one.access === "write")
          .flatMap((one) => name(one.held) ?? []);
        const reads = step.bindings
          .filter((one) => one.access === "read")
          .flatMap((one) => name(one.held) ?? []);
        for (const own of writes) {
          written.add(own);
          for (const other of reads) relate(conflicts, own, other);
        }
      }
    }
    const names = [...types.keys()];
    const colours = colour(
      names.filter((name) => written.has(name)),
      conflicts,
    );
    const open = new Map<string, number>();
    for (const name of names) {
      const arena = written.has(name) ? `state.${colours.get(name) ?? 0}` : "weights";
      const { dtype, shape } = types.get(name) ?? bug(`no type of ${name}`);
      const bytes = bytesOfType({ dtype, shape });
      let buffer = open.get(arena);
      if (buffer === undefined || this.#buffers[buffer].bytes + aligned(bytes) > mostBytes) {
        buffer = this.#buffers.push({ arena, bytes: 0 }) - 1;
        open.set(arena, buffer);
      }
      const offset = this.#buffers[buffer].bytes;
      this.#buffers[buffer].bytes += aligned(bytes);
      this.#tensors.set(name, {
        dtype,
        shape,
        slice: { buffer, offset, bytes },
        source: this.#sourceOf(name),
      });
    }
  }

  // Programs --------------------------------------------------------------------------------------

  #program(steps: Steps, upload: number, scratch: number[]): Program {
    const { graph, host, types } = steps;
    const slices = new Map<ValueId, Slice>();
    for (const [value, name] of persistentNames(steps)) {
      slices.set(value, (this.#tensors.get(name) ?? bug(`no tensor ${name}`)).slice);
    }
    const place = (value: ValueId): Slice => {
      const bytes = bytesOfType(types[value]);
      const offset = this.#buffers[upload].bytes;
      this.#buffers[upload].bytes += aligned(bytes);
      const slice = { buffer: upload, offset, bytes };
      slices.set(value, slice);
      return slice;
    };
    const batch: Record<string, Program["batch"][string]> = {};
    for (const input of graph.inputs) {
      if (input.kind === "batch")
        batch[input.name] = { ...graph.types[input.value], slice: place(input.value) };
    }
    const used = new Set<Held>([
      ...steps.outputs.values(),
      ...steps.steps.flatMap((step) => step.bindings.map((one) => one.held)),
    ]);
    const scalars: Record<string, Program["scalars"][string]> = {};
    for (const [value, scalar] of host) {
      if (!used.has(value)) continue;
      const name = graph.inputs.find((input) => input.value === value)?.name ?? `host.${value}`;
      scalars[name] = { dtype: types[value].dtype, slice: place(value), value: scalar };
    }
    const temporary = this.#placeScratch(steps, slices, scratch);
    const sliceOf = (held: Held): Slice =>
      typeof held === "number"
        ? (slices.get(held) ?? bug(`a dispatch of ${graph.name} binds a value without memory`))
        : (temporary.get(held.scratch) ?? bug("stages of a kernel without memory between them"));
    const results: Record<string, Program["results"][string]> = {};
    for (const { name, value, replaces } of graph.outputs) {
      const held = steps.outputs.get(name);
      if (replaces === undefined && held !== undefined) {
        results[name] = { ...graph.types[value], slice: sliceOf(held) };
      }
    }
    return {
      batch,
      scalars,
      dispatches: steps.steps.map((step) => this.#dispatch(step, sliceOf)),
      results,
    };
  }

  #placeScratch(steps: Steps, slices: Map<ValueId, Slice>, scratch: number[]): Map<number, Slice> {
    const lives = new Map<string, { held: Held; bytes: number; first: number; last: number }>();
    const conflicts = new Map<string, Set<string>>();
    const keyOf = (held: Held) => (typeof held === "number" ? `v${held}` : `s${held.scratch}`);
    const isScratch = (held: Held) => typeof held !== "number" || !slices.has(held);
    for (const [at, step] of steps.steps.entries()) {
      for (const { held } of step.bindings) {
        if (!isScratch(held)) continue;
        const key = keyOf(held);
        const bytes = typeof held === "number" ? bytesOfType(steps.types[held]) : held.bytes;
        lives.set(key, { held, bytes, first: lives.get(key)?.first ?? at, last: at });
      }
      const mine = (access: string) =>
        step.bindings
          .filter((one) => one.access === access && isScratch(one.held))
          .map((one) => keyOf(one.held));
      for (const own of mine("write"))
        for (const other of mine("read")) relate(conflicts, own, other);
    }
    for (const value of steps.outputs.values()) {
      const life = lives.get(keyOf(value));
      if (life !== undefined) life.last = steps.steps.length;
    }
    const keys = [...lives.keys()];
    const colours = colour(keys, conflicts);
    const result = new Map<number, Slice>();
    for (let own = 0; own <= Math.max(-1, ...colours.values()); own++) {
      const members = keys
        .filter((key) => colours.get(key) === own)
        .flatMap((key) => lives.get(key) ?? []);
      const { offsets, bytes } = pack(members);
      scratch[own] ??= this.#buffers.push({ arena: `scratch.${own}`, bytes: 0 }) - 1;
      const buffer = scratch[own];
      this.#buffers[buffer].bytes = Math.max(this.#buffers[buffer].bytes, bytes);
      for (const [place, life] of members.entries()) {
        const slice = { buffer, offset: offsets[place], bytes: life.bytes };
        if (typeof life.held === "number") slices.set(life.held, slice);
        else result.set(life.held.scratch, slice);
      }
    }
    return result;
  }

  #dispatch(step: Step, sliceOf: (held: Held) => Slice): Dispatch {
    const { wgsl, workgroup, grid } = step.stage;
    let known = this.#kernels.get(wgsl);
    if (known === undefined) {
      known = { name: `k${this.#kernels.size}`, kernel: { wgsl, workgroup } };
      this.#kernels.set(wgsl, known);
    }
    // Arrays of vec4 end at whole ones; slices are 256 apart, so the bytes up to there are nobody else's.
    const bindings = step.bindings.map(({ held }) => {
      const slice = sliceOf(held);
      return { ...slice, bytes: Math.ceil(slice.bytes / 16) * 16 };
    });
    this.#mostBindings = Math.max(this.#mostBindings, bindings.length);
    this.#mostBound = Math.max(this.#mostBound, ...bindings.map((slice) => slice.bytes));
    return { kernel: known.name, bindings, grid, label: step.label };
  }
}

function bytesOfType({ dtype, shape }: TensorType): number {
  return Math.ceil((elementsOf(shape) * bytesOf(dtype)) / 4) * 4;
}

/** The persistent tensor that each value is or replaces. */
function persistentNames(steps: Steps): Map<ValueId, string> {
  const names = new Map<ValueId, string>();
  for (const input of steps.graph.inputs) {
    if (input.kind === "weight" || input.kind === "state") names.set(input.value, input.name);
  }
  for (const [value, state] of steps.homes) {
    const name = names.get(state);
    if (name !== undefined) names.set(value, name);
  }
  return names;
}
