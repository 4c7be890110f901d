/** Where what outlives a program lies: tensors that programs share by the names of their inputs. */

import { bug } from "../bug.ts";
import type { TensorType, ValueId } from "../graph/graph.ts";
import { bytesOfType, type Life, layOut, relate } from "./arena.ts";
import type { Held, Steps } from "./steps.ts";

export interface PersistentLayout {
  readonly types: ReadonlyMap<string, TensorType>;
  /** Buffers of the arena, numbered on from those of the arenas before it. */
  readonly buffers: readonly { readonly arena: string; readonly bytes: number }[];
  readonly places: ReadonlyMap<string, { readonly buffer: number; readonly offset: number }>;
}

/** Those that no program writes lie by themselves, so that reading them is never next to a write. */
export function layOutPersistent(
  all: readonly Steps[],
  kept: ReadonlyMap<string, TensorType>,
  most: number,
): PersistentLayout {
  const types = persistentTypes(all, kept);
  const conflicts = new Map<string, Set<string>>();
  const written = new Set<string>();
  for (const steps of all) {
    const names = persistentNames(steps);
    const nameOf = ({ held }: { held: Held }) =>
      typeof held === "number" ? names.get(held) : undefined;
    for (const { bindings } of steps.steps) {
      const named = (access: string) =>
        bindings.filter((one) => one.access === access).flatMap((one) => nameOf(one) ?? []);
      for (const own of named("write")) {
        written.add(own);
        for (const other of named("read")) relate(conflicts, own, other);
      }
    }
  }
  const buffers: { arena: string; bytes: number }[] = [];
  const places = new Map<string, { buffer: number; offset: number }>();
  for (const arena of ["weights", "state"]) {
    const lives = new Map<string, Life>();
    for (const [name, type] of types) {
      const isOurs = written.has(name) === (arena === "state");
      if (isOurs) lives.set(name, { bytes: bytesOfType(type), first: 0, last: 0 });
    }
    const layout = layOut(lives, conflicts, most);
    for (const [name, { buffer, offset }] of layout.places) {
      places.set(name, { buffer: buffers.length + buffer, offset });
    }
    buffers.push(...layout.buffers.map((bytes, at) => ({ arena: `${arena}.${at}`, bytes })));
  }
  return { types, buffers, places };
}

function persistentTypes(
  all: readonly Steps[],
  kept: ReadonlyMap<string, TensorType>,
): ReadonlyMap<string, TensorType> {
  const types = new Map<string, TensorType>();
  for (const { graph } of all) {
    for (const { name, kind, value } of graph.inputs) {
      if (kind !== "weight" && kind !== "state") continue;
      const type = graph.types[value];
      const known = types.get(name) ?? type;
      const isSame = known.dtype === type.dtype && known.shape.join() === type.shape.join();
      if (!isSame) bug(`programs disagree about ${name}`);
      types.set(name, type);
    }
  }
  for (const [name, type] of kept) if (!types.has(name)) types.set(name, type);
  return types;
}

/** The persistent tensor that each value is or replaces. */
export function persistentNames({ graph, homes }: Steps): ReadonlyMap<ValueId, string> {
  const names = new Map<ValueId, string>();
  for (const { name, kind, value } of graph.inputs) {
    if (kind === "weight" || kind === "state") names.set(value, name);
  }
  for (const [value, state] of homes) {
    names.set(value, names.get(state) ?? bug("a value lives where no state does"));
  }
  return names;
}
