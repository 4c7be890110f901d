/** Random numbers from a counter. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { mixed, permutation, randomBelow, randomBits } from "../../runtime/random.ts";

test("the bits are the same on every machine", () => {
  expect([0, 1, 2].map((counter) => randomBits(7, 0, counter))).toEqual([
    3765101978, 1443195122, 3635819750,
  ]);
});

test("mixing is one to one", () => {
  const values = new Set(Array.from({ length: 100_000 }, (_, value) => mixed(value)));
  expect(values.size).toBe(100_000);
});

test("a permutation has every number once", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer(), fc.nat(), (count, seed, stream) => {
      const numbers = [...permutation(count, seed, stream)].sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index));
    }),
  );
});

test("seeds, streams and counters that are neighbours give numbers that are not", () => {
  const cells = new Int32Array(10);
  for (let seed = 0; seed < 10; seed++) {
    for (let stream = 0; stream < 10; stream++) {
      for (let counter = 0; counter < 100; counter++)
        cells[randomBelow(10, seed, stream, counter)]++;
    }
  }
  // 10,000 draws: each tenth gets 1,000, and five standard deviations of 30 to either side.
  for (const count of cells) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
