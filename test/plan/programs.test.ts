/** Programs of a plan: what they share, what the host computes, and that the verifier finds nothing. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { nodesOf } from "../../compiler/ops/nodes.ts";
import { type PlannedPrograms, planPrograms } from "../../compiler/plan/programs.ts";
import { plainTarget, softwareTarget, type Target } from "../../compiler/plan/target.ts";
import { verifyPlan } from "../../compiler/plan/verify.ts";
import { blocks } from "../kernels/blocks.ts";
import { chosenSteps, graphOf } from "../kernels/random-graphs.ts";

function planned(graphs: readonly Graph[], target: Target = softwareTarget): PlannedPrograms {
  return planPrograms(graphs, target, () => ({ kind: "zeros" }), { verify: true });
}

const f32 = (...shape: number[]) => ({ dtype: "f32", shape }) as const;

describe("plans are sound", () => {
  test.each(blocks)("of $title", ({ graph }) => {
    for (const target of [softwareTarget, plainTarget]) {
      expect(verifyPlan(planned([graph], target), target)).toEqual([]);
    }
  });

  test.each(blocks)("and copy no state of $title", ({ graph }) => {
    // The kernels of blocks.ts are counted where eight buffers are bound at once.
    const { programs } = planned([graph], { ...softwareTarget, mostBindings: 8 });
    const labels = Object.values(programs).flatMap(({ dispatches }) =>
      dispatches.map(({ label }) => label),
    );
    expect(labels).not.toContain("copy");
  });

  test("of graphs that nobody wrote", () => {
    fc.assert(
      fc.property(chosenSteps, (steps) => {
        const target = steps.length % 2 === 0 ? softwareTarget : plainTarget;
        expect(verifyPlan(planned([graphOf(steps)], target), target)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe("programs", () => {
  const accumulate = () => {
    const builder = new GraphBuilder("accumulate");
    const sum = builder.input("sum", "state", f32(8));
    const x = builder.input("x", "batch", f32(8));
    builder.output("sum", nodesOf(builder).add(sum, x), "sum");
    return builder.build();
  };
  const update = () => {
    const builder = new GraphBuilder("update");
    const weight = builder.input("weight", "state", f32(8));
    const sum = builder.input("sum", "state", f32(8));
    const nodes = nodesOf(builder);
    builder.output("weight", nodes.add(weight, sum), "weight");
    builder.output("sum", nodes.constant(0, f32(8)), "sum");
    return builder.build();
  };

  test("share what lives between them by its name", () => {
    const { tensors, programs } = planned([accumulate(), update()]);
    expect(Object.keys(tensors)).toEqual(["sum", "weight"]);
    const places = Object.values(programs).map(({ dispatches }) =>
      dispatches.map(({ bindings }) => bindings.map(({ buffer, offset }) => `${buffer}+${offset}`)),
    );
    const { buffer, offset } = tensors.sum.slice;
    for (const own of places) expect(own.flat(2)).toContain(`${buffer}+${offset}`);
  });

  test("replace a state where it lies", () => {
    const { programs } = planned([accumulate()]);
    expect(programs.accumulate.dispatches).toHaveLength(1);
    expect(programs.accumulate.dispatches[0].bindings).toHaveLength(2);
  });

  test("that disagree about a tensor are a bug", () => {
    const builder = new GraphBuilder("other");
    builder.output("y", builder.input("sum", "weight", f32(9)));
    expect(() => planned([accumulate(), builder.build()])).toThrow("programs disagree about sum");
  });

  test("exchange two states by way of a copy", () => {
    const builder = new GraphBuilder("exchange");
    const [a, b] = ["a", "b"].map((name) => builder.input(name, "state", f32(8)));
    builder.output("a", b, "a");
    builder.output("b", a, "b");
    expect(planned([builder.build()]).programs.exchange.dispatches).toHaveLength(4);
  });

  test("with equal layers have the kernels of one", () => {
    const layers = (count: number) => {
      const builder = new GraphBuilder(`of ${count}`);
      const nodes = nodesOf(builder);
      const seed = builder.input("seed", "scalar", { dtype: "u32", shape: [] });
      let x = builder.input("x", "batch", f32(8, 16));
      for (let layer = 0; layer < count; layer++) {
        const w = builder.input(`w${layer}`, "weight", f32(16, 16));
        const labels = { left: [0, 1], right: [1, 2], out: [0, 2] };
        const y = nodes.one("contract", [x, w], labels);
        const drawn = nodes.one("random", [seed], { shape: [8, 16], stream: layer });
        x = nodes.one("tanh", [nodes.multiply(y, drawn)]);
      }
      builder.output("y", x);
      return builder.build();
    };
    const kernelsOf = (count: number) => Object.keys(planned([layers(count)]).kernels).length;
    expect(kernelsOf(12)).toBe(kernelsOf(3));
  });
});

describe("what changes by step", () => {
  const scheduled = () => {
    const builder = new GraphBuilder("scheduled");
    const { add, divide, constant, multiply, broadcast, one } = nodesOf(builder);
    const step = builder.input("step", "scalar", f32());
    const x = builder.input("x", "batch", f32(8));
    const rate = divide(constant(0.125, f32()), add(step, constant(1, f32())));
    builder.output("y", multiply(x, broadcast(one("power", [rate, constant(2, f32())]), [8], [])));
    return builder.build();
  };

  test("is computed by the host, and read from memory", () => {
    const { programs, kernels } = planned([scheduled()]);
    const scalars = Object.values(programs.scheduled.scalars);
    const rate = {
      op: "divide",
      args: [0.125, { op: "add", args: [{ variable: "step" }, 1] }],
    };
    expect(scalars.map(({ value }) => value)).toEqual([{ op: "power", args: [rate, 2] }]);
    expect(Object.values(kernels).some(({ wgsl }) => wgsl.includes("0.125"))).toBe(false);
  });
});

test("whole numbers that would wrap or be cut are no work for the host", () => {
  const builder = new GraphBuilder("whole");
  const { one, constant } = nodesOf(builder);
  const number = { dtype: "i32", shape: [] } as const;
  const step = builder.input("step", "scalar", number);
  builder.output("half", one("divide", [step, constant(2, number)]));
  const { programs } = planned([builder.build()]);
  expect(Object.values(programs.whole.scalars).map(({ value }) => value)).toEqual([
    { variable: "step" },
  ]);
  expect(programs.whole.dispatches).toHaveLength(1);
});

describe("the verifier", () => {
  const sound = () => {
    const builder = new GraphBuilder("sound");
    const { add, one } = nodesOf(builder);
    const x = builder.input("x", "weight", f32(64));
    const y = one("contract", [x, x], { left: [0], right: [1], out: [0, 1] });
    builder.output("y", one("contract", [y, add(x, x)], { left: [0, 1], right: [1], out: [0] }));
    return planned([builder.build()]);
  };
  const withDispatch = (
    plan: PlannedPrograms,
    at: number,
    change: (
      slice: PlannedPrograms["programs"][string]["dispatches"][number]["bindings"],
    ) => typeof slice,
  ): PlannedPrograms => {
    const { dispatches, ...rest } = plan.programs.sound;
    const changed = dispatches.with(at, {
      ...dispatches[at],
      bindings: change(dispatches[at].bindings),
    });
    return { ...plan, programs: { sound: { ...rest, dispatches: changed } } };
  };
  const faults = (plan: PlannedPrograms, target: Target = softwareTarget) =>
    verifyPlan(plan, target).join("\n");

  test("finds a buffer that is read and written at once", () => {
    const plan = withDispatch(sound(), 0, (bindings) =>
      bindings.map((slice) => ({ ...slice, buffer: 0 })),
    );
    expect(faults(plan)).toContain("reads and writes buffer 0");
  });

  test("finds what is said to be written and is only read", () => {
    const plan = sound();
    const { dispatches, ...rest } = plan.programs.sound;
    const binding = dispatches[0].bindings.findIndex(
      (_, at) => !dispatches[0].writes.some((one) => one.binding === at),
    );
    const writes = [{ binding, dtype: "f32", elements: 1 }] as const;
    const changed = dispatches.with(0, { ...dispatches[0], writes });
    const programs = { sound: { ...rest, dispatches: changed } };
    expect(faults({ ...plan, programs })).toContain("binds other than the dispatch gives");
  });

  test("finds bytes that nothing wrote", () => {
    const plan = withDispatch(sound(), 0, (bindings) =>
      bindings.map((slice) => ({ ...slice, offset: slice.buffer === 0 ? 256 : slice.offset })),
    );
    expect(faults(plan)).toContain("reads what nothing wrote");
  });

  test("finds a slice outside of its buffer", () => {
    const plan = withDispatch(sound(), 0, (bindings) =>
      bindings.map((slice) => ({ ...slice, offset: 2 ** 20 })),
    );
    expect(faults(plan)).toContain("a slice lies outside of its buffer");
  });

  test("finds what is more than the device binds", () => {
    expect(faults(sound(), { ...softwareTarget, mostBound: 1024 })).toContain(
      "binds 16384 bytes at once",
    );
  });

  test("finds too many buffers", () => {
    expect(faults(sound(), { ...softwareTarget, mostBindings: 2 })).toContain("binds 3 buffers");
  });

  test("finds bytes that are another value's by now", () => {
    const plan = sound();
    const { dispatches } = plan.programs.sound;
    const last = dispatches.length - 1;
    const other = dispatches[last].bindings.findIndex(({ bytes }) => bytes === 16384);
    const moved = withDispatch(plan, last, (bindings) =>
      bindings.map((slice, at) => (at === other ? { ...slice, offset: 256, bytes: 256 } : slice)),
    );
    expect(faults(moved)).toMatch(/reads (bytes that dispatch|what nothing wrote)/);
  });
});
