/** The memory table: every byte has an owner, and what is too large is named. */

import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import { nodesOf } from "../../compiler/ops/nodes.ts";
import { planPrograms } from "../../compiler/plan/programs.ts";
import { memoryTable, oversized } from "../../compiler/plan/table.ts";
import { softwareTarget } from "../../compiler/plan/target.ts";

function step() {
  const builder = new GraphBuilder("step");
  const { add, multiply, one } = nodesOf(builder);
  const square = { dtype: "f32", shape: [64, 64] } as const;
  const frozen = builder.input("base", "weight", square);
  const [weight, moment] = ["up", "m.up"].map((name) => builder.input(name, "state", square));
  const x = builder.input("x", "batch", square);
  const labels = { left: [0, 1], right: [1, 2], out: [0, 2] };
  const y = one("contract", [one("contract", [x, frozen], labels), frozen], labels);
  const changed = add(moment, y);
  builder.output("moment", changed, "m.up");
  builder.output("weight", add(weight, multiply(changed, changed)), "up");
  return planPrograms([builder.build()], softwareTarget, () => ({ kind: "zeros" }));
}

const bytes = 4 * 64 * 64;

describe("the memory table", () => {
  test("says whose the bytes are", () => {
    const rows = new Map(memoryTable(step()).map((row) => [row.owner, row.bytes]));
    expect([...rows.keys()].sort()).toEqual(["activations", "frozen", "m", "trained", "uploads"]);
    for (const owner of ["frozen", "m", "trained", "uploads"]) expect(rows.get(owner)).toBe(bytes);
  });

  test("adds up to all that is allocated", () => {
    const planned = step();
    const total = memoryTable(planned).reduce((sum, row) => sum + row.bytes, 0);
    expect(total).toBe(planned.requires.bytes);
  });
});

describe("what a device cannot hold", () => {
  test("is nothing where it is enough", () => {
    expect(oversized(step(), softwareTarget)).toEqual([]);
  });

  test("is named", () => {
    const found = oversized(step(), { ...softwareTarget, mostBound: bytes - 1 });
    expect(found.map(({ what }) => what)).toEqual([
      "tensor base",
      "tensor up",
      "tensor m.up",
      "contract",
    ]);
    expect(found[0]).toEqual({ what: "tensor base", bytes, most: bytes - 1 });
  });
});
