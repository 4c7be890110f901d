/**
 * Arrays of weights between the floats that checkpoints hold: f32, f16 and bf16. Widening is exact; narrowing
 * rounds to the nearest, ties to even. f16 and bf16 are bit patterns in a Uint16Array.
 */

import { halfValue } from "../half.ts";

/** Exact. `into` has room for all of `bits`. */
export function halfToSingle(bits: Uint16Array, into: Float32Array): void {
  const table = halfValues();
  for (let at = 0; at < bits.length; at++) into[at] = table[bits[at]];
}

/** Exact: a bf16 is the upper half of a single. */
export function brainToSingle(bits: Uint16Array, into: Float32Array): void {
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let at = 0; at < bits.length; at++) words[at] = bits[at] << 16;
}

/** Beyond 65504 plus half a step, infinity. Returns how many finite values became infinite. */
export function singleToHalf(values: Float32Array, into: Uint16Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let overflows = 0;
  for (let at = 0; at < words.length; at++) {
    const bits = halfOf(words[at]);
    if ((bits & 0x7fff) === 0x7c00 && (words[at] & 0x7fffffff) < 0x7f800000) overflows++;
    into[at] = bits;
  }
  return overflows;
}

export function singleToBrain(values: Float32Array, into: Uint16Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const isNumber = (word & 0x7fffffff) <= 0x7f800000;
    // Adding half a step, less one for an even result, carries into the upper half where it must round up.
    into[at] = isNumber ? (word + 0x7fff + ((word >>> 16) & 1)) >>> 16 : (word >>> 16) | 0x40;
  }
}

const single = new Float32Array(1);
const singleWord = new Uint32Array(single.buffer);

/** The f16 bits of a single's bits. */
function halfOf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const size = word & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x47800000) return sign | 0x7c00; // 2¹⁶ and more
  if (size < 0x38800000) {
    // Below 2⁻¹⁴ an f16 counts steps of 2⁻²⁴, and so do the last bits of a single from 0.5 on.
    singleWord[0] = size;
    single[0] += 0.5;
    return sign | (singleWord[0] - 0x3f000000);
  }
  // The exponent's bias goes from 127 to 15; half a step, less one for an even result, rounds.
  return sign | ((size - (112 << 23) + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

let table: Float32Array | undefined;

/** The value of each of the 65,536 bit patterns. */
function halfValues(): Float32Array {
  table ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfValue(bits));
  return table;
}
