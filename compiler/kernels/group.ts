/**
 * Which nodes become one kernel. Nodes are taken in order, and each joins the groups that make what it reads
 * where one kernel can compute all of it; what is cheap to compute from one load is left to its readers.
 */

import { bug } from "../bug.ts";
import type { Graph, Node, ValueId } from "../graph/graph.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { cheap, costOf, isOperand, shareOf } from "./cost.ts";
import { Expansion, type Values } from "./expand.ts";
import { formOf, numbersOf, roleOf } from "./form.ts";
import { variable } from "./index.ts";
import { readsIn, type Scalar } from "./kernel.ts";
import { fits, jointSpace, type Member, type Read, rowSpace, type Space } from "./space.ts";

/** Nodes that become one kernel. */
export interface Group {
  readonly members: readonly Member[];
  /** What the members read, of each other too. */
  readonly reads: readonly Read[];
  /** Undefined for a node that is a kernel alone. */
  readonly space: Space | undefined;
}

export interface Groups {
  /** By value; values that no group has are computed by their readers. */
  readonly of: ReadonlyMap<ValueId, Group>;
  /** Values that no group has and that are kept all the same: kernels of their own. */
  readonly stored: ReadonlySet<ValueId>;
  /** Outputs that are other values under another shape. */
  readonly aliases: ReadonlyMap<ValueId, ValueId>;
}

/** Nodes between groups that are still joined for what both read: more, and values live longer for it. */
const nearby = 32;

export function groupsOf(values: Values, mostBindings: number): Groups {
  return new Grouping(values, mostBindings).groups();
}

class Grouping {
  readonly #graph: Graph;
  readonly #values: Values;
  readonly #mostBindings: number;
  readonly #groupOf = new Map<ValueId, Group>();
  /** What stored values are computed from: they are no part of expressions, but others rest on them. */
  readonly #stored = new Map<ValueId, Group>();
  readonly #aliases = new Map<ValueId, ValueId>();
  readonly #outputs: ReadonlySet<ValueId>;
  /** States by the outputs that replace them. */
  readonly #replaced = new Map<ValueId, ValueId>();
  readonly #readers = new Map<ValueId, Set<Node>>();
  /** The latest node that a group rests on, and the groups that rest on it. */
  readonly #reach = new Map<Group, number>();
  readonly #dependents = new Map<Group, Set<Group>>();
  /** Goes through whatever has no group so far. */
  readonly #expansion: Expansion;

  constructor(values: Values, mostBindings: number) {
    this.#values = values;
    this.#graph = values.graph;
    this.#mostBindings = mostBindings;
    this.#expansion = new Expansion(values, (value, index) =>
      this.#groupOf.has(value) ? values.load(value, index) : undefined,
    );
    for (const node of this.#graph.nodes.toReversed()) {
      // Whoever reads a view reads what it is of.
      const through = node.results.flatMap((result) => [...(this.#readers.get(result) ?? [])]);
      for (const argument of node.args) {
        const readers = this.#readers.get(argument) ?? new Set();
        for (const reader of roleOf(node) === "inline" ? through : [node]) readers.add(reader);
        this.#readers.set(argument, readers);
      }
    }
    this.#outputs = new Set(this.#graph.outputs.map(({ value }) => this.#underlying(value)));
    const inputs = new Map(this.#graph.inputs.map(({ name, value }) => [name, value]));
    for (const { value, replaces } of this.#graph.outputs) {
      const state = replaces === undefined ? undefined : inputs.get(replaces);
      if (state !== undefined) this.#replaced.set(this.#aliases.get(value) ?? value, state);
    }
  }

  groups(): Groups {
    for (const [position, node] of this.#graph.nodes.entries()) {
      if (this.#values.maker(node.results[0]) === node) this.#take(node, position);
    }
    this.#uniteSiblings();
    for (const value of this.#outputs) {
      this.#requireStored(value);
    }
    return {
      of: this.#groupOf,
      stored: new Set(this.#stored.keys()),
      aliases: this.#aliases,
    };
  }

  /** The value whose memory holds this one, by reshapes alone. */
  #underlying(value: ValueId): ValueId {
    let source = value;
    for (;;) {
      const node = this.#values.maker(source);
      if (node === undefined || formOf(node).kind !== "view" || node.args.length !== 1) break;
      const [argument] = node.args;
      const count = this.#count(source);
      if (this.#count(argument) !== count) break;
      const place = variable("e", count);
      const through = new Expansion(this.#values, (of, at) =>
        of === argument ? this.#values.load(of, at) : undefined,
      );
      const element = through.at(source, this.#values.everywhere(source));
      if (element.kind !== "load" || element.index.key !== place.key) break;
      source = argument;
    }
    if (source !== value) this.#aliases.set(value, source);
    return source;
  }

  #take(node: Node, position: number): void {
    switch (roleOf(node)) {
      case "inline":
        return;
      case "pointwise":
        this.#takePointwise(node, position);
        return;
      case "reduce":
        this.#takeReduction(node, position);
        return;
      case "contract":
      case "alone":
        this.#requireOperands(node);
        this.#begin(node, position);
        return;
    }
  }

  // Joining ---------------------------------------------------------------------------------------

  #takePointwise(node: Node, position: number): void {
    const form = formOf(node);
    if (form.kind === "gather") this.#requireStored(node.args[0]);
    const [value] = node.results;
    const count = this.#count(value);
    const body = this.#expansion.inside(value, this.#values.everywhere(value));
    const member = { node, value, position, count, rows: undefined, reads: readsOf([body]) };
    const own = groupOf([member], { kind: "elements", count, anchor: undefined });
    const joined = this.#joinable(own);
    const { operations, loads } = costOf(body);
    const dear = loads.filter((load) => shareOf(this.#count(load.value), count) > 0);
    const isFree = dear.length <= 1 && operations <= cheap;
    if (isFree && joined.length === 0 && !this.#outputs.has(value)) return;
    this.#unite([...joined, own]);
  }

  #takeReduction(node: Node, position: number): void {
    const [source] = node.args;
    const rows = rowSpace(this.#values.type(source).shape, numbersOf(node, "axes"));
    const reads = readsOf([this.#element(source)]);
    const member = { node, value: node.results[0], position, count: rows.count, rows, reads };
    const own = groupOf([member], rows);
    this.#unite([...this.#joinable(own), own]);
  }

  /** Groups that make what a new one reads and that can be one kernel with it, the latest first. */
  #joinable(own: Group): Group[] {
    const makers = new Set(own.reads.flatMap(({ value }) => this.#groupOf.get(value) ?? []));
    const joined: Group[] = [];
    for (const group of [...makers].sort((a, b) => latest(b) - latest(a))) {
      if (this.#canUnite([...joined, group, own])) joined.push(group);
    }
    return joined;
  }

  #canUnite(groups: readonly Group[]): boolean {
    const space = jointOf(groups);
    if (space === undefined) return false;
    const members = groups.flatMap((group) => group.members);
    return (
      fits(space, members) &&
      this.#bindings(members) <= this.#mostBindings &&
      !this.#isCycle(groups)
    );
  }

  /** Values that a kernel of these would read and write, at most. */
  #bindings(members: readonly Member[]): number {
    const own = new Set(members.map(({ value }) => value));
    const nodes = new Set(members.map(({ node }) => node));
    const read = new Set(members.flatMap(({ reads }) => reads.map(({ value }) => value)));
    const written = [...own].filter(
      (value) =>
        this.#outputs.has(value) ||
        [...(this.#readers.get(value) ?? [])].some((reader) => !nodes.has(reader)),
    );
    // A state that is read only where its result is written is bound once; beside folds, which store results one
    // after another, only where no other result reads it.
    const hasFolds = members.some(({ rows }) => rows !== undefined);
    const readers = (value: ValueId) =>
      members.filter(({ reads }) => reads.some((one) => one.value === value)).length;
    const replaced = new Set(
      written.flatMap((value) => {
        const state = this.#replaced.get(value);
        if (state === undefined) return [];
        return hasFolds && (readers(value) > 0 || readers(state) > 1) ? [] : state;
      }),
    );
    const isElsewhere = ({ value, place }: Read, count: number) =>
      replaced.has(value) && place?.key !== variable("e", count).key;
    for (const { reads, rows, count } of members) {
      const moved = reads.filter((one) => rows !== undefined || isElsewhere(one, count));
      for (const { value } of moved) replaced.delete(value);
    }
    const bound = [...read].filter((value) => !own.has(value) && !replaced.has(value));
    return bound.length + written.length;
  }

  /** Whether something between the groups would have to run after some of them and before others. */
  #isCycle(groups: readonly Group[]): boolean {
    const inside = new Set(groups);
    const first = Math.min(...groups.map(latest));
    const seen = new Set<Group>();
    const reaches = (from: Group, isOutside: boolean): boolean =>
      this.#before(from).some((group) => {
        if (seen.has(group)) return false;
        if (inside.has(group)) return isOutside;
        // What rests on nothing as late as these cannot rest on them.
        if ((this.#reach.get(group) ?? 0) < first) return false;
        seen.add(group);
        return reaches(group, true);
      });
    return groups.some((group) => reaches(group, false));
  }

  #unite(groups: readonly Group[]): void {
    const space = jointOf(groups) ?? bug("groups that have no room for each other");
    const members = groups.flatMap((group) => group.members);
    members.sort((a, b) => a.position - b.position);
    const dependents = groups.flatMap((group) => [...(this.#dependents.get(group) ?? [])]);
    this.#add(groupOf(members, space), dependents);
  }

  /** Lets groups that read the same elements read them once. */
  #uniteSiblings(): void {
    for (const [position, node] of this.#graph.nodes.entries()) {
      for (const value of node.results) {
        const group = this.#groupOf.get(value);
        if (group === undefined || earliest(group) < position) continue;
        const others = this.#siblings(group).filter((other) => this.#canUnite([other, group]));
        if (others.length > 0) this.#unite([others[0], group]);
      }
    }
  }

  /** Earlier groups, not far off, that read an element that this one reads at the same place; nearest first. */
  #siblings(group: Group): Group[] {
    const { space } = group;
    if (space === undefined) return [];
    const isElement = (read: Read) => read.place !== undefined && read.place.terms.length > 0;
    const places = new Set(group.reads.filter(isElement).map(keyOfRead));
    const near = new Set<Group>();
    const first = earliest(group);
    for (let position = first - 1; position >= Math.max(0, first - nearby); position--) {
      for (const value of this.#graph.nodes[position].results) {
        const other = this.#groupOf.get(value);
        if (other !== undefined && other !== group && other.space?.kind === space.kind)
          near.add(other);
      }
    }
    return [...near].filter((other) => {
      const isAnchored = [space, other.space].some(
        (one) => one?.kind === "elements" && one.anchor !== undefined,
      );
      return !isAnchored && other.reads.some((read) => places.has(keyOfRead(read)));
    });
  }

  /** A group of a contraction, or of a node that stays alone. */
  #begin(node: Node, position: number): void {
    const operands = node.args.map((argument) => this.#element(argument));
    const isTarget = (value: ValueId) => formOf(node).kind === "write" && value === node.args[0];
    const reads = readsOf(operands).map((one) => {
      const needsAll = one.needsAll || isTarget(one.value);
      return { value: one.value, place: undefined, needsAll };
    });
    const parts = { node, position, rows: undefined, reads };
    const members = node.results.map((value) => ({
      ...parts,
      value,
      count: this.#count(value),
    }));
    const isAnchor = roleOf(node) === "contract";
    const { count } = members[0];
    this.#add(
      groupOf(members, isAnchor ? { kind: "elements", count, anchor: node } : undefined),
      [],
    );
  }

  /** What runs before a group: who makes what it reads, and who reads a state that it replaces. */
  #before({ reads, members }: Group): readonly Group[] {
    const makers = reads.flatMap(({ value }) => this.#madeIn(value) ?? []);
    const readers = members.flatMap(({ value, node }) => {
      const state = this.#replaced.get(value);
      return state === undefined ? [] : this.#readIn(state, node);
    });
    return [...makers, ...readers];
  }

  /** The groups that read a value, themselves or through what has no group, but for what `node` makes. */
  #readIn(value: ValueId, node: Node): Group[] {
    const readers = [...(this.#readers.get(value) ?? [])].filter((reader) => reader !== node);
    return readers.flatMap((reader) =>
      reader.results.flatMap((result) => this.#madeIn(result) ?? this.#readIn(result, node)),
    );
  }

  #madeIn(value: ValueId): Group | undefined {
    return this.#groupOf.get(value) ?? this.#stored.get(value);
  }

  #add(group: Group, dependents: readonly Group[]): void {
    for (const { value } of group.members) this.#groupOf.set(value, group);
    this.#note(group, dependents);
  }

  #note(group: Group, dependents: readonly Group[]): void {
    let reach = latest(group);
    for (const other of this.#before(group)) {
      if (other === group) continue;
      reach = Math.max(reach, this.#reach.get(other) ?? 0);
      this.#dependents.get(other)?.add(group);
    }
    this.#dependents.set(group, new Set(dependents));
    this.#extend(group, reach);
  }

  /** Notes that a group rests on a node as late as this, and so does what rests on the group. */
  #extend(group: Group, reach: number): void {
    if ((this.#reach.get(group) ?? -1) >= reach) return;
    this.#reach.set(group, reach);
    for (const dependent of this.#dependents.get(group) ?? []) this.#extend(dependent, reach);
  }

  // What must be in memory ------------------------------------------------------------------------

  #requireOperands(node: Node): void {
    const form = formOf(node);
    const [first] = node.args;
    // Updates and pieces are read once, an element at a time, as a pointwise kernel would.
    if (form.kind === "scatter-add") return;
    if (form.kind === "write") {
      this.#requireStored(first);
      return;
    }
    for (const argument of node.args) {
      if (!isOperand(this.#element(argument))) this.#requireStored(argument);
    }
  }

  /** The element of a value at `e`. */
  #element(value: ValueId): Scalar {
    return this.#expansion.at(value, this.#values.everywhere(value));
  }

  #count(value: ValueId): number {
    return elementsOf(this.#values.type(value).shape);
  }

  #requireStored(value: ValueId): void {
    const node = this.#values.maker(value);
    if (node === undefined || this.#madeIn(value) !== undefined) return;
    const position = this.#graph.nodes.indexOf(node);
    const reads = readsOf([this.#expansion.inside(value, this.#values.everywhere(value))]);
    const member = { node, value, position, count: this.#count(value), rows: undefined, reads };
    const group = groupOf([member], undefined);
    this.#stored.set(value, group);
    this.#note(group, []);
  }
}

function jointOf([first, ...others]: readonly Group[]): Space | undefined {
  return others.reduce<Space | undefined>(
    (space, group) =>
      space === undefined || group.space === undefined ? undefined : jointSpace(space, group.space),
    first.space,
  );
}

function latest({ members }: Group): number {
  return members[members.length - 1].position;
}

function earliest({ members }: Group): number {
  return members[0].position;
}

function groupOf(members: readonly Member[], space: Space | undefined): Group {
  return { members, space, reads: members.flatMap(({ reads }) => reads) };
}

function keyOfRead({ value, place }: Read): string {
  return `${value}@${place?.key}`;
}

function readsOf(bodies: readonly Scalar[]): readonly Read[] {
  return readsIn(bodies).map((read) => ({
    value: read.value,
    place: read.kind === "load" ? read.index : undefined,
    needsAll: read.kind === "pick",
  }));
}
