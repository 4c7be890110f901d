/** The element types of tensors. `bool` is stored as u32 (0 or 1), since WGSL has no storable bool. */

export const dtypes = {
  f32: { bytes: 4, wgsl: "f32", float: true },
  f16: { bytes: 2, wgsl: "f16", float: true },
  i32: { bytes: 4, wgsl: "i32", float: false },
  u32: { bytes: 4, wgsl: "u32", float: false },
  bool: { bytes: 4, wgsl: "u32", float: false },
} as const;

export type Dtype = keyof typeof dtypes;

export function isFloat(dtype: Dtype): boolean {
  return dtypes[dtype].float;
}

export function bytesOf(dtype: Dtype): number {
  return dtypes[dtype].bytes;
}
