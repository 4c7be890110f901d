/** Compares arrays that should hold the same numbers but for rounding. */

import { type Dtype, isFloat } from "../../compiler/tensor/dtype.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";

type Arrays = Readonly<Record<string, NdArray>>;

/**
 * By dtype: how far a float may be off, as a share of the largest number of its tensor. Kernels sum in other
 * orders than the reference, and WGSL's functions of one number are good to a few units in the last place of f32.
 */
const allowed: Readonly<Record<Dtype, number>> = { f32: 2e-5, f16: 2e-3, i32: 0, u32: 0, bool: 0 };

/** What is wrong, in words; at most a few places of each array. */
export function differences(found: Arrays, wanted: Arrays): string[] {
  return Object.entries(wanted).flatMap(([name, array]) => {
    const other = found[name];
    if (other === undefined) return [`${name} is missing`];
    return placesThatDiffer(other, array).map((text) => `${name}${text}`);
  });
}

function placesThatDiffer(found: NdArray, { dtype, data }: NdArray): string[] {
  if (found.dtype !== dtype) return [` is ${found.dtype} and should be ${dtype}`];
  if (found.data.length !== data.length)
    return [` has ${found.data.length} elements, not ${data.length}`];
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const room = isFloat(dtype) ? allowed[dtype] * Math.max(1, largest) : 0;
  const wrong: string[] = [];
  for (const [at, value] of data.entries()) {
    // In this form, since NaN is never within room.
    if (!(Math.abs(found.data[at] - value) <= room))
      wrong.push(`[${at}] is ${found.data[at]} and should be ${value}`);
    if (wrong.length > 4) break;
  }
  return wrong;
}
