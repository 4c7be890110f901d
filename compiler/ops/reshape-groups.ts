/**
 * How a reshape regroups axes: the smallest runs of axes on both sides that hold equally many elements. Index
 * arithmetic then crosses no more axes than it must: [B, T, H·K] → [B, T, H, K] divides the last axis alone.
 */

export interface FlatGroup {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Axes of both shapes, in order, each in one group. Both have as many elements, and at least one. */
export function flatGroups(from: readonly number[], to: readonly number[]): FlatGroup[] {
  const groups: FlatGroup[] = [];
  let [a, b] = [0, 0];
  while (a < from.length || b < to.length) {
    const group: { from: number[]; to: number[] } = { from: [], to: [] };
    let [left, right] = [1, 1];
    const takeLeft = () => {
      left *= from[a];
      group.from.push(a++);
    };
    const takeRight = () => {
      right *= to[b];
      group.to.push(b++);
    };
    if (a < from.length) takeLeft();
    if (b < to.length) takeRight();
    while (left !== right) {
      if (left < right) takeLeft();
      else takeRight();
    }
    groups.push(group);
  }
  return groups;
}
