/**
 * Gradients against finite differences. Everything is computed in doubles, so a central difference of step h is
 * off by about h² and 1e-16 / h: with h = 1e-5, some 1e-10 of values near 1. The tolerance leaves a hundred
 * thousand times that, and is far below what a wrong factor or sign would give.
 */

import { describe, expect, test } from "vitest";
import { gradients } from "../../compiler/graph/autodiff.ts";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import type { Graph, ValueId } from "../../compiler/graph/graph.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { opNames, opOf } from "../../compiler/ops/table.ts";
import { isFloat } from "../../compiler/tensor/dtype.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";
import { randomTensors } from "../support/random-tensors.ts";
import { cases, type OpCase } from "./cases.ts";

const step = 1e-5;
const tolerance = 1e-5;
/** Elements of an argument that are moved; more would take long and show nothing new. */
const probes = 24;

const differentiable = cases.filter(({ op, args, attrs, differentiated }) => {
  if (differentiated.length === 0) return false;
  const floats = opOf(op)
    .infer(args, attrs)
    .every(({ dtype }) => isFloat(dtype));
  return opOf(op).gradient !== undefined && floats && args.some(isReal);
});

/** What nothing that is trained depends on, or what is itself a gradient. */
const withoutGradient = [
  ...["constant", "iota", "random", "not", "and", "or", "equal", "notEqual", "less", "lessEqual"],
  ...[
    "finite",
    "write",
    "attentionGradientQuery",
    "attentionGradientKeyValue",
    "crossEntropyGradient",
  ],
];

test("every operation is differentiated here, or is known to have no gradient", () => {
  const tested = new Set<string>(differentiable.map(({ op }) => op));
  expect(opNames.filter((name) => !tested.has(name)).toSorted()).toEqual(
    withoutGradient.toSorted(),
  );
});

describe("a gradient is what a small step shows", () => {
  test.each(differentiable)("$title", (one) => {
    const { graph, inputs } = lossOf(one, floatsOf(one));
    const outputs = interpret(graph, inputs, { exact: true });
    for (const at of floatsOf(one)) {
      const gradient = outputs[`gradient${at}`];
      const { length } = one.args[at].data;
      for (let element = 0; element < length; element += Math.ceil(length / probes)) {
        const slope = slopeOf(graph, inputs, `argument${at}`, element);
        const difference = Math.abs((gradient?.data[element] ?? 0) - slope);
        expect(difference).toBeLessThan(tolerance * Math.max(1, Math.abs(slope)));
      }
    }
  });
});

describe("a gradient is the same when it alone is wanted, and builds no more", () => {
  const several = differentiable.filter((one) => floatsOf(one).length > 1);
  test.each(several)("$title", (one) => {
    const all = lossOf(one, floatsOf(one));
    const together = interpret(all.graph, all.inputs);
    for (const at of floatsOf(one)) {
      const alone = lossOf(one, [at]);
      const { [`gradient${at}`]: gradient } = interpret(alone.graph, alone.inputs);
      expect(gradient).toEqual(together[`gradient${at}`]);
      expect(alone.graph.nodes.length).toBeLessThanOrEqual(all.graph.nodes.length);
    }
  });
});

/** The case's results times fixed weights, summed, and its gradient by the arguments that are wanted. */
function lossOf(
  { title, op, attrs, args, differentiated }: OpCase,
  wanted: readonly number[],
): { graph: Graph; inputs: Record<string, NdArray> } {
  const builder = new GraphBuilder(title);
  const random = randomTensors(`weights of ${title}`);
  const inputs: Record<string, NdArray> = {};
  const input = (name: string, array: NdArray): ValueId => {
    inputs[name] = array;
    return builder.input(name, "weight", array);
  };
  const values = args.map((arg, at) => input(`argument${at}`, arg));
  const results = builder.apply(op, values, attrs);
  const parts = differentiated.map((at) => {
    const { dtype, shape } = builder.typeOf(results[at]);
    const weight = input(`weight${at}`, random.float(shape, [0.5, 2], dtype));
    const [product] = builder.apply("multiply", [results[at], weight]);
    const axes = shape.map((_, axis) => axis);
    return builder.apply("reduceSum", [product], { axes })[0];
  });
  const loss = parts.reduce((sum, part) => builder.apply("add", [sum, part])[0]);
  builder.output("loss", loss);
  const found = gradients(
    builder,
    loss,
    wanted.map((at) => values[at]),
  );
  wanted.forEach((at, place) => {
    const gradient = found[place];
    if (gradient !== undefined) builder.output(`gradient${at}`, gradient);
  });
  return { graph: builder.build(), inputs };
}

function slopeOf(
  graph: Graph,
  inputs: Readonly<Record<string, NdArray>>,
  name: string,
  element: number,
): number {
  const lossAt = (shift: number): number => {
    const { data } = inputs[name];
    const moved = { ...inputs[name], data: data.with(element, data[element] + shift) };
    return interpret(graph, { ...inputs, [name]: moved }, { exact: true }).loss.data[0];
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}

function floatsOf({ args }: OpCase): number[] {
  return args.flatMap((arg, at) => (isReal(arg) ? [at] : []));
}

function isReal({ dtype }: NdArray): boolean {
  return isFloat(dtype);
}
