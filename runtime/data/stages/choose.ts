/** Stages that choose and order rows and never look into them: `split`, `shuffle`, `take`, `dedup`, `mix`. */

import { planFault } from "../../errors.ts";
import { permutation } from "../../random.ts";
import {
  identityOf,
  type Row,
  type RowFlow,
  selected,
  type TokenFlow,
  type TokenRow,
} from "../row.ts";
import { numberArgument, rowsOrTokens, type Stage, taggedArgument } from "../stage.ts";

// What the random numbers are for, so that the same seed in two stages gives unrelated orders.
const splitStream = 1;
const shuffleStream = 2;
const mixStream = 3;

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

/** `mix(others, seed)`: the rows of several datasets, in an order that the seed decides. */
export const mix: Stage = async (input, args, context) => {
  const flows = [rowsOrTokens(input, "mix")];
  const others = args.others;
  if (!Array.isArray(others)) return planFault("the argument others is not a list");
  for (const other of others) {
    const { stages } = taggedArgument({ other }, "other", "data");
    const flow = await context.flow(stages);
    if (flow === undefined) return undefined;
    flows.push(rowsOrTokens(flow, "mix"));
  }
  const all = joined(flows);
  const seed = numberArgument(args, "seed", 0);
  return selected(all, [...permutation(all.rows.length, seed, mixStream)]);
};

function joined(flows: readonly (RowFlow | TokenFlow)[]): RowFlow | TokenFlow {
  const rows = flows.filter((flow) => flow.kind === "rows");
  const tokens = flows.filter((flow) => flow.kind === "tokens");
  if (rows.length === flows.length) {
    const literals = rows.flatMap((flow) => flow.literals);
    return { ...rows[0], rows: rows.flatMap((flow) => flow.rows), literals };
  }
  const isOneTokenizer = tokens.every((flow) => flow.tokenizer.hash === tokens[0].tokenizer.hash);
  if (tokens.length < flows.length || !isOneTokenizer) {
    planFault("mix needs rows of one kind, and tokens of one tokenizer");
  }
  return { ...tokens[0], rows: tokens.flatMap((flow) => flow.rows) };
}

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
