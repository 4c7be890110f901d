/**
 * Matmul by subgroup broadcasts: one subgroup a workgroup computes `rows` × 4·W elements, W its threads.
 * Each lane keeps four columns of every row. Four steps of k at a time, the lanes load rows × 4 elements of
 * the left matrix among them, one vec4 each, and hand them round with `subgroupBroadcast`; of the right
 * matrix each lane loads its own. No workgroup memory, no barriers.
 *
 * Made for software adapters. On Mesa's lavapipe (AVX2 or AVX-512, W = 8) a subgroup's load of one f32 a
 * lane takes 14 ns, of a vec4 33, from workgroup memory 95, while a broadcast with its multiply-add takes
 * under 1. So loads are vec4 and serve as many multiply-adds as accumulators fit: a step of 16 × 32 × 4 is
 * 6 loads for 256 multiply-adds a lane. Measured at 512³ on two cores: 25 GFLOP/s; with 8 rows 17; with 32
 * rows 23 and twice the time to compile; with 8 or 16 steps of k a turn 17 and 12.
 */

import { clamped, clampedFour, f, kernelText, range, u } from "./frame.ts";
import type { KPart } from "./matmul-split.ts";
import type { Declarations, KernelText, MatmulSpec } from "./template.ts";

export interface BroadcastTile {
  /** 1 … 16 */
  readonly rows: number;
  /** Threads of a subgroup: a multiple of four. */
  readonly lanes: number;
}

/** Steps of k a turn: the width of a vec4. */
const depth = 4;

const components = ["x", "y", "z", "w"] as const;

export function broadcastMatmul(
  spec: MatmulSpec,
  tile: BroadcastTile,
  part: KPart,
  declarations: Declarations,
): KernelText {
  const { batch, m, n, k } = spec;
  const { rows, lanes } = tile;
  const left =
    spec.left.contiguous === "column" ? leftByColumns(spec, tile) : leftByRows(spec, tile);
  const right =
    spec.right.contiguous === "column" ? rightByColumns(spec, tile) : rightByRows(spec, tile);
  const sums = range(depth).flatMap((step) => [
    `let t_right${step} = ${right.value(step)};`,
    ...range(rows).map(
      (row) =>
        `t_sum${row} = fma(vec4<f32>(${left.value(step, row)}), t_right${step}, t_sum${row});`,
    ),
  ]);
  return kernelText({
    enables: ["subgroups"],
    declarations,
    scope: [],
    builtins: ["t_group", "t_lane"],
    body: [
      `let t_batch = ${part.batch("t_group.z")};`,
      `let t_row = t_group.y * ${u(rows)};`,
      `let t_column = t_group.x * ${u(4 * lanes)};`,
      ...part.prologue("t_group.z"),
      ...left.positions,
      ...right.positions,
      ...range(rows).map((row) => `var t_sum${row} = vec4<f32>();`),
      // A bound that the driver cannot know, or it unrolls a short loop: half a second a turn to compile.
      `let t_end = min(${part.end(k)}, t_group.z + ${u(k)});`,
      `for (var t_k = ${part.begin}; t_k < t_end; t_k += ${u(depth)}) {`,
      ...range(depth).map((step) => `let t_k${step} = ${kAt(step, k)};`),
      ...left.loads,
      ...right.loads,
      ...sums,
      "}",
      ...stores(spec, tile),
    ],
    workgroup: [lanes, 1, 1],
    grid: [Math.ceil(n / (4 * lanes)), Math.ceil(m / rows), batch * part.count],
  });
}

/**
 * Steps past the end of k repeat the last one, and there the left values are zeros: one loop, since a
 * second body for the remainder would double the time to compile.
 */
function kAt(step: number, k: number): string {
  return clamped(step === 0 ? "t_k" : `t_k + ${u(step)}`, lastTurn(k) + step, k);
}

function lastTurn(k: number): number {
  return Math.floor((k - 1) / depth) * depth;
}

/** How a matrix comes in: positions that stay, loads of a turn, and where the values are then. */
interface Fetch<Value> {
  readonly positions: readonly string[];
  readonly loads: readonly string[];
  readonly value: Value;
}

/** The f32 of a row at a step. */
type LeftFetch = Fetch<(step: number, row: number) => string>;
/** The vec4 of a lane's columns at a step. */
type RightFetch = Fetch<(step: number) => string>;

/** A lane holds four steps of one row. */
function leftByRows({ left, m, k }: MatmulSpec, { rows, lanes }: BroadcastTile): LeftFetch {
  const loads = range(Math.ceil(rows / lanes));
  const most = (Math.ceil(m / rows) - 1) * rows + loads.length * lanes - 1;
  const byVector = left.contiguous === "row" && k % depth === 0 ? left.loadVector : undefined;
  const fetch = (row: string): string => {
    if (byVector !== undefined) return byVector("t_batch", row, "t_k0");
    const steps = range(depth).map((step) => {
      const value = left.load("t_batch", row, `t_k${step}`);
      if (lastTurn(k) + step < k) return value;
      return `select(${f(0)}, ${value}, t_k + ${u(step)} < ${u(k)})`;
    });
    return vector(steps);
  };
  return {
    positions: loads.map(
      (at) => `let t_leftRow${at} = ${clamped(`t_row + ${u(at * lanes)} + t_lane`, most, m)};`,
    ),
    loads: loads.map((at) => `let t_left${at} = ${fetch(`t_leftRow${at}`)};`),
    value: (step, row) =>
      `subgroupBroadcast(t_left${Math.floor(row / lanes)}.${components[step]}, ${u(row % lanes)})`,
  };
}

/** A lane holds four rows of one step: lanes 0 … 3 the first four rows, 4 … 7 the next, and so on. */
function leftByColumns({ left, m, k }: MatmulSpec, { rows, lanes }: BroadcastTile): LeftFetch {
  const loads = range(Math.ceil(rows / lanes));
  const most = (Math.ceil(m / rows) - 1) * rows + loads.length * lanes - 1;
  // A tile of fewer rows may begin between multiples of four.
  const byVector = m % 4 === 0 && rows % 4 === 0 ? left.loadVector : undefined;
  const names = (at: number) =>
    byVector === undefined ? range(4).map((row) => `t_leftRow${at}_${row}`) : [`t_leftRow${at}`];
  const positions = loads.flatMap((at) =>
    names(at).map((name, row) => {
      const first = `t_row + ${u(at * lanes)} + t_lane / 4u * 4u`;
      if (byVector !== undefined) return `let ${name} = ${clampedFour(first, most, m)};`;
      return `let ${name} = ${clamped(`${first} + ${u(row)}`, most, m)};`;
    }),
  );
  const fetch = (at: number): string => {
    const all = names(at);
    if (byVector !== undefined) return byVector("t_batch", all.join(), "t_leftK");
    return vector(all.map((row) => left.load("t_batch", row, "t_leftK")));
  };
  const whole = k % depth === 0;
  return {
    positions: ["let t_leftStep = t_lane & 3u;", ...positions],
    loads: [
      `let t_leftK = ${clamped("t_k + t_leftStep", lastTurn(k) + depth - 1, k)};`,
      ...loads.map((at) => {
        const value = whole
          ? fetch(at)
          : `select(vec4<f32>(), ${fetch(at)}, t_k + t_leftStep < ${u(k)})`;
        return `let t_left${at} = ${value};`;
      }),
    ],
    value: (step, row) => {
      const load = Math.floor(row / lanes);
      const lane = step + 4 * Math.floor((row % lanes) / 4);
      return `subgroupBroadcast(t_left${load}.${components[row % 4]}, ${u(lane)})`;
    },
  };
}

/** A lane's columns are neighbours: one load a step. */
function rightByRows({ right, n }: MatmulSpec, { lanes }: BroadcastTile): RightFetch {
  const most = Math.ceil(n / (4 * lanes)) * 4 * lanes - 1;
  const first = "t_column + t_lane * 4u";
  const { loadVector, load } = right;
  if (right.contiguous === "row" && loadVector !== undefined && n % 4 === 0) {
    return {
      positions: [`let t_rightColumn = ${clampedFour(first, most, n)};`],
      loads: [],
      value: (step) => loadVector("t_batch", `t_k${step}`, "t_rightColumn"),
    };
  }
  const names = range(4).map((at) => `t_rightColumn${at}`);
  return {
    positions: names.map((name, at) => `let ${name} = ${clamped(`${first} + ${u(at)}`, most, n)};`),
    loads: [],
    value: (step) => vector(names.map((name) => load("t_batch", `t_k${step}`, name))),
  };
}

/** A lane's columns are `lanes` apart, so that lanes read neighbours; one load of each serves a turn. */
function rightByColumns({ right, n, k }: MatmulSpec, { lanes }: BroadcastTile): RightFetch {
  const most = Math.ceil(n / (4 * lanes)) * 4 * lanes - 1;
  const { load, loadVector } = right;
  const fetch = (column: string): string =>
    loadVector !== undefined && k % depth === 0
      ? loadVector("t_batch", "t_k0", column)
      : vector(range(depth).map((step) => load("t_batch", `t_k${step}`, column)));
  return {
    positions: range(4).map(
      (at) =>
        `let t_rightColumn${at} = ${clamped(`t_column + ${u(at * lanes)} + t_lane`, most, n)};`,
    ),
    loads: range(4).map((at) => `let t_rightFour${at} = ${fetch(`t_rightColumn${at}`)};`),
    value: (step) => vector(range(4).map((at) => `t_rightFour${at}.${components[step]}`)),
  };
}

function vector(values: readonly string[]): string {
  return `vec4<f32>(${values.join(", ")})`;
}

/**
 * A loop over the rows that exist, its bound unknown to the driver's compiler so that it stays a loop: each
 * store takes lavapipe 10 ms to compile, and what is fused into it comes on top.
 */
function stores(spec: MatmulSpec, { rows, lanes }: BroadcastTile): readonly string[] {
  const { m, n, right, storeVector } = spec;
  const neighbours = right.contiguous !== "column";
  const columnAt = (at: number) =>
    neighbours ? `t_column + t_lane * 4u + ${u(at)}` : `t_column + ${u(at * lanes)} + t_lane`;
  const byVector = neighbours && storeVector !== undefined && n % 4 === 0;
  const columns = byVector ? [0] : range(4);
  const isColumnWhole = n % (4 * lanes) === 0;
  const each = columns.map((at) => {
    const statement = byVector
      ? storeVector("t_batch", "t_outRow", "t_out0", "t_outSum")
      : spec.store("t_batch", "t_outRow", `t_out${at}`, `t_outSum.${components[at]}`);
    return isColumnWhole ? `{ ${statement} }` : `if (t_out${at} < ${u(n)}) { ${statement} }`;
  });
  return [
    `var t_sums = array<vec4<f32>, ${rows}>(${range(rows)
      .map((row) => `t_sum${row}`)
      .join(", ")});`,
    ...columns.map((at) => `let t_out${at} = ${columnAt(at)};`),
    `let t_rows = min(${u(rows)}, ${u(m)} - t_row);`,
    "for (var t_at = 0u; t_at < t_rows; t_at++) {",
    "let t_outRow = t_row + t_at;",
    "let t_outSum = t_sums[t_at];",
    ...each,
    "}",
  ];
}
