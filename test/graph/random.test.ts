/** On graphs that nobody wrote, passes change no output, and printing loses nothing. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import type { Graph, TensorType, ValueId } from "../../compiler/graph/graph.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { parseGraph } from "../../compiler/graph/parse.ts";
import { printGraph } from "../../compiler/graph/print.ts";
import { verifyGraph } from "../../compiler/graph/verify.ts";
import type { Attrs } from "../../compiler/ops/op.ts";
import { passes } from "../../compiler/passes.ts";
import { ndarray } from "../../compiler/tensor/ndarray.ts";

const inputs = {
  x: ndarray("f32", [2, 3], [0.5, -1.25, 3, 0, 2, -0.75]),
  y: ndarray("f32", [3], [1.5, -2, 0.25]),
};

/** The numbers that steps choose by: an operation, arguments, a detail. */
type Step = readonly [number, number, number, number];
const steps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()), {
  minLength: 1,
  maxLength: 25,
});

test.each(passes)("pass $name changes no output", ({ run }) => {
  fc.assert(
    fc.property(steps, (chosen) => {
      const graph = graphOf(chosen);
      const changed = run(graph);
      expect(verifyGraph(changed)).toEqual([]);
      expect(changed.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
      expectSame(changed, graph);
    }),
    { numRuns: 300 },
  );
});

test("all passes after each other change no output", () => {
  fc.assert(
    fc.property(steps, (chosen) => {
      const graph = graphOf(chosen);
      expectSame(
        passes.reduce((current, pass) => pass.run(current), graph),
        graph,
      );
    }),
    { numRuns: 300 },
  );
});

test("what is printed reads back", () => {
  fc.assert(
    fc.property(steps, (chosen) => {
      const graph = graphOf(chosen);
      expect(parseGraph(printGraph(graph))).toEqual(graph);
    }),
  );
});

function expectSame(graph: Graph, reference: Graph): void {
  const [found, expected] = [interpret(graph, inputs), interpret(reference, inputs)];
  for (const [name, { data }] of Object.entries(expected)) {
    // Adding 0 takes the sign off: −0 and 0 are one number here.
    expect(found[name].data.map((value) => value + 0)).toEqual(data.map((value) => value + 0));
  }
}

/** A graph of one node a step; the last values of it are its outputs. */
function graphOf(chosen: readonly Step[]): Graph {
  const builder = new GraphBuilder("random");
  const values = Object.entries(inputs).map(([name, { dtype, shape }]) =>
    builder.input(name, "batch", { dtype, shape }),
  );
  for (const step of chosen) values.push(added(builder, values, step));
  values.slice(-3).forEach((value, at) => {
    builder.output(`out${at}`, value);
  });
  return builder.build();
}

function added(builder: GraphBuilder, values: readonly ValueId[], step: Step): ValueId {
  const [which, first, second, detail] = step;
  const one = (op: string, args: readonly ValueId[], attrs: Attrs = {}) =>
    builder.apply(op, args, attrs)[0];
  const pick = (from: number) => values[from % values.length];
  const a = pick(first);
  const { dtype, shape } = builder.typeOf(a);
  const axes = shape.map((_, axis) => axis);
  // Another of the type, or the same again.
  const alike = values.filter((value) => isSame(builder.typeOf(value), { dtype, shape }));
  const b = alike[second % alike.length];
  const number = [0, 1, -1, 2, 0.1][detail % 5];
  const kinds = [
    () => one(["add", "subtract", "multiply", "minimum", "maximum"][detail % 5], [a, b]),
    () => one("add", [a, one("negate", [b])]),
    () => one(["negate", "tanh", "absolute", "sin"][detail % 4], [a]),
    () => {
      const constant = one("constant", [], { value: number, dtype, shape });
      const op = ["add", "subtract", "multiply", "divide"][second % 4];
      return op === "divide" || detail % 2 === 0 ? one(op, [a, constant]) : one(op, [constant, a]);
    },
    () => {
      const scalar = one("constant", [], { value: number, dtype, shape: [] });
      return one("multiply", [a, one("broadcast", [scalar], { shape, axes: [] })]);
    },
    () => one("select", [one("less", [a, b]), b, a]),
    () => {
      const flag = one("constant", [], { value: detail % 2, dtype: "bool", shape });
      return one("select", [one("and", [flag, one("less", [a, b])]), a, b]);
    },
    () => one("transpose", [a], { order: axes.toReversed() }),
    () => one("reshape", [a], { shape: detail % 2 === 0 ? [...shape, 1] : flattened(shape) }),
    // Few axes stay, or shapes grow with every step.
    () =>
      shape.length > 3
        ? one("reduceSum", [a], { axes: [0] })
        : one("broadcast", [a], {
            shape: [1 + (detail % 2), ...shape],
            axes: axes.map((at) => at + 1),
          }),
    () => one(["reduceSum", "reduceMax"][detail % 2], [a], { axes: axes.slice(second % 3) }),
    () => {
      const starts = shape.map((size) => (size > 1 ? detail % 2 : 0));
      return one("slice", [a], { starts, sizes: shape.map((size, at) => size - starts[at]) });
    },
    () => {
      const none = shape.map(() => 0);
      const before = shape.map((size) => (size < 3 ? second % 2 : 0));
      return one("pad", [a], { before, after: none });
    },
    () => one("cast", [one("cast", [a], { to: "f16" })], { to: "f32" }),
    () => {
      // All axes but the last, by all axes but the last, summed over the last.
      if (shape.length === 0 || shape.length > 2) return one("negate", [a]);
      const left = axes;
      const right = axes.map((at) => (at === shape.length - 1 ? at : at + 10));
      const out = [...left.slice(0, -1), ...right.slice(0, -1)];
      const flipped = one("transpose", [b], { order: axes.toReversed() });
      return one("contract", [a, flipped], { left, right: right.toReversed(), out });
    },
  ];
  return kinds[which % kinds.length]();
}

function flattened(shape: readonly number[]): number[] {
  return [shape.reduce((product, size) => product * size, 1)];
}

function isSame(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && a.shape.join() === b.shape.join();
}
