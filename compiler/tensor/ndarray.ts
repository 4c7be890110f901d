/** A dense tensor in memory, row-major, for the CPU's reference of the operations. Nothing writes to one once made. */

import type { Dtype } from "./dtype.ts";

export interface NdArray {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Doubles for every dtype; whole numbers and 0/1 are exact in them. */
  readonly data: Float64Array;
}

/** Zeros, or a copy of `data`. */
export function ndarray(dtype: Dtype, shape: readonly number[], data?: ArrayLike<number>): NdArray {
  const owned = data === undefined ? new Float64Array(elementsOf(shape)) : Float64Array.from(data);
  return { dtype, shape, data: owned };
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

/** The place in memory of every index of `shape`, in row-major order, when axes lie `strides` apart. */
export function placesOf(
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Int32Array {
  const places = new Int32Array(elementsOf(shape));
  places[0] = start;
  let filled = 1;
  // From the last axis on, what is filled is repeated at each further index of the axis before it.
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const inner = filled;
    for (let at = 1; at < shape[axis]; at++) {
      const shift = at * strides[axis];
      for (let place = 0; place < inner; place++) places[filled++] = places[place] + shift;
    }
  }
  return places;
}

/** The elements at those places. */
export function taken(data: Float64Array, places: Int32Array): Float64Array {
  const values = new Float64Array(places.length);
  for (let at = 0; at < places.length; at++) values[at] = data[places[at]];
  return values;
}
