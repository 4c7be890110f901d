/**
 * Which values are kept in memory between kernels: outputs, and what one kernel makes and another reads; but not
 * what its readers may as well compute from what is kept anyway, since memory is dearer than arithmetic.
 */

import type { ValueId } from "../graph/graph.ts";
import { bytesOf } from "../tensor/dtype.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { cheap, costOf, isOperand } from "./cost.ts";
import { Expansion, type Values } from "./expand.ts";
import { roleOf } from "./form.ts";
import type { Group, Groups } from "./group.ts";
import { type Load, type Pick, readsIn, type Scalar } from "./kernel.ts";
import type { Member } from "./space.ts";

/** Members of groups that are kept. Stored values are kept beside them. */
export function keptValues(values: Values, groups: Groups): ReadonlySet<ValueId> {
  return new Keeping(values, groups).kept();
}

class Keeping {
  readonly #values: Values;
  readonly #groups: Groups;
  readonly #kept = new Set<ValueId>();
  /** Groups, and stored values, that read a value they do not make. */
  readonly #readers = new Map<ValueId, Set<Group | ValueId>>();
  /** Values that someone reads again and again, or at places that data decide. */
  readonly #operands = new Set<ValueId>();
  readonly #outputs: ReadonlySet<ValueId>;

  constructor(values: Values, groups: Groups) {
    this.#values = values;
    this.#groups = groups;
    const { outputs } = values.graph;
    this.#outputs = new Set(outputs.map(({ value }) => groups.aliases.get(value) ?? value));
    for (const group of new Set(groups.of.values())) {
      for (const member of group.members) this.#readBy(group, member);
    }
    const through = new Expansion(values, (value, index) =>
      groups.of.has(value) ? values.load(value, index) : undefined,
    );
    for (const value of groups.stored) {
      for (const read of readsIn([through.inside(value, this.#values.everywhere(value))]))
        this.#read(read.value, value);
    }
    for (const value of this.#outputs) if (groups.of.has(value)) this.#kept.add(value);
  }

  kept(): ReadonlySet<ValueId> {
    const members = [...new Set(this.#groups.of.values())].flatMap(({ members }) => members);
    members.sort((a, b) => a.position - b.position);
    for (const member of members) if (this.#isSpared(member)) this.#kept.delete(member.value);
    return this.#kept;
  }

  #readBy(group: Group, { node, reads }: Member): void {
    const isHeavy = !["pointwise", "reduce"].includes(roleOf(node));
    for (const { value, place } of reads) {
      if (this.#groups.of.get(value) === group) continue;
      this.#read(value, group);
      if (isHeavy || place === undefined) this.#operands.add(value);
    }
  }

  #read(value: ValueId, reader: Group | ValueId): void {
    const readers = this.#readers.get(value) ?? new Set();
    this.#readers.set(value, readers.add(reader));
    if (this.#groups.of.has(value)) this.#kept.add(value);
  }

  /** Whether readers compute the value themselves, from then on reading what it is computed from. */
  #isSpared({ node, value }: Member): boolean {
    if (!this.#kept.has(value) || this.#outputs.has(value) || roleOf(node) !== "pointwise")
      return false;
    const readers = this.#readers.get(value) ?? new Set();
    const { element, isWhole } = this.#fromKept(value);
    const { operations, loads } = costOf(element);
    if (!isWhole || operations > cheap || (this.#operands.has(value) && !isOperand(element)))
      return false;
    if (!loads.every((load) => this.#isAtHand(load, value))) return false;
    // Reading it takes a store and a load a reader.
    const share = (load: Load | Pick) => Math.min(1, this.#count(load.value) / this.#count(value));
    const dearness = loads.reduce((total, load) => total + share(load), 0);
    if (dearness * readers.size > readers.size + 1) return false;
    for (const load of loads) {
      for (const reader of readers) this.#read(load.value, reader);
      if (this.#operands.has(value)) this.#operands.add(load.value);
    }
    return true;
  }

  /** The value from what else is kept; not whole where it is the result of more than pointwise nodes. */
  #fromKept(value: ValueId): { element: Scalar; isWhole: boolean } {
    let isWhole = true;
    const expansion = new Expansion(this.#values, (other, index) => {
      const maker = this.#values.maker(other);
      if (maker === undefined || this.#kept.has(other)) return this.#values.load(other, index);
      if (roleOf(maker) === "inline" || roleOf(maker) === "pointwise") return undefined;
      isWhole = false;
      return this.#values.load(other, index);
    });
    return { element: expansion.inside(value, this.#values.everywhere(value)), isWhole };
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
