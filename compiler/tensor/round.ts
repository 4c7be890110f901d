/** Rounds doubles to what a dtype can hold, to nearest and ties to even, as WGSL conversions do. */

import type { Dtype } from "./dtype.ts";

/** The nearest value that the dtype holds. Integers wrap, as WGSL's arithmetic does. */
export function roundTo(dtype: Dtype, value: number): number {
  switch (dtype) {
    case "f32":
      return Math.fround(value);
    case "f16":
      return roundToHalf(value);
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    case "bool":
      return value === 0 ? 0 : 1;
  }
}

const smallestNormal = 2 ** -14;
const smallestStep = 2 ** -24;
/** From here on, halfway between the largest finite half and what would be the next, all is infinite. */
const overflow = 65520;
/** A double of this size has no room for fractions, so adding it rounds to a whole number, ties to even. */
const fractionless = 2 ** 52;

function roundToHalf(value: number): number {
  const size = Math.abs(value);
  if (size >= overflow) return value > 0 ? Infinity : -Infinity;
  if (!(size > 0)) return value;
  // Ten bits follow the leading one.
  const step = size < smallestNormal ? smallestStep : 2 ** (Math.floor(Math.log2(size)) - 10);
  const rounded = (size / step + fractionless - fractionless) * step;
  return value < 0 ? -rounded : rounded;
}
