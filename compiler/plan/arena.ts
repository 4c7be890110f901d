/**
 * Memory. Buffers are few, since each is tracked by itself: a dispatch may not read and write one buffer, so
 * what it reads lies in other buffers than what it writes. Within a buffer, values that never live at the same
 * time share bytes.
 */

import type { TensorType } from "../ops/op.ts";
import { bytesOf } from "../tensor/dtype.ts";
import { elementsOf } from "../tensor/ndarray.ts";

/** Offsets of bindings are multiples of this: WebGPU's default, which every device allows. */
export const alignment = 256;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Bytes in memory, in whole words. */
export function bytesOfType({ dtype, shape }: TensorType): number {
  return Math.ceil((elementsOf(shape) * bytesOf(dtype)) / 4) * 4;
}

export interface Life {
  readonly bytes: number;
  /** The steps of first and last use, both included. */
  readonly first: number;
  readonly last: number;
}

export interface Place {
  /** Which of the buffers, from 0. */
  readonly buffer: number;
  readonly offset: number;
}

export interface Layout<Key> {
  readonly places: ReadonlyMap<Key, Place>;
  /** Bytes of each buffer. */
  readonly buffers: readonly number[];
}

/** Keys that may not share a buffer, both ways. */
export type Conflicts<Key> = ReadonlyMap<Key, ReadonlySet<Key>>;

/**
 * A place for every key. The largest choose first, each the buffer that grows least by it, so that what is small
 * fills the gaps between what is large. No buffer gets larger than `most`, unless one value is.
 */
export function layOut<Key>(
  lives: ReadonlyMap<Key, Life>,
  conflicts: Conflicts<Key>,
  most: number,
): Layout<Key> {
  const places = new Map<Key, Place>();
  const buffers: Buffer<Key>[] = [];
  const bySize = [...lives].sort(([, a], [, b]) => b.bytes - a.bytes || a.first - b.first);
  for (const [key, life] of bySize) {
    const apart = conflicts.get(key) ?? new Set();
    const size = aligned(life.bytes);
    let best: { buffer: number; offset: number; growth: number } | undefined;
    for (const [at, buffer] of buffers.entries()) {
      if (buffer.keys.some((other) => apart.has(other))) continue;
      const offset = gapFor(buffer, life, size);
      const growth = Math.max(0, offset + size - buffer.bytes);
      if (offset + size > most || (best !== undefined && best.growth <= growth)) continue;
      best = { buffer: at, offset, growth };
    }
    const { buffer, offset } = best ?? {
      buffer: buffers.push({ keys: [], placed: [], bytes: 0 }) - 1,
      offset: 0,
    };
    buffers[buffer].keys.push(key);
    buffers[buffer].placed.push({ start: offset, end: offset + size, life });
    buffers[buffer].bytes = Math.max(buffers[buffer].bytes, offset + size);
    places.set(key, { buffer, offset });
  }
  return { places, buffers: buffers.map(({ bytes }) => bytes) };
}

interface Buffer<Key> {
  readonly keys: Key[];
  readonly placed: { readonly start: number; readonly end: number; readonly life: Life }[];
  bytes: number;
}

/** The lowest offset at which nothing lies that lives at the same time. */
function gapFor({ placed }: Buffer<unknown>, { first, last }: Life, size: number): number {
  const alive = placed
    .filter((other) => other.life.first <= last && first <= other.life.last)
    .sort((a, b) => a.start - b.start);
  let start = 0;
  for (const other of alive) {
    if (start + size <= other.start) break;
    start = Math.max(start, other.end);
  }
  return start;
}

/** Bytes that live at the same time, at most: no layout needs less. */
export function peakOf(lives: Iterable<Life>): number {
  const changes = new Map<number, number>();
  const change = (step: number, bytes: number) =>
    changes.set(step, (changes.get(step) ?? 0) + bytes);
  for (const { bytes, first, last } of lives) {
    change(first, aligned(bytes));
    change(last + 1, -aligned(bytes));
  }
  let [live, peak] = [0, 0];
  for (const [, bytes] of [...changes].sort(([a], [b]) => a - b)) {
    live += bytes;
    peak = Math.max(peak, live);
  }
  return peak;
}

/** Adds to both sides of a relation. */
export function relate<Key>(relation: Map<Key, Set<Key>>, a: Key, b: Key): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ]) {
    const known = relation.get(one);
    if (known === undefined) relation.set(one, new Set([other]));
    else known.add(other);
  }
}
