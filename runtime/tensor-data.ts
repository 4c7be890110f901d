/**
 * Tensors on the host: flat arrays of the bits that the GPU holds. f16 travels as its bit patterns, since
 * Node 20 has no Float16Array; bool is 0 or 1 in 32 bits.
 */

import { planFault } from "./errors.ts";
import { halfBits } from "./half.ts";
import type { Dtype } from "./plan.ts";

export type TensorData = Float32Array | Uint16Array | Int32Array | Uint32Array;

export const bytesOfDtype: Readonly<Record<Dtype, number>> = {
  f32: 4,
  f16: 2,
  i32: 4,
  u32: 4,
  bool: 4,
};

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes of the elements, padded to the 4 that WebGPU copies at least. */
export function paddedBytes(dtype: Dtype, shape: readonly number[]): number {
  return Math.ceil((elementCount(shape) * bytesOfDtype[dtype]) / 4) * 4;
}

/** The elements in `bytes`, which are of one tensor and may end in padding. Shares its memory. */
export function viewOf(dtype: Dtype, shape: readonly number[], bytes: Uint8Array): TensorData {
  const count = elementCount(shape);
  const { buffer, byteOffset } = bytes;
  switch (dtype) {
    case "f32":
      return new Float32Array(buffer, byteOffset, count);
    case "f16":
      return new Uint16Array(buffer, byteOffset, count);
    case "i32":
      return new Int32Array(buffer, byteOffset, count);
    case "u32":
    case "bool":
      return new Uint32Array(buffer, byteOffset, count);
    default:
      dtype satisfies never;
      return planFault(`the plan has a tensor of dtype "${String(dtype)}"`);
  }
}

export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Whether the array is of the type that holds `dtype`. */
export function holds(dtype: Dtype, data: TensorData): boolean {
  switch (dtype) {
    case "f32":
      return data instanceof Float32Array;
    case "f16":
      return data instanceof Uint16Array;
    case "i32":
      return data instanceof Int32Array;
    case "u32":
    case "bool":
      return data instanceof Uint32Array;
    default:
      dtype satisfies never;
      return false;
  }
}

/** Numbers in the array that holds `dtype`; f16 rounds to nearest, ties to even. */
export function fromNumbers(dtype: Dtype, values: ArrayLike<number>): TensorData {
  switch (dtype) {
    case "f32":
      return Float32Array.from(values);
    case "f16":
      return Uint16Array.from(values, halfBits);
    case "i32":
      return Int32Array.from(values);
    case "u32":
      return Uint32Array.from(values, (value) => value >>> 0);
    case "bool":
      return Uint32Array.from(values, (value) => Number(value !== 0));
    default:
      dtype satisfies never;
      return planFault(`the plan has a tensor of dtype "${String(dtype)}"`);
  }
}
