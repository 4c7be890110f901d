/**
 * Whether four neighbours along a variable, from a multiple of four on, can be computed together: every load is
 * then one aligned vec4 or the same element four times.
 */

import { type Index, isAligned, strideBy } from "../kernels/index.ts";
import { type Bound, partsOf, type Result, type Scalar } from "../kernels/kernel.ts";
import type { Width } from "./operations.ts";

export function isWide(scalar: Scalar, along: string): boolean {
  return partsOf([scalar]).every((part) => {
    switch (part.kind) {
      case "load":
        // What is clamped moves four as one only if it does not move at all.
        return part.most === undefined
          ? isWideIndex(part.index, along)
          : strideBy(part.index, along) === 0;
      case "pick":
        return part.width % 4 === 0 && isWideIndex(part.index, along) && isSame(part.row, along);
      case "index":
      case "random":
        return strideBy(part.index, along) !== undefined;
      case "guard":
        return part.bounds.every((bound) => isWideBound(bound, along));
      case "operation":
      case "constant":
      case "fold":
      case "accumulator":
        return true;
      default:
        return part satisfies never;
    }
  });
}

/** Whether four neighbours are stored as one vec4. */
export function isWideResult({ place, body }: Result, along: string): boolean {
  return strideBy(place, along) === 1 && isAligned(place, along) && isWide(body, along);
}

/** 4 where four neighbours differ. `folds` and accumulators have a width of their own. */
export function widthOf(scalar: Scalar, along: string | undefined, begun: Width): Width {
  if (along === undefined) return 1;
  const differs = partsOf([scalar]).some((part) => {
    switch (part.kind) {
      case "load":
      case "pick":
      case "index":
      case "random":
        return strideBy(part.index, along) !== 0;
      case "fold":
      case "accumulator":
        return begun === 4;
      default:
        return false;
    }
  });
  return differs ? 4 : 1;
}

function isWideIndex(index: Index, along: string): boolean {
  const stride = strideBy(index, along);
  return stride === 0 || (stride === 1 && isAligned(index, along));
}

/** Four neighbours are all inside or all outside. */
function isWideBound({ index, lower, upper }: Bound, along: string): boolean {
  const stride = strideBy(index, along);
  if (stride === 0) return true;
  return stride === 1 && isAligned(index, along) && lower % 4 === 0 && upper % 4 === 0;
}

function isSame(scalar: Scalar, along: string): boolean {
  return isWide(scalar, along) && widthOf(scalar, along, 1) === 1;
}
