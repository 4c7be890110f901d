/**
 * Random numbers as a function of where they are used: the same seed, stream and index give the same bits on
 * every machine, in any order. Arithmetic is on unsigned 32-bit integers that wrap, so that kernels do the same:
 *
 *   mixed(x)            x ^= x >> 16; x *= 0x7feb352d; x ^= x >> 15; x *= 0x846ca68b; x ^= x >> 16
 *   bits(seed, s, i)    mixed(mixed(mixed(seed + 0x9e3779b9) ^ (s + 1) * 0x85ebca6b) ^ (i + 1) * 0xc2b2ae35)
 *   uniform(seed, s, i) f32(bits >> 8) · 2⁻²⁴
 */

/** Uniform in [0, 1), on a grid of 2⁻²⁴, so that it is exact in f32. */
export function uniform(seed: number, stream: number, index: number): number {
  return (bits(seed, stream, index) >>> 8) * 2 ** -24;
}

// The odd constants keep seed 0, stream 0, index 0 from the fixed point of `mixed`.
function bits(seed: number, stream: number, index: number): number {
  const keyed = mixed(seed + 0x9e3779b9) ^ Math.imul(stream + 1, 0x85ebca6b);
  return mixed(mixed(keyed) ^ Math.imul(index + 1, 0xc2b2ae35));
}

/** A bijection: two rounds of xor-shift and multiply, and a last shift. */
function mixed(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
