/** By a view's form every element is read where the reference, which copies, reads it. */

import { describe, expect, test } from "vitest";
import type { IndexArithmetic, Op, Source } from "../../compiler/ops/op.ts";
import { opOf } from "../../compiler/ops/table.ts";
import { elementsOf, type NdArray, stridesOf } from "../../compiler/tensor/ndarray.ts";
import { cases, type OpCase } from "./cases.ts";

const numbers: IndexArithmetic<number> = {
  constant: (value) => value,
  add: (a, b) => a + b,
  multiply: (a, by) => a * by,
  divide: (a, by) => Math.floor(a / by),
  remainder: (a, by) => a % by,
};

const views = cases.filter(({ op }) => opOf(op).form.kind === "view");

describe("a view reads what its reference copies", () => {
  test.each(views)("$title", (one) => {
    const op = opOf(one.op);
    const results = op.infer(one.args, one.attrs);
    const [copied] = op.reference(one.args, one.attrs, results);
    expect(readThrough(op, one)).toEqual([...copied.data]);
  });
});

describe("no source of a view is out of range where its bounds hold", () => {
  test.each(views)("$title", (one) => {
    const op = opOf(one.op);
    for (const source of sourcesOf(op, one).flat().filter(applies)) {
      const { shape } = one.args[source.argument];
      expect(source.index).toHaveLength(shape.length);
      expect(source.index.every((at, axis) => at >= 0 && at < shape[axis])).toBe(true);
    }
  });
});

function readThrough(op: Op, one: OpCase): number[] {
  return sourcesOf(op, one).map((sources) => {
    const source = sources.find(applies);
    return source === undefined ? 0 : elementAt(one.args[source.argument], source.index);
  });
}

/** For each element of the result, in row-major order. */
function sourcesOf(op: Op, { args, attrs }: OpCase): (readonly Source<number>[])[] {
  const { form } = op;
  if (form.kind !== "view") throw new Error(`${op.name} is no view`);
  const [result] = op.infer(args, attrs);
  return Array.from({ length: elementsOf(result.shape) }, (_, flat) => {
    const index = stridesOf(result.shape).map(
      (stride, axis) => Math.floor(flat / stride) % result.shape[axis],
    );
    return form.view(numbers, index, args, attrs, result);
  });
}

function applies({ inside }: Source<number>): boolean {
  return inside.every(({ index, lower, upper }) => lower <= index && index < upper);
}

function elementAt({ data, shape }: NdArray, index: readonly number[]): number {
  return data[stridesOf(shape).reduce((sum, stride, axis) => sum + stride * index[axis], 0)];
}
