/** Axes compared: whether two are the same, and what two shapes have in common. */

import { type Context, compareSizes } from "./context.ts";
import type { Axis } from "./value.ts";

/** Whether two axes are the same, and if not surely, whether a `require` could say so. */
export function sameAxis(
  context: Context,
  a: Axis,
  b: Axis,
): "equal" | "different" | "cannot-tell" {
  if (a.kind === "run" || b.kind === "run") {
    return a.kind === "run" && b.kind === "run" && a.key === b.key ? "equal" : "different";
  }
  return compareSizes(context, a.size, b.size);
}

/** The longer of two shapes of which the shorter is a suffix, or undefined. */
export function joined(
  context: Context,
  a: readonly Axis[],
  b: readonly Axis[],
): readonly Axis[] | undefined {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const first = long.length - short.length;
  return short.every((axis, at) => sameAxis(context, axis, long[first + at]) === "equal")
    ? long
    : undefined;
}
