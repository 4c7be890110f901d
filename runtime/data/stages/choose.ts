/** Stages that choose and order rows and never look into them: `split`, `shuffle`, `take`, `dedup`. */

import { permutation } from "../../random.ts";
import { identityOf, type Row, selected, type TokenRow } from "../row.ts";
import { numberArgument, rowsOrTokens, type Stage } from "../stage.ts";

// What the random numbers are for, so that the same seed in two stages gives unrelated orders.
const splitStream = 1;
const shuffleStream = 2;

/**
 * `split(held_out, seed)`: two parts, each in the order of the file. Rows that say the same go to the same
 * part, so that no held-out row was trained on; the share is therefore reached to within one such group.
 */
export const split: Stage = async (input, args) => {
  const flow = rowsOrTokens(input, "split");
  const groups = groupsOf(flow.rows);
  const share = numberArgument(args, "held_out");
  // A share of a few rows is at least one of them.
  const least = share > 0 && groups.length > 1 ? 1 : 0;
  const wanted = Math.max(least, Math.round(share * flow.rows.length));
  const held = new Set<number>();
  for (const index of permutation(groups.length, numberArgument(args, "seed", 0), splitStream)) {
    if (held.size >= wanted) break;
    if (held.size + groups[index].length > wanted) continue;
    for (const row of groups[index]) held.add(row);
  }
  const indices = flow.rows.map((_, index) => index);
  return {
    kind: "outputs",
    flows: {
      train: selected(
        flow,
        indices.filter((index) => !held.has(index)),
      ),
      held_out: selected(
        flow,
        indices.filter((index) => held.has(index)),
      ),
    },
  };
};

/** `shuffle(seed)` */
export const shuffle: Stage = async (input, args) => {
  const flow = rowsOrTokens(input, "shuffle");
  const seed = numberArgument(args, "seed", 0);
  return selected(flow, [...permutation(flow.rows.length, seed, shuffleStream)]);
};

/** `take(count)` */
export const take: Stage = async (input, args) => {
  const flow = rowsOrTokens(input, "take");
  const count = Math.min(numberArgument(args, "count"), flow.rows.length);
  return selected(
    flow,
    Array.from({ length: count }, (_, index) => index),
  );
};

/** `dedup()`: of rows that say the same, the first. */
export const dedup: Stage = async (input) => {
  const flow = rowsOrTokens(input, "dedup");
  return selected(
    flow,
    groupsOf(flow.rows).map((group) => group[0]),
  );
};

/** Indices of rows that say the same, in the order of their first. */
function groupsOf(rows: readonly (Row | TokenRow)[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  rows.forEach((row, index) => {
    const identity = identityOf(row);
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [index]);
    else group.push(index);
  });
  return [...groups.values()];
}
