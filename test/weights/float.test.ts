/** Floats of checkpoints: widening is exact, narrowing rounds to the nearest, ties to even. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { halfBits, halfValue } from "../../runtime/half.ts";
import {
  brainToSingle,
  halfToSingle,
  singleToBrain,
  singleToHalf,
} from "../../runtime/weights/float.ts";

const everyPattern = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** The bits of singles, in which NaN is like NaN and −0 unlike 0. */
function wordsOf(values: Float32Array): readonly number[] {
  return Array.from(values, (value, at) =>
    Number.isNaN(value) ? 0x7fc00000 : new Uint32Array(values.buffer)[at],
  );
}

test("every f16 widens to its value and narrows back to itself", () => {
  const values = new Float32Array(0x10000);
  halfToSingle(everyPattern, values);
  const back = new Uint16Array(0x10000);
  singleToHalf(values, back);
  const different = [...everyPattern].filter(
    (bits) =>
      !Object.is(values[bits], halfValue(bits)) ||
      (!Number.isNaN(values[bits]) && back[bits] !== bits),
  );
  expect(different).toEqual([]);
});

test("every bf16 widens to its value and narrows back to itself", () => {
  const values = new Float32Array(0x10000);
  brainToSingle(everyPattern, values);
  expect(values[0x3fc0]).toBe(1.5);
  expect(values[0x0001]).toBe(2 ** -133);
  const back = new Uint16Array(0x10000);
  singleToBrain(values, back);
  const different = [...everyPattern].filter(
    (bits) => !Number.isNaN(values[bits]) && back[bits] !== bits,
  );
  expect(different).toEqual([]);
});

test("singles narrow to f16 as doubles do", () => {
  const single = fc.oneof(
    fc.float(),
    fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4) }),
  );
  fc.assert(
    fc.property(fc.array(single, { minLength: 1 }), (numbers) => {
      const values = Float32Array.from(numbers);
      const bits = new Uint16Array(values.length);
      singleToHalf(values, bits);
      expect([...bits].map((each) => halfValue(each))).toEqual(
        [...values].map((value) => halfValue(halfBits(value))),
      );
    }),
    { numRuns: 1000 },
  );
});

test("overflows to infinity are counted, infinities are not", () => {
  const bits = new Uint16Array(5);
  const values = Float32Array.of(65519, 65520, -1e9, Number.POSITIVE_INFINITY, Number.NaN);
  expect(singleToHalf(values, bits)).toBe(2);
  expect([...bits]).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00, 0x7e00]);
});

test.each([
  [1, 0x3f80],
  [1 + 2 ** -8, 0x3f80], // half way, and 0x3f80 is even
  [1 + 2 ** -8 + 2 ** -20, 0x3f81],
  [1 + 3 * 2 ** -8, 0x3f82], // half way, and 0x3f81 is odd
  [3.4028234663852886e38, 0x7f80],
  [Number.NEGATIVE_INFINITY, 0xff80],
])("%d narrows to the bf16 %d", (value, expected) => {
  const bits = new Uint16Array(1);
  singleToBrain(Float32Array.of(value), bits);
  expect(bits[0]).toBe(expected);
});

test("a NaN stays one, whatever its bits", () => {
  const values = new Float32Array(Uint32Array.of(0x7f800001, 0xffffffff).buffer);
  const brain = new Uint16Array(2);
  singleToBrain(values, brain);
  const back = new Float32Array(2);
  brainToSingle(brain, back);
  expect(wordsOf(back)).toEqual([0x7fc00000, 0x7fc00000]);
});
