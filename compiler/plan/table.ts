/** Whose memory it is: the bytes of a plan by owner, and what of it a device cannot hold. */

import type { PlannedPrograms } from "./programs.ts";
import type { Target } from "./target.ts";

export interface MemoryRow {
  /**
   * - `frozen`, `trained`: parameters
   * - `gradient`, `m`, `v`, …: what there is one of for each trained parameter
   * - `sums`: other tensors that live between programs
   * - `uploads`: batches and numbers that change by step
   * - `activations`: everything that lives within one execution, at its peak
   * - `padding`: what alignment takes between tensors
   */
  readonly owner: string;
  readonly bytes: number;
}

type Memory = Pick<PlannedPrograms, "buffers" | "tensors">;

/** The largest first. Together they are all of the buffers. */
export function memoryTable({ buffers, tensors }: Memory): MemoryRow[] {
  const owners = new Map<string, number>();
  const add = (owner: string, bytes: number) => owners.set(owner, (owners.get(owner) ?? 0) + bytes);
  const used = new Map<number, number>();
  for (const [name, { slice }] of Object.entries(tensors)) {
    add(ownerOf(name, buffers[slice.buffer].arena, tensors), slice.bytes);
    used.set(slice.buffer, (used.get(slice.buffer) ?? 0) + slice.bytes);
  }
  for (const [at, { arena, bytes }] of buffers.entries()) {
    const [kind] = arena.split(".");
    if (kind === "scratch") add("activations", bytes);
    else if (kind === "upload") add("uploads", bytes);
    else add("padding", bytes - (used.get(at) ?? 0));
  }
  const rows = [...owners].map(([owner, bytes]) => ({ owner, bytes }));
  return rows.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

function ownerOf(name: string, arena: string, tensors: Memory["tensors"]): string {
  if (arena.startsWith("weights")) return "frozen";
  const [first] = name.split(".");
  // `m.layers.0.up` belongs to `layers.0.up`.
  if (name.slice(first.length + 1) in tensors) return first;
  const isParameter = Object.keys(tensors).some(
    (other) => other !== name && other.endsWith(`.${name}`),
  );
  return isParameter ? "trained" : "sums";
}

/** `14.20GiB`, `512B` */
export function showBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 2 ** (10 * power)).toFixed(power === 0 ? 0 : 2)}${units[power]}`;
}

/** Something larger than a device takes. */
export interface Oversized {
  /** `tensor model.embed_tokens.weight`, or what a dispatch computes. */
  readonly what: string;
  /** Where it is computed; undefined for a tensor that lives throughout. */
  readonly program: string | undefined;
  readonly bytes: number;
  /** What the device takes at once. */
  readonly most: number;
}

/** Each thing once, in order: tensors, then what programs compute. */
export function oversized(planned: PlannedPrograms, target: Target): Oversized[] {
  const most = target.mostBound;
  const found = new Map<string, Oversized>();
  const persistent = new Set<string>();
  for (const [name, { slice }] of Object.entries(planned.tensors)) {
    persistent.add(`${slice.buffer}+${slice.offset}`);
    const what = `tensor ${name}`;
    if (slice.bytes > most) found.set(what, { what, program: undefined, bytes: slice.bytes, most });
  }
  for (const [program, { dispatches }] of Object.entries(planned.programs)) {
    for (const { label, bindings } of dispatches) {
      for (const { buffer, offset, bytes } of bindings) {
        if (bytes <= most || persistent.has(`${buffer}+${offset}`)) continue;
        found.set(label, { what: label, program, bytes, most });
      }
    }
  }
  return [...found.values()];
}
