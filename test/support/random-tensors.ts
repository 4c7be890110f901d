/** Tensors of random numbers for tests: the same title gives the same numbers, whatever other tests there are. */

import { uniform } from "../../compiler/ops/random.ts";
import { type Dtype, isFloat } from "../../compiler/tensor/dtype.ts";
import { elementsOf, type NdArray } from "../../compiler/tensor/ndarray.ts";
import { roundTo } from "../../compiler/tensor/round.ts";

export interface RandomTensors {
  /** Within ±2 unless said otherwise. */
  float(shape: readonly number[], range?: Range, dtype?: Dtype): NdArray;
  /** Whole numbers, the ends of the range included. */
  whole(shape: readonly number[], range: Range, dtype?: Dtype): NdArray;
  bool(shape: readonly number[]): NdArray;
}

export type Range = readonly [low: number, high: number];

export function randomTensors(title: string): RandomTensors {
  const seed = seedOf(title);
  let stream = 0;
  const filled = (
    dtype: Dtype,
    shape: readonly number[],
    number: (share: number) => number,
  ): NdArray => {
    stream++;
    const own = stream;
    const at = (_: unknown, index: number) => roundTo(dtype, number(uniform(seed, own, index)));
    return { dtype, shape, data: Float64Array.from({ length: elementsOf(shape) }, at) };
  };
  const whole = (shape: readonly number[], [low, high]: Range, dtype: Dtype = "i32") =>
    filled(dtype, shape, (share) => Math.floor(low + share * (high + 1 - low)));
  return {
    float: (shape, [low, high] = [-2, 2], dtype = "f32") => {
      if (!isFloat(dtype)) throw new Error(`${dtype} is no float`);
      return filled(dtype, shape, (share) => low + share * (high - low));
    },
    whole,
    bool: (shape) => whole(shape, [0, 1], "bool"),
  };
}

/** FNV-1a. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash;
}
