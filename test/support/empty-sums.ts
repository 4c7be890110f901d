/** What a training begins a step with. */

import { gradientName, sums, type Trained } from "../../compiler/graph/programs.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";

/** Nothing added up so far: of gradients, losses and their count. */
export function emptySums(trained: readonly Trained[]): Record<string, NdArray> {
  return Object.fromEntries([
    ...trained.map(({ name, type }) => [gradientName(name), ndarray("f32", type.shape)]),
    ...Object.values(sums).map((sum) => [sum, ndarray("f32", [1])]),
  ]);
}
