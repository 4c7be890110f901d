/** Index expressions: what their normal form finds out, and that it computes what was written. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Atom,
  constantIndex,
  flatten,
  type Index,
  indexArithmetic,
  indexText,
  isAligned,
  strideBy,
  unflatten,
  variable,
} from "../../compiler/kernels/index.ts";

const { add, multiply, divide, remainder } = indexArithmetic;

describe("places that are equal have equal keys", () => {
  test.each([[[6]], [[4, 5]], [[2, 3, 4]], [[2, 1, 3, 4]], [[3, 2, 2, 2, 2]]])(
    "a place taken apart by %j and put together again",
    (shape) => {
      const place = variable(
        "e",
        shape.reduce((a, b) => a * b),
      );
      expect(flatten(unflatten(place, shape), shape).key).toBe(place.key);
    },
  );

  test("axes that are cut and joined again", () => {
    const [a, b] = [variable("a", 8), variable("b", 15)];
    const flat = flatten([a, b], [8, 15]);
    const cut = unflatten(flat, [2, 4, 3, 5]);
    expect(cut.map(({ key }) => key)).toEqual([
      "1*(1*a+0/4)+0",
      "1*(1*a+0%4)+0",
      "1*(1*b+0/5)+0",
      "1*(1*b+0%5)+0",
    ]);
    expect(flatten(cut, [2, 4, 3, 5]).key).toBe(flat.key);
  });

  test("two axes of three", () => {
    const [, b, c] = unflatten(variable("e", 60), [5, 3, 4]);
    expect(flatten([b, c], [3, 4]).key).toBe(remainder(variable("e", 60), 12).key);
  });

  test("a remainder of a larger remainder", () => {
    const x = variable("x", 100);
    expect(remainder(remainder(x, 12), 4).key).toBe(remainder(x, 4).key);
    expect(divide(remainder(x, 12), 4).key).toBe(remainder(divide(x, 4), 3).key);
  });
});

describe("four neighbours", () => {
  const x = variable("x", 64);
  const row = variable("row", 9);

  test("lie side by side in a row of a whole number of fours", () => {
    const index = add(multiply(row, 64), x);
    expect([strideBy(index, "x"), isAligned(index, "x")]).toEqual([1, true]);
  });

  test("may be out of step in a row of another length", () => {
    const index = add(multiply(row, 63), x);
    expect([strideBy(index, "x"), isAligned(index, "x")]).toEqual([1, false]);
  });

  test("stay in one head of a whole number of fours", () => {
    const [head, channel] = [divide(x, 16), remainder(x, 16)];
    const index = add(multiply(head, 160), add(multiply(row, 16), channel));
    expect([strideBy(index, "x"), isAligned(index, "x")]).toEqual([1, true]);
  });

  test("may be in two heads of six", () => {
    expect(strideBy(add(multiply(divide(x, 6), 60), remainder(x, 6)), "x")).toBeUndefined();
  });
});

// An expression, and the same by plain arithmetic.
type Both = readonly [Index, (values: ReadonlyMap<string, number>) => number];

const variables = ["a", "b", "c"].map(
  (name, at): Both => [variable(name, 3 + 4 * at), (values) => values.get(name) ?? 0],
);
const small = fc.integer({ min: 1, max: 12 });
const expressions = fc.letrec<{ whole: Both }>((tie) => ({
  whole: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(...variables),
    fc.integer({ min: 0, max: 9 }).map((value): Both => [constantIndex(value), () => value]),
    fc
      .tuple(tie("whole"), tie("whole"))
      .map(([[a, f], [b, g]]): Both => [add(a, b), (v) => f(v) + g(v)]),
    fc.tuple(tie("whole"), small).map(([[a, f], by]): Both => [multiply(a, by), (v) => f(v) * by]),
    fc
      .tuple(tie("whole"), small)
      .map(([[a, f], by]): Both => [divide(a, by), (v) => Math.floor(f(v) / by)]),
    fc.tuple(tie("whole"), small).map(([[a, f], by]): Both => [remainder(a, by), (v) => f(v) % by]),
  ),
})).whole;

test("the normal form computes what was written, within its bounds", () => {
  fc.assert(
    fc.property(expressions, ([index, meaning]) => {
      for (const [a, b, c] of [
        [0, 0, 0],
        [2, 6, 10],
        [1, 3, 7],
        [2, 0, 9],
        [0, 5, 4],
      ]) {
        const values = new Map([
          ["a", a],
          ["b", b],
          ["c", c],
        ]);
        const value = evaluate(index, values);
        expect(value).toBe(meaning(values));
        expect(value).toBeGreaterThanOrEqual(index.low);
        expect(value).toBeLessThanOrEqual(index.high);
      }
    }),
  );
});

test("text has one term a variable, and no negative literal", () => {
  const [a, b] = [variable("a", 4), variable("b", 4)];
  const index = add(multiply(a, 3), add(multiply(b, -1), constantIndex(-2)));
  expect(indexText(index, (atom) => atom.key)).toBe("(a * 3u - b - 2u)");
});

function evaluate(index: Index, values: ReadonlyMap<string, number>): number {
  return index.terms.reduce(
    (total, { atom, by }) => total + by * atomValue(atom, values),
    index.constant,
  );
}

function atomValue(atom: Atom, values: ReadonlyMap<string, number>): number {
  if (atom.kind === "variable") return values.get(atom.name) ?? 0;
  const inner = evaluate(atom.of, values);
  return atom.kind === "divide" ? Math.floor(inner / atom.by) : inner % atom.by;
}
