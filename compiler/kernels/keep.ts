/**
 * Which values are kept in memory between kernels: outputs, and what one kernel makes and another reads; but not
 * what its readers may as well compute from what is kept anyway, since memory is dearer than arithmetic.
 */

import type { ValueId } from "../graph/graph.ts";
import { bytesOf } from "../tensor/dtype.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { bearable, cheap, costOf, isOperand, shareOf } from "./cost.ts";
import { Expansion, type Values } from "./expand.ts";
import { roleOf } from "./form.ts";
import type { Group, Groups } from "./group.ts";
import type { Index } from "./index.ts";
import { type Load, type Pick, readsIn, type Scalar } from "./kernel.ts";
import type { Member } from "./space.ts";

/** Members of groups that are kept. Stored values are kept beside them. */
export function keptValues(
  values: Values,
  groups: Groups,
  mostBindings: number,
): ReadonlySet<ValueId> {
  return new Keeping(values, groups, mostBindings).kept();
}

/** Who reads: a group, or a stored value. */
type Reader = Group | ValueId;

class Keeping {
  readonly #values: Values;
  readonly #groups: Groups;
  readonly #mostBindings: number;
  readonly #kept = new Set<ValueId>();
  /** Those that read a value they do not make. */
  readonly #readers = new Map<ValueId, Set<Reader>>();
  /** What each reads that it does not make, by place: whole values under their number alone. */
  readonly #reads = new Map<Reader, Map<string, ValueId>>();
  /** Values that someone reads again and again. */
  readonly #operands = new Set<ValueId>();
  /** Values that must be in memory whole. */
  readonly #needed = new Set<ValueId>();
  readonly #outputs: ReadonlySet<ValueId>;

  constructor(values: Values, groups: Groups, mostBindings: number) {
    this.#values = values;
    this.#groups = groups;
    this.#mostBindings = mostBindings;
    const { outputs } = values.graph;
    this.#outputs = new Set(outputs.map(({ value }) => groups.aliases.get(value) ?? value));
    for (const group of this.#all()) {
      for (const member of group.members) this.#readBy(group, member);
    }
    const through = new Expansion(values, (value, index) =>
      groups.of.has(value) ? values.load(value, index) : undefined,
    );
    for (const value of groups.stored) {
      const element = through.inside(value, values.everywhere(value));
      for (const read of readsIn([element])) {
        this.#read(value, read.value, placeOf(read));
        if (read.kind === "pick") this.#needed.add(read.value);
      }
    }
    for (const value of this.#outputs) if (groups.of.has(value)) this.#kept.add(value);
  }

  kept(): ReadonlySet<ValueId> {
    for (const group of this.#all()) this.#spareTogether(group);
    const members = this.#all().flatMap((group) => group.members);
    members.sort((a, b) => a.position - b.position);
    for (const member of members) {
      const change = this.#canSpare(member) ? this.#change([member.value]) : undefined;
      if (change !== undefined && change.saves >= 0) this.#make(change);
    }
    return this.#kept;
  }

  #all(): Group[] {
    return [...new Set(this.#groups.of.values())];
  }

  #readBy(group: Group, { node, reads }: Member): void {
    const isHeavy = !["pointwise", "reduce"].includes(roleOf(node));
    for (const { value, place, needsAll } of reads) {
      if (this.#groups.of.get(value) === group) continue;
      this.#read(group, value, place);
      if (isHeavy) this.#operands.add(value);
      if (needsAll) this.#needed.add(value);
    }
  }

  #read(reader: Reader, value: ValueId, place: Index | undefined): void {
    const readers = this.#readers.get(value) ?? new Set();
    this.#readers.set(value, readers.add(reader));
    const reads = this.#reads.get(reader) ?? new Map<string, ValueId>();
    this.#reads.set(reader, reads.set(keyOf(value, place), value));
    if (this.#groups.of.has(value)) this.#kept.add(value);
  }

  // Sparing ---------------------------------------------------------------------------------------

  /** Values that one other group reads and nobody else: it may compute them all from one value of this group. */
  #spareTogether(group: Group): void {
    const byReader = new Map<Group, ValueId[]>();
    for (const member of group.members) {
      const [reader, ...others] = this.#readers.get(member.value) ?? [];
      const isLone = typeof reader === "object" && others.length === 0;
      if (!isLone || !this.#canSpare(member) || this.#operands.has(member.value)) continue;
      const known = byReader.get(reader) ?? [];
      byReader.set(reader, [...known, member.value]);
    }
    for (const spared of byReader.values()) {
      if (spared.length < 2) continue;
      const bases = group.members
        .map(({ value }) => value)
        .filter((value) => !spared.includes(value));
      const changes = [undefined, ...bases].flatMap((base) => this.#change(spared, base) ?? []);
      const [best] = changes.sort((a, b) => b.saves - a.saves);
      if (best !== undefined && best.saves > 0) this.#make(best);
    }
  }

  #canSpare({ node, value }: Member): boolean {
    const isFree = this.#kept.has(value) && !this.#outputs.has(value) && !this.#needed.has(value);
    return isFree && roleOf(node) === "pointwise";
  }

  /**
   * What it would mean if these were computed by their readers, from what else is kept and from `base`; undefined
   * where that cannot be, or costs too much arithmetic.
   */
  #change(spared: readonly ValueId[], base?: ValueId): Change | undefined {
    const [first] = spared;
    const readers = this.#readers.get(first) ?? new Set();
    const elements = this.#elements(spared, base);
    if (elements === undefined) return undefined;
    const { operations, loads } = costOf(...elements);
    const isAlone = readers.size === 1 && !this.#operands.has(first);
    const isDear = operations > (isAlone ? bearable * spared.length : cheap);
    const isOperandOfSome = spared.some((value) => this.#operands.has(value));
    if (isDear || (isOperandOfSome && !elements.every(isOperand))) return undefined;
    if (!loads.every((load) => this.#isAtHand(load, first))) return undefined;
    const isNew = base !== undefined && !this.#kept.has(base);
    // Each takes a store, and a load for each who reads it.
    const now = spared.length * (1 + readers.size);
    const share = (load: Load | Pick) => shareOf(this.#count(load.value), this.#count(first));
    let then = isNew ? 1 : 0;
    for (const reader of readers) {
      const reads = this.#reads.get(reader) ?? new Map<string, ValueId>();
      const fresh = loads.filter((load) => !reads.has(keyOf(load.value, placeOf(load))));
      then += fresh.reduce((total, load) => total + share(load), 0);
      const bound = new Set([...reads.values(), ...fresh.map((load) => load.value)]);
      for (const value of spared) bound.delete(value);
      if (bound.size + this.#written(reader) > this.#mostBindings) return undefined;
    }
    return { spared, loads, readers, saves: now - then };
  }

  #make({ spared, loads, readers }: Change): void {
    const areOperands = spared.some((value) => this.#operands.has(value));
    for (const load of loads) {
      for (const reader of readers) this.#read(reader, load.value, placeOf(load));
      if (areOperands) this.#operands.add(load.value);
    }
    for (const value of spared) {
      this.#kept.delete(value);
      for (const reader of readers) {
        const reads = this.#reads.get(reader) ?? new Map<string, ValueId>();
        for (const [key, read] of reads) if (read === value) reads.delete(key);
      }
    }
  }

  /** Values that a kernel writes. */
  #written(reader: Reader): number {
    if (typeof reader === "number") return 1;
    return reader.members.filter(({ value }) => this.#kept.has(value)).length;
  }

  /** Elements from what else is kept; undefined where they are made of more than pointwise nodes. */
  #elements(spared: readonly ValueId[], base: ValueId | undefined): Scalar[] | undefined {
    let isWhole = true;
    const expansion = new Expansion(this.#values, (other, index) => {
      const maker = this.#values.maker(other);
      const isKept = other === base || (this.#kept.has(other) && !spared.includes(other));
      if (maker === undefined || isKept) return this.#values.load(other, index);
      if (roleOf(maker) === "inline" || roleOf(maker) === "pointwise") return undefined;
      isWhole = false;
      return this.#values.load(other, index);
    });
    const elements = spared.map((value) => expansion.inside(value, this.#values.everywhere(value)));
    return isWhole ? elements : undefined;
  }

  /** Reading it instead keeps no more bytes for longer. */
  #isAtHand(load: Load | Pick, value: ValueId): boolean {
    if (load.kind === "pick") return false;
    if (this.#values.maker(load.value) === undefined) return true;
    const bytes = (of: ValueId) => this.#count(of) * bytesOf(this.#values.type(of).dtype);
    return bytes(load.value) <= bytes(value);
  }

  #count(value: ValueId): number {
    return elementsOf(this.#values.type(value).shape);
  }
}

interface Change {
  readonly spared: readonly ValueId[];
  readonly loads: readonly (Load | Pick)[];
  readonly readers: ReadonlySet<Reader>;
  /** Stores and loads of whole values, fewer than now. */
  readonly saves: number;
}

function placeOf(read: Load | Pick): Index | undefined {
  return read.kind === "load" ? read.index : undefined;
}

function keyOf(value: ValueId, place: Index | undefined): string {
  return `${value}@${place?.key}`;
}
