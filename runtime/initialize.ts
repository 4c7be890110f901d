/**
 * First values of parameters that no checkpoint gives. A parameter's numbers are a function of the seed,
 * its name and the element's index: the same on every machine and whatever else the model holds. The
 * arithmetic is in double precision (V8 computes log, cos and sin in software, alike everywhere) and rounds
 * once, to the tensor's dtype.
 */

import { planFault } from "./errors.ts";
import type { Dtype, TensorSource } from "./plan.ts";
import { randomBits } from "./random.ts";
import { fromNumbers, type TensorData } from "./tensor-data.ts";

/** The tensor's first values, or undefined for zeros, which buffers hold anyway. */
export function initialValues(
  source: Exclude<TensorSource, { readonly kind: "checkpoint" }>,
  dtype: Dtype,
  count: number,
): TensorData | undefined {
  switch (source.kind) {
    case "zeros":
      return undefined;
    case "fill":
      return fromNumbers(dtype, new Float64Array(count).fill(source.value));
    case "normal":
      return fromNumbers(dtype, normal(count, source.std, source.seed, streamOf(source.stream)));
    case "uniform":
      return fromNumbers(dtype, uniform(count, source.bound, source.seed, streamOf(source.stream)));
    default:
      source satisfies never;
      return planFault("the plan has a tensor with a source that this version does not know");
  }
}

/** A stream's number: 32-bit FNV-1a of its name in UTF-8. */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Uniform in the open interval from 0 to 1, in steps of 2⁻³². */
export function unitRandom(seed: number, stream: number, counter: number): number {
  return (randomBits(seed, stream, counter) + 0.5) / 2 ** 32;
}

/** Uniform in (−bound, bound). */
function uniform(count: number, bound: number, seed: number, stream: number): Float64Array {
  const values = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    values[at] = (2 * unitRandom(seed, stream, at) - 1) * bound;
  }
  return values;
}

/** Mean 0 (Box and Muller 1958): elements 2i and 2i + 1 come from the counters 2i and 2i + 1. */
function normal(count: number, std: number, seed: number, stream: number): Float64Array {
  const values = new Float64Array(count + (count % 2));
  for (let at = 0; at < count; at += 2) {
    const radius = std * Math.sqrt(-2 * Math.log(unitRandom(seed, stream, at)));
    const angle = 2 * Math.PI * unitRandom(seed, stream, at + 1);
    values[at] = radius * Math.cos(angle);
    values[at + 1] = radius * Math.sin(angle);
  }
  return values.subarray(0, count);
}
