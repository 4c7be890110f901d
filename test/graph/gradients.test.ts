/** Gradients of whole graphs, by the interpreter in doubles, and how little is built for what is frozen. */

import { expect, test } from "vitest";
import { gradients } from "../../compiler/graph/autodiff.ts";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import type { Graph, TensorType, ValueId } from "../../compiler/graph/graph.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { verifyGraph } from "../../compiler/graph/verify.ts";
import { passes, runPasses } from "../../compiler/passes.ts";
import { elementsOf, type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";

type Values = Readonly<Record<string, ValueId>>;

interface Program {
  readonly inputs: Readonly<Record<string, NdArray>>;
  loss(builder: GraphBuilder, values: Values): ValueId;
}

/** Two layers with biases, squared error: the weights are [out, in], so each is transposed before use. */
const perceptron: Program = {
  inputs: {
    x: filled("f32", [4, 3], 1),
    first: filled("f32", [5, 3], 2),
    bias: filled("f32", [5], 3),
    second: filled("f32", [2, 5], 4),
    target: filled("f32", [4, 2], 5),
  },
  loss(builder, { x, first, bias, second, target }) {
    const { one, linear, total } = shorthand(builder);
    const shifted = one("add", [
      linear(x, first),
      one("broadcast", [bias], { shape: [4, 5], axes: [1] }),
    ]);
    const error = one("subtract", [linear(one("tanh", [shifted]), second), target]);
    return total(one("multiply", [error, error]));
  },
};

/** Two causal heads over one key head, two packed segments, with a residual sum. */
const attentionBlock: Program = {
  inputs: {
    x: filled("f32", [5, 4], 1),
    query: filled("f32", [4, 4], 2),
    key: filled("f32", [2, 4], 3),
    value: filled("f32", [2, 4], 4),
    out: filled("f32", [4, 4], 5),
    segment: ndarray("i32", [1, 5], [0, 0, 0, 1, 1]),
    offset: ndarray("i32", [], [0]),
  },
  loss(builder, { x, query, key, value, out, segment, offset }) {
    const { one, linear, total } = shorthand(builder);
    const heads = (flat: ValueId, count: number) => {
      const split = one("reshape", [flat], { shape: [1, 5, count, 2] });
      return one("transpose", [split], { order: [0, 2, 1, 3] });
    };
    const args = [
      heads(linear(x, query), 2),
      heads(linear(x, key), 1),
      heads(linear(x, value), 1),
      segment,
      segment,
      offset,
    ];
    const [mixed] = builder.apply("attention", args, { causal: true, scale: 0.7 });
    const joined = one("reshape", [one("transpose", [mixed], { order: [0, 2, 1, 3] })], {
      shape: [5, 4],
    });
    const sum = one("add", [x, linear(joined, out)]);
    return total(one("multiply", [sum, one("sin", [sum])]));
  },
};

test.each([
  ["a perceptron", perceptron, ["x", "first", "bias", "second", "target"]],
  ["an attention block", attentionBlock, ["x", "query", "key", "value", "out"]],
])("the gradients of %s are those of finite differences", (_, program, by) => {
  const graph = differentiated(program, by);
  const found = interpret(graph, program.inputs, { exact: true });
  for (const name of by) {
    const expected = differences(graph, program.inputs, name);
    expected.forEach((slope, at) => {
      // Central differences of step 1e-5 err by its square and by 1e-16 / 1e-5.
      expect(found[name].data[at]).toBeCloseTo(slope, 7);
    });
  }
});

test.each([
  ["a perceptron", perceptron, ["first", "bias", "second"]],
  ["an attention block", attentionBlock, ["query", "key", "value", "out"]],
])("passes leave the loss and the gradients of %s as they are", (_, program, by) => {
  const graph = runPasses(differentiated(program, by), { verify: true });
  const before = interpret(differentiated(program, by), program.inputs, { exact: true });
  const after = interpret(graph, program.inputs, { exact: true });
  for (const name of ["loss", ...by]) {
    after[name].data.forEach((value, at) => {
      expect(value).toBeCloseTo(before[name].data[at], 10);
    });
  }
});

test("passes leave no transposition of a weight or of its gradient", () => {
  const graph = runPasses(differentiated(perceptron, ["first", "second"]), { verify: true });
  expect(graph.nodes.map((node) => node.op)).not.toContain("transpose");
});

test("one trained weight at the end costs one contraction", () => {
  expect(countOf(differentiated(perceptron, []), "contract")).toBe(2);
  expect(countOf(differentiated(perceptron, ["second"]), "contract")).toBe(3);
});

test("nothing is differentiated below the lowest trained weight", () => {
  const frozen = differentiated(attentionBlock, ["out"]);
  expect(countOf(frozen, "attentionGradientQuery")).toBe(0);
  expect(countOf(frozen, "attentionGradientKeyValue")).toBe(0);
  const query = differentiated(attentionBlock, ["query"]);
  expect(countOf(query, "attentionGradientQuery")).toBe(1);
  expect(countOf(query, "attentionGradientKeyValue")).toBe(0);
});

test("a frozen weight above a trained one costs the gradient of its input alone", () => {
  // Forward 2; of the second layer only its input's gradient, of the first only its weight's.
  expect(countOf(differentiated(perceptron, ["first"]), "contract")).toBe(4);
});

test("where nothing is trained no node is added", () => {
  const builder = new GraphBuilder("frozen");
  const loss = perceptron.loss(builder, inputsOf(builder, perceptron));
  const before = builder.nodes.length;
  expect(gradients(builder, loss, [])).toEqual([]);
  expect(builder.nodes).toHaveLength(before);
});

test("a value that the loss does not depend on has no gradient", () => {
  const builder = new GraphBuilder("apart");
  const x = builder.input("x", "state", { dtype: "f32", shape: [] });
  const y = builder.input("y", "state", { dtype: "f32", shape: [] });
  const level = builder.apply("floor", [y])[0];
  const [loss] = builder.apply("add", builder.apply("multiply", [x, x]).concat(level));
  const [byX, byY] = gradients(builder, loss, [x, y]);
  expect(byX).toBeDefined();
  expect(byY).toBeUndefined();
});

test("the gradient of a value by itself is one", () => {
  const builder = new GraphBuilder("self");
  const x = builder.input("x", "state", { dtype: "f32", shape: [] });
  builder.output("dx", gradients(builder, x, [x])[0] ?? x);
  expect(interpret(builder.build(), { x: ndarray("f32", [], [7]) }).dx.data[0]).toBe(1);
});

test("gradients can be taken of gradients", () => {
  const builder = new GraphBuilder("twice");
  const x = builder.input("x", "state", { dtype: "f32", shape: [] });
  const [first] = gradients(builder, builder.apply("sin", [x])[0], [x]);
  const [second] = gradients(builder, first ?? x, [x]);
  builder.output("second", second ?? x);
  const at = ndarray("f32", [], [0.5]);
  const found = interpret(builder.build(), { x: at }, { exact: true });
  expect(found.second.data[0]).toBeCloseTo(-Math.sin(0.5), 12);
});

test("a gradient is of one float", () => {
  const builder = new GraphBuilder("vector");
  const x = builder.input("x", "state", { dtype: "f32", shape: [2] });
  expect(() => gradients(builder, x, [x])).toThrow("a gradient is of one float, not of f32[2]");
});

test("each pass alone leaves a graph that the verifier accepts", () => {
  const graph = differentiated(attentionBlock, ["query", "out"]);
  for (const { run } of passes) expect(verifyGraph(run(graph))).toEqual([]);
});

// Programs --------------------------------------------------------------------------------------

function shorthand(builder: GraphBuilder) {
  const one = (op: string, args: readonly ValueId[], attrs = {}): ValueId =>
    builder.apply(op, args, attrs)[0];
  return {
    one,
    /** x[T, in] by weight[out, in]. */
    linear: (x: ValueId, weight: ValueId) =>
      one("contract", [x, one("transpose", [weight], { order: [1, 0] })], {
        left: [0, 1],
        right: [1, 2],
        out: [0, 2],
      }),
    total: (x: ValueId) =>
      one("reduceSum", [x], { axes: builder.typeOf(x).shape.map((__, axis) => axis) }),
  };
}

function inputsOf(builder: GraphBuilder, { inputs }: Program): Values {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => {
      const type: TensorType = { dtype, shape };
      return [name, builder.input(name, "state", type)];
    }),
  );
}

/** The loss, and its gradient by each name. */
function differentiated(program: Program, by: readonly string[]): Graph {
  const builder = new GraphBuilder("program");
  const values = inputsOf(builder, program);
  const loss = program.loss(builder, values);
  builder.output("loss", loss);
  const found = gradients(
    builder,
    loss,
    by.map((name) => values[name]),
  );
  found.forEach((gradient, at) => {
    if (gradient === undefined) throw new Error(`no gradient by ${by[at]}`);
    builder.output(by[at], gradient);
  });
  return builder.build();
}

function differences(
  graph: Graph,
  inputs: Readonly<Record<string, NdArray>>,
  name: string,
): number[] {
  const { dtype, shape, data } = inputs[name];
  const step = 1e-5;
  const lossAt = (element: number, shift: number): number => {
    const moved = data.with(element, data[element] + shift);
    const changed = { ...inputs, [name]: ndarray(dtype, shape, moved) };
    return interpret(graph, changed, { exact: true }).loss.data[0];
  };
  return Array.from(data, (_, at) => (lossAt(at, step) - lossAt(at, -step)) / (2 * step));
}

/** Numbers between −1 and 1 without a pattern. */
function filled(dtype: "f32", shape: readonly number[], seed: number): NdArray {
  const data = Array.from({ length: elementsOf(shape) }, (_, at) =>
    Math.sin(seed * 12.9 + at * 78.2),
  );
  return ndarray(dtype, shape, data);
}

function countOf(graph: Graph, op: string): number {
  return graph.nodes.filter((node) => node.op === op).length;
}
