/** A dense tensor in memory, row-major, for the CPU's reference of the operations. */

import type { Dtype } from "./dtype.ts";

export interface NdArray {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Doubles for every dtype; whole numbers and 0/1 are exact in them. */
  readonly data: Float64Array;
}

export function ndarray(dtype: Dtype, shape: readonly number[], data?: ArrayLike<number>): NdArray {
  return { dtype, shape, data: data === undefined ? new Float64Array(elementsOf(shape)) : Float64Array.from(data) };
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The distance between neighbours of each axis, in elements, row-major. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}
