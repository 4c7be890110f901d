/** What holds of every operation, on the cases that all tests share. */

import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import { opNames, opOf } from "../../compiler/ops/table.ts";
import { elementsOf } from "../../compiler/tensor/ndarray.ts";
import { cases, graphOf, inputsOf } from "./cases.ts";

test.each(opNames)("%s goes by its own name", (name) => {
  expect(opOf(name).name).toBe(name);
});

test("every operation has a case", () => {
  const tested = new Set(cases.map(({ op }) => op));
  expect(opNames.filter((name) => !tested.has(name))).toEqual([]);
});

test("no two cases have one title", () => {
  expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
});

describe("the reference gives as many finite numbers as the inferred type holds", () => {
  test.each(cases)("$title", (one) => {
    const graph = graphOf(one);
    const results = interpret(graph, inputsOf(one));
    for (const { name, value } of graph.outputs) {
      const { data } = results[name];
      expect(data).toHaveLength(elementsOf(graph.types[value].shape));
      expect([...data].every(Number.isFinite)).toBe(true);
    }
  });
});

test("a reference leaves its arguments alone", () => {
  for (const { op, args, attrs } of cases) {
    const before = args.map((arg) => arg.data.slice());
    const { infer, reference } = opOf(op);
    reference(args, attrs, infer(args, attrs));
    expect(args.map((arg) => arg.data)).toEqual(before);
  }
});
