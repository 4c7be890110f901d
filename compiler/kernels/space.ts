/**
 * What a group of nodes iterates over, and which nodes may share one: those whose every read of each other is of
 * the same element, or of the row that the element is in. Places are row-major, over one variable `e`.
 */

import type { Node, ValueId } from "../graph/graph.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { flatten, type Index, unflatten, variable } from "./index.ts";

export type Space = ElementSpace | RowSpace;

/** `anchor` is the contraction in whose epilogue the elements are. */
export interface ElementSpace {
  readonly kind: "elements";
  readonly count: number;
  readonly anchor: Node | undefined;
}

/** The elements of `shape` in rows that `axes` run along. */
export interface RowSpace {
  readonly kind: "rows";
  readonly count: number;
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly rowCount: number;
  /** The key of an element's row. */
  readonly rowKey: string;
}

/** A node that takes part in grouping, with its reads of other values. */
export interface Member {
  readonly node: Node;
  readonly value: ValueId;
  readonly position: number;
  /** Elements that it is computed from: those of its result, or of what a reduction folds. */
  readonly count: number;
  /** The rows that a reduction folds. */
  readonly rows: RowSpace | undefined;
  /** Over `e` below `count`; an undefined place is one that data decide. */
  readonly reads: readonly Read[];
}

export interface Read {
  readonly value: ValueId;
  readonly place: Index | undefined;
  /** It must be in memory: it is written over, or data decide where it is read. */
  readonly needsAll: boolean;
}

export function rowSpace(shape: readonly number[], axes: readonly number[]): RowSpace {
  const count = elementsOf(shape);
  const keep = <T>(of: readonly T[]) => of.filter((_, axis) => !axes.includes(axis));
  const rowShape = keep(shape);
  const row = flatten(keep(unflatten(variable("e", count), shape)), rowShape);
  return { kind: "rows", count, shape, axes, rowCount: elementsOf(rowShape), rowKey: row.key };
}

/** A space that has room for both; undefined where there is none. */
export function jointSpace(a: Space, b: Space): Space | undefined {
  if (a.kind === "rows" && b.kind === "rows") {
    return a.count === b.count && a.rowKey === b.rowKey ? a : undefined;
  }
  if (a.kind === "rows") return b.kind === "rows" ? undefined : withElements(a, b);
  if (b.kind === "rows") return withElements(b, a);
  if (a.count !== b.count || (a.anchor !== undefined && b.anchor !== undefined)) return undefined;
  return a.anchor === undefined ? b : a;
}

function withElements(rows: RowSpace, { count, anchor }: ElementSpace): RowSpace | undefined {
  return anchor === undefined && (count === rows.count || count === rows.rowCount)
    ? rows
    : undefined;
}

/** Whether these members may be one kernel of the space. */
export function fits(space: Space, members: readonly Member[]): boolean {
  const levels = new Map<ValueId, "row" | "element">();
  for (const member of members) {
    const level = levelOf(space, member);
    if (level === undefined) return false;
    levels.set(member.value, level);
  }
  return members.every((member) => {
    // A reduction is of the row, and reads elements.
    const from = member.rows === undefined ? levels.get(member.value) : "element";
    return member.reads.every(({ value, place }) => {
      const level = levels.get(value);
      if (level === undefined) return true;
      if (level === from) return place?.key === variable("e", member.count).key;
      const isOfRow = level === "row" && space.kind === "rows" && place?.key === space.rowKey;
      return isOfRow && canWait(space);
    });
  });
}

/**
 * Whether elements may wait for what is folded of their row. A row then has one workgroup, so there should be
 * many rows, or short ones.
 */
function canWait({ count, rowCount }: RowSpace): boolean {
  return rowCount >= 32 || count <= rowCount * 4096;
}

function levelOf(space: Space, member: Member): "row" | "element" | undefined {
  if (space.kind === "elements") {
    return member.rows === undefined && member.count === space.count ? "element" : undefined;
  }
  if (member.rows !== undefined)
    return jointSpace(space, member.rows) === undefined ? undefined : "row";
  if (member.count === space.count) return "element";
  return member.count === space.rowCount ? "row" : undefined;
}
