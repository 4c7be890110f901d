/**
 * Memory. Buffers are few, since each is tracked by itself: a dispatch may not read and write one buffer, so
 * what it reads and what it writes are coloured apart. Within a colour, values that never live at the same time
 * share bytes.
 */

/** Offsets of bindings are multiples of this: WebGPU's default, which every device allows. */
export const alignment = 256;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Colours so that no two in conflict have the same; the lowest that is free, in order. */
export function colour<Key>(
  keys: readonly Key[],
  conflicts: ReadonlyMap<Key, ReadonlySet<Key>>,
): Map<Key, number> {
  const colours = new Map<Key, number>();
  for (const key of keys) {
    const taken = new Set([...(conflicts.get(key) ?? [])].map((other) => colours.get(other)));
    let lowest = 0;
    while (taken.has(lowest)) lowest++;
    colours.set(key, lowest);
  }
  return colours;
}

export interface Lifetime {
  readonly bytes: number;
  /** The steps of first and last use, both included. */
  readonly first: number;
  readonly last: number;
}

/** Offsets, first fit in the order given, and the bytes that all of them need. */
export function pack(lifetimes: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const placed: { start: number; end: number; life: Lifetime }[] = [];
  const offsets: number[] = [];
  let total = 0;
  for (const life of lifetimes) {
    const size = aligned(life.bytes);
    const alive = placed
      .filter((other) => other.life.first <= life.last && life.first <= other.life.last)
      .sort((a, b) => a.start - b.start);
    let start = 0;
    for (const other of alive) {
      if (start + size <= other.start) break;
      start = Math.max(start, other.end);
    }
    placed.push({ start, end: start + size, life });
    offsets.push(start);
    total = Math.max(total, start + size);
  }
  return { offsets, bytes: total };
}

/** Adds to both sides of a relation. */
export function relate<Key>(relation: Map<Key, Set<Key>>, a: Key, b: Key): void {
  const of = (key: Key) => relation.get(key) ?? relation.set(key, new Set()).get(key);
  of(a)?.add(b);
  of(b)?.add(a);
}
