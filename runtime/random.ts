/**
 * Random numbers as a function of where they are used: the same seed, stream and counter give the same 32
 * bits on every machine, in any order. 32-bit integer arithmetic only, so that a kernel can do the same.
 */

/** Mixes the bits of an unsigned 32-bit integer: a bijection (two rounds of xor-shift and multiply). */
export function mixed(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** 32 random bits for each combination of a seed, a stream (what they are for) and a counter. */
export function randomBits(seed: number, stream: number, counter: number): number {
  // The odd constants keep seed 0, stream 0, counter 0 from the fixed point of `mixed`.
  const keyed = mixed((seed >>> 0) + 0x9e3779b9);
  return mixed(
    mixed(keyed ^ Math.imul(stream + 1, 0x85ebca6b)) ^ Math.imul(counter + 1, 0xc2b2ae35),
  );
}

/** An integer from 0 to `bound` − 1; `bound` is at most 2³². */
export function randomBelow(bound: number, seed: number, stream: number, counter: number): number {
  return Math.floor((randomBits(seed, stream, counter) / 0x1_0000_0000) * bound);
}

/** The numbers from 0 to `count` − 1 in an order that the seed and the stream decide (Fisher and Yates). */
export function permutation(count: number, seed: number, stream: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = randomBelow(last + 1, seed, stream, last);
    const held = order[last];
    order[last] = order[other];
    order[other] = held;
  }
  return order;
}
