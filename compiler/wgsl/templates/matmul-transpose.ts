/** (left · right)ᵀ = rightᵀ · leftᵀ, by swapping indices in the closures. */

import type { MatmulOperand, MatmulSpec } from "./template.ts";

/** Stores by element, since neighbours of a row have become neighbours of a column. */
export function transposedSpec(spec: MatmulSpec): MatmulSpec {
  return {
    batch: spec.batch,
    m: spec.n,
    n: spec.m,
    k: spec.k,
    left: transposedOperand(spec.right),
    right: transposedOperand(spec.left),
    store: (batch, row, column, value) => spec.store(batch, column, row, value),
    declarations: spec.declarations,
    scratch: spec.scratch,
  };
}

export function transposedOperand({ contiguous, load, loadVector }: MatmulOperand): MatmulOperand {
  const flipped = { row: "column", column: "row", neither: "neither" } as const;
  return {
    contiguous: flipped[contiguous],
    load: (batch, row, column) => load(batch, column, row),
    ...(loadVector === undefined
      ? {}
      : { loadVector: (batch, row, column) => loadVector(batch, column, row) }),
  };
}
