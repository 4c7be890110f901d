/** References against values worked out by hand, and against plainer formulas of the same thing. */

import { describe, expect, test } from "vitest";
import type { Attrs } from "../../compiler/ops/op.ts";
import { uniform } from "../../compiler/ops/random.ts";
import { type OpName, opOf } from "../../compiler/ops/table.ts";
import type { Dtype } from "../../compiler/tensor/dtype.ts";
import { elementsOf, type NdArray, ndarray, stridesOf } from "../../compiler/tensor/ndarray.ts";
import { cases, type OpCase } from "./cases.ts";

const i32 = (...values: number[]) => ndarray("i32", [values.length], values);
const u32 = (...values: number[]) => ndarray("u32", [values.length], values);
const f32 = (...values: number[]) => ndarray("f32", [values.length], values);
const matrix = (dtype: Dtype, rows: readonly (readonly number[])[]) =>
  ndarray(dtype, [rows.length, rows[0].length], rows.flat());
const table = matrix("f32", [
  [1, 2, 3],
  [4, 5, 6],
]);

type ByHand = [about: string, op: OpName, args: NdArray[], attrs: Attrs, expected: number[]];

describe("by hand", () => {
  const given: ByHand[] = [
    ["i32 wraps", "add", [i32(2 ** 31 - 1), i32(1)], {}, [-(2 ** 31)]],
    ["u32 wraps", "subtract", [u32(0), u32(1)], {}, [2 ** 32 - 1]],
    ["products wrap", "multiply", [i32(2 ** 31 - 1), i32(2 ** 31 - 1)], {}, [1]],
    ["unsigned products wrap", "multiply", [u32(2 ** 32 - 1), u32(2)], {}, [2 ** 32 - 2]],
    ["towards zero", "divide", [i32(7, -7, 7, -7), i32(2, 2, -2, -2)], {}, [3, -3, -3, 3]],
    ["by zero", "divide", [i32(7), i32(0)], {}, [7]],
    ["the sign of the dividend", "remainder", [i32(7, -7), i32(-3, 3)], {}, [1, -1]],
    ["of zero", "remainder", [i32(7), i32(0)], {}, [0]],
    ["the least number has no opposite", "absolute", [i32(-(2 ** 31))], {}, [-(2 ** 31)]],
    ["downwards", "floor", [f32(-1.5, 1.5)], {}, [-2, 1]],
    ["fractions are lost", "cast", [f32(-2.9, 2.9)], { to: "i32" }, [-2, 2]],
    ["the range holds", "cast", [f32(-1, 5e9)], { to: "u32" }, [0, 2 ** 32 - 1]],
    ["bits stay", "cast", [i32(-1)], { to: "u32" }, [2 ** 32 - 1]],
    ["anything is true but 0", "cast", [f32(-0.5, 0)], { to: "bool" }, [1, 0]],
    ["rows", "reduceSum", [table], { axes: [1] }, [6, 15]],
    ["columns", "reduceSum", [table], { axes: [0] }, [5, 7, 9]],
    ["the greatest of each row", "reduceMax", [table], { axes: [1] }, [3, 6]],
    ["the least of each column", "reduceMin", [table], { axes: [0] }, [1, 2, 3]],
    ["columns become rows", "transpose", [table], { order: [1, 0] }, [1, 4, 2, 5, 3, 6]],
    ["a row, twice", "broadcast", [f32(1, 2)], { shape: [2, 2], axes: [1] }, [1, 2, 1, 2]],
    ["a column, twice", "broadcast", [f32(1, 2)], { shape: [2, 2], axes: [0] }, [1, 1, 2, 2]],
    ["a corner", "slice", [table], { starts: [1, 1], sizes: [1, 2] }, [5, 6]],
    ["zeros around", "pad", [f32(1, 2)], { before: [1], after: [2] }, [0, 1, 2, 0, 0]],
    [
      "side by side",
      "concat",
      [table, matrix("f32", [[7], [8]])],
      { axis: 1 },
      [1, 2, 3, 7, 4, 5, 6, 8],
    ],
    ["rows by number", "gather", [table, i32(1, 5, 0)], {}, [4, 5, 6, 0, 0, 0, 1, 2, 3]],
    ["twice the same row", "scatterAdd", [i32(1, 1), table], { rows: 2 }, [0, 0, 0, 5, 7, 9]],
    [
      "in place",
      "write",
      [f32(1, 2, 3, 4), f32(9), ndarray("i32", [], [2])],
      { axis: 0 },
      [1, 2, 9, 4],
    ],
    ["along rows", "iota", [], { shape: [2, 3], axis: 1, dtype: "i32" }, [0, 1, 2, 0, 1, 2]],
    ["down columns", "iota", [], { shape: [2, 3], axis: 0, dtype: "i32" }, [0, 0, 0, 1, 1, 1]],
  ];
  test.each(given)("%s: %s", (_, op, args, attrs, expected) => {
    expect([...run({ op, args, attrs })[0].data]).toEqual(expected);
  });

  test("a piece that does not fit is moved until it does", () => {
    const args = [f32(1, 2, 3), f32(8, 9), ndarray("i32", [], [2])];
    expect([...run({ op: "write", args, attrs: { axis: 0 } })[0].data]).toEqual([1, 8, 9]);
  });

  test("a class that is not there cannot be learned", () => {
    const args = [table, i32(0, 3), ndarray("bool", [2], [1, 1])];
    expect(() => run({ op: "crossEntropy", args, attrs: {} })).toThrow("class 3");
  });
});

describe("a contraction is a sum over all labels", () => {
  test.each(casesOf("contract"))("$title", (one) => {
    const [result] = run(one);
    expectClose(result.data, einsum(one));
  });
});

describe("attention is softmax(scale · q · kᵀ) · v where the mask lets it", () => {
  test.each(casesOf("attention"))("$title", (one) => {
    const [out, lse] = run(one);
    const plain = plainAttention(one);
    expectClose(out.data, plain.out);
    expectClose(lse.data, plain.lse);
  });
});

test("a query that sees nothing has out 0 and lse −3e38", () => {
  const q = ndarray("f32", [1, 1, 1, 2], [1, 2]);
  const masks = [
    ndarray("i32", [1, 1], [-1]),
    ndarray("i32", [1, 1], [-1]),
    ndarray("i32", [], [0]),
  ];
  const attrs = { causal: false, scale: 1 };
  const [out, lse] = run({ op: "attention", args: [q, q, q, ...masks], attrs });
  expect([...out.data, ...lse.data]).toEqual([0, 0, -3e38]);
});

test("the loss of equal logits is the logarithm of their number", () => {
  const args = [matrix("f32", [[5, 5, 5, 5]]), i32(2), ndarray("bool", [1], [1])];
  const [loss] = run({ op: "crossEntropy", args, attrs: {} });
  expect(loss.data[0]).toBeCloseTo(Math.log(4), 12);
});

describe("random numbers", () => {
  const drawn = Array.from({ length: 20_000 }, (_, index) => uniform(17, 3, index));

  test("lie in [0, 1), evenly", () => {
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    // A tenth of them in each tenth; the standard deviation of a count of 2000 is 42.
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = drawn.filter((value) => Math.floor(value * 10) === tenth).length;
      expect(Math.abs(count - 2000)).toBeLessThan(200);
    }
  });

  test("are exact in f32", () => {
    expect(drawn.every((value) => Math.fround(value) === value)).toBe(true);
  });

  test.each([
    ["seed", (index: number) => uniform(18, 3, index)],
    ["stream", (index: number) => uniform(17, 4, index)],
    ["index", (index: number) => uniform(17, 3, index + 1)],
  ])("differ with the %s", (_, other) => {
    const mean = drawn.reduce((sum, value, at) => sum + (value - 0.5) * (other(at) - 0.5), 0);
    // Of independent ones the correlation is 0 with a standard deviation of 1/√20000 = 0.007.
    expect(Math.abs((mean / drawn.length) * 12)).toBeLessThan(0.04);
    expect(drawn.filter((value, at) => value === other(at)).length).toBeLessThan(5);
  });

  test("are these", () => {
    // What kernels must give too: a change of the hash changes every run that was recorded.
    const bits = [uniform(0, 0, 0), uniform(17, 3, 0), uniform(2 ** 32 - 1, 9, 123456)];
    expect(bits.map((value) => value * 2 ** 24)).toMatchInlineSnapshot(`
      [
        11925069,
        12289016,
        7086098,
      ]
    `);
  });
});

// Plainer formulas ------------------------------------------------------------------------------

function run({ op, args, attrs }: Pick<OpCase, "op" | "args" | "attrs">): readonly NdArray[] {
  return opOf(op).reference(args, attrs, opOf(op).infer(args, attrs));
}

function casesOf(op: OpName): OpCase[] {
  return cases.filter((one) => one.op === op);
}

/** Every combination of the labels' values, each product added to its place. */
function einsum({ args: [a, b], attrs }: OpCase): number[] {
  const labelsOf = (name: string): number[] => JSON.parse(JSON.stringify(attrs[name]));
  const [left, right, out] = ["left", "right", "out"].map(labelsOf);
  const sizes = new Map([
    ...left.map((label, axis): [number, number] => [label, a.shape[axis]]),
    ...right.map((label, axis): [number, number] => [label, b.shape[axis]]),
  ]);
  const shape = out.map((label) => sizes.get(label) ?? 0);
  const sums = new Array<number>(elementsOf(shape)).fill(0);
  const labels = [...sizes.keys()];
  const at = new Map(labels.map((label) => [label, 0]));
  const place = (own: readonly number[], of: readonly number[]) => {
    const strides = stridesOf(of);
    return own.reduce((sum, label, axis) => sum + (at.get(label) ?? 0) * strides[axis], 0);
  };
  const visit = (depth: number): void => {
    if (depth === labels.length) {
      sums[place(out, shape)] += a.data[place(left, a.shape)] * b.data[place(right, b.shape)];
      return;
    }
    for (let value = 0; value < (sizes.get(labels[depth]) ?? 0); value++) {
      at.set(labels[depth], value);
      visit(depth + 1);
    }
  };
  visit(0);
  return sums;
}

/** With a whole row of scores a query, masked by −∞. */
function plainAttention({ args, attrs }: OpCase): { out: number[]; lse: number[] } {
  const [q, k, v, querySegment, keySegment, offset] = args;
  const [batch, heads, queries, channels] = q.shape;
  const [, groups, keys] = k.shape;
  const element = (array: NdArray, ...index: number[]) =>
    array.data[stridesOf(array.shape).reduce((sum, stride, axis) => sum + stride * index[axis], 0)];
  const range = (length: number) => Array.from({ length }, (_, at) => at);
  const out: number[] = [];
  const lse: number[] = [];
  for (const b of range(batch)) {
    for (const h of range(heads)) {
      const g = Math.floor((h * groups) / heads);
      for (const t of range(queries)) {
        const scores = range(keys).map((s) => {
          const segment = element(keySegment, b, s);
          const isVisible =
            segment >= 0 &&
            segment === element(querySegment, b, t) &&
            (attrs.causal === false || s <= t + offset.data[0]);
          const product = range(channels).reduce(
            (sum, c) => sum + element(q, b, h, t, c) * element(k, b, g, s, c),
            0,
          );
          return isVisible ? product * Number(attrs.scale) : -Infinity;
        });
        const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
        lse.push(total === 0 ? -3e38 : Math.log(total));
        for (const c of range(channels)) {
          const sum = scores.reduce(
            (all, score, s) => all + Math.exp(score) * element(v, b, g, s, c),
            0,
          );
          out.push(total === 0 ? 0 : sum / total);
        }
      }
    }
  }
  return { out, lse };
}

/** Both are sums in doubles, in other orders. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, at) => {
    expect(Math.abs(actual[at] - value)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(value)));
  });
}
