/**
 * A graph as a list of dispatches over values, before memory: which value each dispatch reads and writes, what
 * is computed over the state it replaces, and what must be copied because it could not be.
 */

import type { Scalar as HostScalar } from "../../runtime/plan.ts";
import { bug } from "../bug.ts";
import type { Graph, TensorType, ValueId } from "../graph/graph.ts";
import { type Fused, fuse } from "../kernels/fuse.ts";
import { variable } from "../kernels/index.ts";
import {
  type Kernel,
  type MapKernel,
  needsOf,
  type Result,
  readsIn,
  readsOf,
  resultsOf,
  scalarsOf,
} from "../kernels/kernel.ts";
import { printKernel } from "../kernels/print.ts";
import { givenValues, verifyKernels } from "../kernels/verify.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import type { KernelWriter } from "../wgsl/emit.ts";
import type { Stage } from "../wgsl/stage.ts";
import { hostValues } from "./host.ts";
import { ordered } from "./order.ts";
import type { Target } from "./target.ts";

/** What a dispatch binds: a value of the graph, or memory between the stages of one kernel. */
export type Held = ValueId | { readonly scratch: number; readonly bytes: number };

export interface Step {
  readonly label: string;
  readonly stage: Stage;
  readonly bindings: readonly { readonly held: Held; readonly access: "read" | "write" }[];
}

export interface Steps {
  readonly graph: Graph;
  /** By value: those of the graph, and those that steps need beside them. */
  readonly types: readonly TensorType[];
  readonly steps: readonly Step[];
  /** Values that the host computes and uploads. */
  readonly host: ReadonlyMap<ValueId, HostScalar>;
  /** Values that live where a state lives, which they replace. */
  readonly homes: ReadonlyMap<ValueId, ValueId>;
  /** By output: the value whose memory holds it. */
  readonly outputs: ReadonlyMap<string, ValueId>;
}

/** A graph's kernels in the order in which they run. */
export function kernelsOf(graph: Graph, target: Target): readonly Kernel[] {
  return scheduled(graph, target).kernels;
}

function scheduled(graph: Graph, { mostBindings }: Target): Fused & Pick<Steps, "host"> {
  const host = hostValues(graph);
  const inputs = new Set(graph.inputs.map(({ value }) => value));
  const given = new Set([...host.keys()].filter((value) => !inputs.has(value)));
  const fused = fuse(graph, { given, mostBindings });
  return { ...fused, kernels: ordered(graph, fused.kernels, fused.aliases), host };
}

/** With `verify`, a kernel that is not sound is a bug, with all of them shown. */
export function stepsOf(graph: Graph, target: Target, writer: KernelWriter, verify = false): Steps {
  const { kernels, aliases, streams, ...found } = scheduled(graph, target);
  const host = new Map(found.host);
  const { mostBindings } = target;
  const types: TensorType[] = [...graph.types];
  for (const [stream, value] of streams) {
    types[value] = { dtype: "u32", shape: [] };
    host.set(value, stream);
  }
  const places = placeOutputs(graph, kernels, aliases, types);
  if (verify) {
    const uploaded = host.keys();
    const typeOf = (value: ValueId) => types[value];
    const given = givenValues(graph, uploaded);
    const faults = verifyKernels({ kernels, typeOf, given, mostBindings, replaced: places.homes });
    if (faults.length > 0) bug(faults.join("; "), kernels.map(printKernel).join("\n"));
  }
  const steps: Step[] = [];
  let scratch = 0;
  const push = (kernel: Kernel): void => {
    const own = resultsOf(kernel).flatMap((value): [ValueId, ValueId][] => {
      const state = places.homes.get(value);
      return state === undefined ? [] : [[value, state]];
    });
    const emitted = writer.write(kernel, new Map(own));
    const held: Held = { scratch: scratch++, bytes: emitted.scratch };
    for (const stage of emitted.stages) {
      const bindings = stage.bindings.map((one) => ({
        ...one,
        held: one.held === "scratch" ? held : one.held,
      }));
      steps.push({ label: kernel.label, stage, bindings });
    }
  };
  const copy = ({ from, to }: Copy): void => push(copyKernel(types[from], from, to));
  for (const one of places.before) copy(one);
  for (const kernel of kernels) {
    // What a piece is written into lives on, unless the result takes its place.
    if (kernel.kind === "write" && places.homes.get(kernel.value) !== kernel.target) {
      copy({ from: kernel.target, to: kernel.value });
    }
    push(kernel);
  }
  for (const one of places.after) copy(one);
  return { graph, types, steps, host, homes: places.homes, outputs: places.outputs };
}

// Outputs ---------------------------------------------------------------------------------------

interface Copy {
  readonly from: ValueId;
  readonly to: ValueId;
}

interface Places {
  readonly homes: ReadonlyMap<ValueId, ValueId>;
  readonly outputs: ReadonlyMap<string, ValueId>;
  readonly before: readonly Copy[];
  readonly after: readonly Copy[];
}

/** Adds the types of values that only copies need. */
function placeOutputs(
  graph: Graph,
  kernels: readonly Kernel[],
  aliases: ReadonlyMap<ValueId, ValueId>,
  types: TensorType[],
): Places {
  const uses = usesOf(kernels);
  const homes = new Map<ValueId, ValueId>();
  const outputs = new Map<string, ValueId>();
  const saved = new Map<ValueId, ValueId>();
  const after: Copy[] = [];
  const inputs = new Map(graph.inputs.map(({ name, value }) => [name, value]));
  const stateOf = (name: string) => inputs.get(name) ?? bug(`${name} is replaced and is no input`);
  const replaced = new Set<ValueId>();
  for (const { value, replaces } of graph.outputs) {
    if (replaces !== undefined && stateOf(replaces) !== value) replaced.add(stateOf(replaces));
  }
  /** A state as it was, where the program replaces it. */
  const asItWas = (value: ValueId): ValueId => {
    if (!replaced.has(value)) return value;
    const known = saved.get(value);
    if (known !== undefined) return known;
    types.push(types[value]);
    saved.set(value, types.length - 1);
    return types.length - 1;
  };
  for (const output of graph.outputs) {
    const value = aliases.get(output.value) ?? output.value;
    const state = output.replaces === undefined ? undefined : stateOf(output.replaces);
    if (state === value) continue;
    if (state !== undefined && !homes.has(value) && canReplace(uses, value, state)) {
      homes.set(value, state);
    } else if (state !== undefined) after.push({ from: asItWas(value), to: state });
    outputs.set(output.name, asItWas(value));
  }
  const before = [...saved].map(([from, to]) => ({ from, to }));
  return { homes, outputs, before, after };
}

function copyKernel({ dtype, shape }: TensorType, from: ValueId, to: ValueId): MapKernel {
  const count = elementsOf(shape);
  const place = variable("i", count);
  const body = { kind: "load", value: from, index: place, dtype } as const;
  return { kind: "map", label: "copy", count, results: [{ value: to, dtype, place, body }] };
}

/**
 * Whether a value may be computed into the state's own memory: nothing reads the state afterwards, and the
 * kernel that computes it reads the state only where and when it writes.
 */
function canReplace(uses: Uses, value: ValueId, state: ValueId): boolean {
  const maker = uses.maker.get(value);
  if (maker === undefined) return false;
  const isReadLater = (uses.lastReader.get(state) ?? -1) > maker.at;
  return !isReadLater && readsOnlyItsPlace(maker.kernel, value, state);
}

/** Where in the order of kernels values are made, and read last. */
interface Uses {
  readonly maker: ReadonlyMap<ValueId, { readonly kernel: Kernel; readonly at: number }>;
  readonly lastReader: ReadonlyMap<ValueId, number>;
}

function usesOf(kernels: readonly Kernel[]): Uses {
  const maker = new Map<ValueId, { kernel: Kernel; at: number }>();
  const lastReader = new Map<ValueId, number>();
  for (const [at, kernel] of kernels.entries()) {
    for (const value of resultsOf(kernel)) maker.set(value, { kernel, at });
    for (const value of needsOf(kernel)) lastReader.set(value, at);
  }
  return { maker, lastReader };
}

function readsOnlyItsPlace(kernel: Kernel, value: ValueId, state: ValueId): boolean {
  switch (kernel.kind) {
    case "map":
    case "contract":
      return isReadAtPlace(kernel, kernel.results, value, state);
    case "rows": {
      // Elements are stored in one pass or another, so another result must not read what one replaces.
      const own = kernel.elementResults.filter((result) => result.value === value);
      return isReadAtPlace(kernel, own.length > 0 ? own : kernel.rowResults, value, state);
    }
    case "write":
      return kernel.target === state && !readsOf(kernel).includes(state);
    case "scatter-add":
    case "attention":
    case "cross-entropy":
      return !readsOf(kernel).includes(state);
    default:
      return kernel satisfies never;
  }
}

/** Whether the state is read by these results alone, and by none of them elsewhere than where `value` is written. */
function isReadAtPlace(
  kernel: Kernel,
  results: readonly Result[],
  value: ValueId,
  state: ValueId,
): boolean {
  const own = results.find((result) => result.value === value);
  const bodies = results.map(({ body }) => body);
  const others = scalarsOf(kernel).filter((scalar) => !bodies.includes(scalar));
  if (readsIn(others).some((read) => read.value === state)) return false;
  return readsIn(bodies).every(
    (read) => read.value !== state || (read.kind === "load" && read.index.key === own?.place.key),
  );
}
