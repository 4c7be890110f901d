/** Memory layouts: nothing that lives at once shares bytes, and what must be apart is in other buffers. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { aligned, type Life, layOut, peakOf, relate } from "../../compiler/plan/arena.ts";

const lives = fc.array(
  fc
    .tuple(fc.integer({ min: 4, max: 5000 }), fc.nat({ max: 30 }), fc.nat({ max: 12 }))
    .map(([bytes, first, length]): Life => ({ bytes, first, last: first + length })),
  { minLength: 1, maxLength: 40 },
);
const pairs = fc.array(fc.tuple(fc.nat({ max: 39 }), fc.nat({ max: 39 })), { maxLength: 40 });

test("whatever lives at once is apart", () => {
  fc.assert(
    fc.property(lives, pairs, (all, apart) => {
      const conflicts = new Map<number, Set<number>>();
      for (const [a, b] of apart)
        if (a !== b && a < all.length && b < all.length) relate(conflicts, a, b);
      const { places, buffers } = layOut(new Map(all.entries()), conflicts, 2 ** 40);
      const found = all.map((life, key) => {
        const { buffer, offset } = places.get(key) ?? { buffer: -1, offset: -1 };
        return { key, life, buffer, offset, end: offset + aligned(life.bytes) };
      });
      for (const one of found) {
        expect(one.offset % 256).toBe(0);
        expect(one.end).toBeLessThanOrEqual(buffers[one.buffer]);
        for (const other of found.slice(one.key + 1)) {
          if (conflicts.get(one.key)?.has(other.key)) expect(other.buffer).not.toBe(one.buffer);
          const isTogether = one.life.first <= other.life.last && other.life.first <= one.life.last;
          if (!isTogether || one.buffer !== other.buffer) continue;
          expect(one.end <= other.offset || other.end <= one.offset).toBe(true);
        }
      }
      const total = buffers.reduce((sum, bytes) => sum + bytes, 0);
      expect(total).toBeGreaterThanOrEqual(peakOf(all));
    }),
  );
});

test("what never lives at once shares all of its bytes", () => {
  const all = [0, 1, 2, 3].map((step) => [step, { bytes: 1024, first: step, last: step }] as const);
  expect(layOut(new Map(all), new Map(), 2 ** 40).buffers).toEqual([1024]);
});

test("a chain of dispatches goes back and forth between two buffers", () => {
  const all = [0, 1, 2, 3].map(
    (step) => [step, { bytes: 1024, first: step, last: step + 1 }] as const,
  );
  const conflicts = new Map<number, Set<number>>();
  for (const [step] of all.slice(1)) relate(conflicts, step - 1, step);
  const { places, buffers } = layOut(new Map(all), conflicts, 2 ** 40);
  expect(buffers).toEqual([1024, 1024]);
  expect([0, 1, 2, 3].map((step) => places.get(step)?.buffer)).toEqual([0, 1, 0, 1]);
});

test("no buffer is larger than the device allows", () => {
  const all = [0, 1, 2].map((key) => [key, { bytes: 1024, first: 0, last: 0 }] as const);
  expect(layOut(new Map(all), new Map(), 2048).buffers).toEqual([2048, 1024]);
});
