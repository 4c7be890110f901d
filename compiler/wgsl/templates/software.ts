/**
 * What work costs on a software adapter, so that a tile can be chosen by it: measured on Mesa's lavapipe,
 * one core of an EPYC 9004, subgroups of eight. All in nanoseconds of one core.
 */

/** A load of a vec4 by every lane. */
export const loadCost = 33;
/** A row's broadcast and its multiply-add with a vec4. */
export const rowCost = 2;

/**
 * A kernel is compiled once and run by every layer at every step: a thousand times in a short run. Small
 * kernels are better for small work: tests, and tiny models.
 */
const executions = 1000;
const cores = 2;

export interface Candidate {
  readonly compile: number;
  readonly run: number;
}

/** The first of those that take least time in all. */
export function cheapest<C extends Candidate>(candidates: readonly [C, ...C[]]): C {
  const total = ({ compile, run }: Candidate) => compile + (executions * run) / cores;
  return candidates.reduce((least, next) => (total(next) < total(least) ? next : least));
}
