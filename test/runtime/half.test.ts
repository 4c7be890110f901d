/** Half precision: every bit pattern there and back. */

import { describe, expect, test } from "vitest";
import { halfBits, halfValue } from "../../runtime/half.ts";

describe("half precision", () => {
  test("keeps every bit pattern that is a number", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = halfValue(bits);
      if (!Number.isNaN(value)) expect(halfBits(value)).toBe(bits);
    }
  });

  test.each([
    ["a tie to the even neighbour below", 1 + 2 ** -11, 0x3c00],
    ["a tie to the even neighbour above", 1 + 3 * 2 ** -11, 0x3c02],
    ["just above a tie upwards", 1 + 2 ** -11 + 2 ** -30, 0x3c01],
    ["up into the next power of two", 2 - 2 ** -12, 0x4000],
    ["the largest that is not infinite", 65519.99, 0x7bff],
    ["half a step beyond the largest to infinity", -65520, 0xfc00],
    ["half of the smallest to zero", 2 ** -25, 0],
    ["a subnormal up to the first normal", 2 ** -14 - 2 ** -26, 0x0400],
    ["what is not a number to a quiet NaN", Number.NaN, 0x7e00],
  ])("rounds %s", (_, value, bits) => {
    expect(halfBits(value)).toBe(bits);
  });
});
