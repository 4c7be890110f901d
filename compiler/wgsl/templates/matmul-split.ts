/**
 * A matmul whose k is cut into parts: `partial` sums each part into scratch, `combine` adds the parts in
 * order. For outputs so small that their tiles alone do not fill the device (gradients of low-rank
 * factors: k is the tokens). The order of sums depends on shapes only.
 */

import { flatGrid, flatIndex, kernelText, range, u } from "./frame.ts";
import type { KernelText, MatmulSpec } from "./template.ts";

/** What a matmul kernel needs to know about its part of k. Expressions take the grid's z. */
export interface KPart {
  /** Parts a batch entry: z is batch × count + part. */
  readonly count: number;
  readonly batch: (z: string) => string;
  /** Declares what `begin` and `end` use. */
  readonly prologue: (z: string) => readonly string[];
  readonly begin: string;
  /** One past the part's last step, of `k`. */
  readonly end: (k: number) => string;
}

export const allOfK: KPart = {
  count: 1,
  batch: (z) => z,
  prologue: () => [],
  begin: "0u",
  end: u,
};

/** Steps of k a part: a multiple of `turn`, so that only the last of all turns is not whole. */
export function chunkOf(k: number, count: number, turn: number): number {
  return Math.ceil(k / count / turn) * turn;
}

export function partOf(count: number, chunk: number): KPart {
  return {
    count,
    batch: (z) => `${z} / ${u(count)}`,
    prologue: (z) => [`let t_part = ${z} % ${u(count)};`, `let t_begin = t_part * ${u(chunk)};`],
    begin: "t_begin",
    end: (k) => `min(t_begin + ${u(chunk)}, ${u(k)})`,
  };
}

/** The spec whose stores go to scratch[batch, part, m, n]. */
export function storingPartials(spec: MatmulSpec, count: number): MatmulSpec {
  const { m, n, scratch } = spec;
  const at = (batch: string, row: string, column: string) =>
    `((${batch} * ${u(count)} + t_part) * ${u(m)} + ${row}) * ${u(n)} + ${column}`;
  return {
    batch: spec.batch,
    m,
    n,
    k: spec.k,
    left: spec.left,
    right: spec.right,
    store: (batch, row, column, value) =>
      `let t_at = ${at(batch, row, column)}; ${scratch.store("t_at", value)}`,
    declarations: spec.declarations,
    scratch,
  };
}

const combineThreads = 64;

/** One thread an element. */
export function combineParts(spec: MatmulSpec, count: number): KernelText {
  const { batch, m, n, scratch } = spec;
  const total = batch * m * n;
  const grid = flatGrid(Math.ceil(total / combineThreads));
  // A stage's closures may be called only after its declarations were asked for.
  const declarations = spec.declarations("combine");
  const adds = range(count - 1).flatMap((part) => [
    `let t_at${part} = t_first + ${u((part + 1) * m * n)};`,
    `t_sum += ${scratch.load(`t_at${part}`)};`,
  ]);
  return kernelText({
    enables: [],
    declarations,
    scope: [],
    builtins: ["t_group", "t_thread"],
    body: [
      `let t_index = ${flatIndex(grid)} * ${u(combineThreads)} + t_thread;`,
      `if (t_index >= ${u(total)}) { return; }`,
      `let t_batch = t_index / ${u(m * n)};`,
      `let t_row = t_index / ${u(n)} % ${u(m)};`,
      `let t_column = t_index % ${u(n)};`,
      `let t_first = t_batch * ${u((count - 1) * m * n)} + t_index;`,
      `var t_sum = ${scratch.load("t_first")};`,
      ...adds,
      spec.store("t_batch", "t_row", "t_column", "t_sum"),
    ],
    workgroup: [combineThreads, 1, 1],
    grid,
  });
}
