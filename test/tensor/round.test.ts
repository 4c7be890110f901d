/** Rounding doubles to what a dtype holds. */

import { describe, expect, test } from "vitest";
import { roundTo } from "../../compiler/tensor/round.ts";

describe("halves", () => {
  test.each([
    ["a half stays", 1.5, 1.5],
    ["ten bits follow the leading one", 1 + 2 ** -10, 1 + 2 ** -10],
    ["a tie goes to the even one below", 1 + 2 ** -11, 1],
    ["a tie goes to the even one above", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ["above a tie is rounded up", 1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -10],
    ["negative ones are rounded alike", -(1 + 3 * 2 ** -11), -(1 + 2 ** -9)],
    ["the greatest", 65504, 65504],
    ["just below halfway to the next power", 65519.99, 65504],
    ["too great", 65520, Infinity],
    ["too small below zero", -65520, -Infinity],
    ["the least above zero", 2 ** -24, 2 ** -24],
    ["a tie with zero", 2 ** -25, 0],
    ["subnormal steps", 5.4 * 2 ** -24, 5 * 2 ** -24],
    ["just below a power of two", 2 - 2 ** -52, 2],
    ["minus zero", -0, -0],
  ])("%s", (_, value, expected) => {
    expect(roundTo("f16", value)).toBe(expected);
  });

  test("what is not a number stays so", () => {
    expect(roundTo("f16", Number.NaN)).toBeNaN();
  });
});

test.each([
  ["f32", 0.1, 0.10000000149011612],
  ["i32", 2 ** 31, -(2 ** 31)],
  ["u32", -1, 2 ** 32 - 1],
  ["bool", -3, 1],
] as const)("%s of %d is %d", (dtype, value, expected) => {
  expect(roundTo(dtype, value)).toBe(expected);
});
