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

import { clamped, f, kernelText, range, u } from "./frame.ts";
import type { KPart } from "./matmul-split.ts";
import type { Declarations, KernelText, MatmulOperand, MatmulSpec } from "./template.ts";

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
  const left = leftFetch(spec, tile);
  const right = rightFetch(spec, tile);
  const whole = Math.floor(k / depth) * depth;
  const tail = k - whole;
  const body = [
    `let t_batch = ${part.batch("t_group.z")};`,
    `let t_row = t_group.y * ${u(rows)};`,
    `let t_column = t_group.x * ${u(4 * lanes)};`,
    ...part.prologue("t_group.z"),
    ...left.positions,
    ...right.positions,
    ...range(rows).map((row) => `var t_sum${row} = vec4<f32>();`),
  ];
  if (whole > 0) {
    body.push(
      `for (var t_k = ${part.begin}; t_k < ${part.end(whole)}; t_k += ${u(depth)}) {`,
      ...step(left, right, rows, depth),
      "}",
    );
  }
  if (tail > 0) {
    body.push(
      ...part.whenLast(["{", `let t_k = ${u(whole)};`, ...step(left, right, rows, tail), "}"]),
    );
  }
  body.push(...stores(spec, tile));
  return kernelText({
    enables: ["subgroups"],
    declarations,
    scope: [],
    builtins: ["t_group", "t_lane"],
    body,
    workgroup: [lanes, 1, 1],
    grid: [Math.ceil(n / (4 * lanes)), Math.ceil(m / rows), batch * part.count],
  });
}

/** How a matrix comes in: positions that stay, loads of `count` steps from t_k on, and where values are. */
interface Fetch {
  readonly positions: readonly string[];
  readonly loads: (count: number) => readonly string[];
  /** Left: the f32 of a row at a step. Right: the vec4 of a lane's columns at a step. */
  readonly value: (step: number, row: number) => string;
}

function step(left: Fetch, right: Fetch, rows: number, count: number): readonly string[] {
  const sums = range(count).flatMap((at) => [
    `let t_right${at} = ${right.value(at, 0)};`,
    ...range(rows).map(
      (row) => `t_sum${row} = fma(vec4<f32>(${left.value(at, row)}), t_right${at}, t_sum${row});`,
    ),
  ]);
  const steps = range(count - 1).map((at) => `let t_k${at + 1} = t_k + ${u(at + 1)};`);
  return [...steps, ...left.loads(count), ...right.loads(count), ...sums];
}

function kName(at: number): string {
  return at === 0 ? "t_k" : `t_k${at}`;
}

function leftFetch(spec: MatmulSpec, tile: BroadcastTile): Fetch {
  return spec.left.contiguous === "column" ? leftByColumns(spec, tile) : leftByRows(spec, tile);
}

/** A lane holds four steps of one row. */
function leftByRows({ left, m }: MatmulSpec, { rows, lanes }: BroadcastTile): Fetch {
  const loads = range(Math.ceil(rows / lanes));
  // The last tile's last lane.
  const most = (Math.ceil(m / rows) - 1) * rows + loads.length * lanes - 1;
  return {
    positions: loads.map(
      (at) => `let t_leftRow${at} = ${clamped(`t_row + ${u(at * lanes)} + t_lane`, most, m)};`,
    ),
    loads: (count) => loads.map((at) => `let t_left${at} = ${alongK(left, count, "row", at)};`),
    value: (step, row) =>
      `subgroupBroadcast(t_left${Math.floor(row / lanes)}.${components[step]}, ${u(row % lanes)})`,
  };
}

/** A lane holds four rows of one step: lanes 0 … 3 the first four rows, 4 … 7 the next, and so on. */
function leftByColumns({ left, m }: MatmulSpec, { rows, lanes }: BroadcastTile): Fetch {
  const loads = range(Math.ceil(rows / lanes));
  const most = (Math.ceil(m / rows) - 1) * rows + loads.length * lanes - 1;
  const byVector = left.loadVector !== undefined && m % 4 === 0;
  const first = (at: number) => `t_row + ${u(at * lanes)} + t_lane / 4u * 4u`;
  const positions = byVector
    ? loads.map(
        (at) => `let t_leftRow${at} = ${most < m ? first(at) : `min(${first(at)}, ${u(m - 4)})`};`,
      )
    : loads.flatMap((at) =>
        range(4).map(
          (row) => `let t_leftRow${at}_${row} = ${clamped(`${first(at)} + ${u(row)}`, most, m)};`,
        ),
      );
  const load = (at: number): string => {
    if (byVector) return left.loadVector?.("t_batch", `t_leftRow${at}`, "t_leftK") ?? "";
    return vector(range(4).map((row) => left.load("t_batch", `t_leftRow${at}_${row}`, "t_leftK")));
  };
  return {
    positions: ["let t_leftStep = t_lane & 3u;", ...positions],
    loads: (count) => [
      `let t_leftK = t_k + ${clamped("t_leftStep", 3, count)};`,
      ...loads.map((at) => `let t_left${at} = ${load(at)};`),
    ],
    value: (step, row) => {
      const inLoad = row % lanes;
      const lane = step + 4 * Math.floor(inLoad / 4);
      return `subgroupBroadcast(t_left${Math.floor(row / lanes)}.${components[row % 4]}, ${u(lane)})`;
    },
  };
}

function rightFetch(spec: MatmulSpec, tile: BroadcastTile): Fetch {
  return spec.right.contiguous === "column" ? rightByColumns(spec, tile) : rightByRows(spec, tile);
}

/** A lane's columns are neighbours: one load a step. */
function rightByRows(spec: MatmulSpec, { lanes }: BroadcastTile): Fetch {
  const { right, n } = spec;
  const most = Math.ceil(n / (4 * lanes)) * 4 * lanes - 1;
  const byVector = right.loadVector !== undefined && n % 4 === 0;
  const positions = byVector
    ? [
        `let t_rightColumn = ${most < n ? "t_column + t_lane * 4u" : `min(t_column + t_lane * 4u, ${u(n - 4)})`};`,
      ]
    : range(4).map(
        (at) =>
          `let t_rightColumn${at} = ${clamped(`t_column + t_lane * 4u + ${u(at)}`, most, n)};`,
      );
  const load = (step: number): string => {
    if (byVector) return right.loadVector?.("t_batch", kName(step), "t_rightColumn") ?? "";
    return vector(range(4).map((at) => right.load("t_batch", kName(step), `t_rightColumn${at}`)));
  };
  return { positions, loads: () => [], value: load };
}

/** A lane's columns are `lanes` apart, so that lanes read neighbours; one load of each serves four steps. */
function rightByColumns({ right, n }: MatmulSpec, { lanes }: BroadcastTile): Fetch {
  const most = Math.ceil(n / (4 * lanes)) * 4 * lanes - 1;
  return {
    positions: range(4).map(
      (at) =>
        `let t_rightColumn${at} = ${clamped(`t_column + ${u(at * lanes)} + t_lane`, most, n)};`,
    ),
    loads: (count) =>
      range(4).map((at) => `let t_rightFour${at} = ${alongK(right, count, "column", at)};`),
    value: (step) => vector(range(4).map((at) => `t_rightFour${at}.${components[step]}`)),
  };
}

/** `count` steps of row or column `at` of an operand, padded with zeros to a vec4. */
function alongK(operand: MatmulOperand, count: number, axis: "row" | "column", at: number): string {
  const load = (name: string, read: MatmulOperand["load"]) =>
    axis === "row"
      ? read("t_batch", `t_leftRow${at}`, name)
      : read("t_batch", name, `t_rightColumn${at}`);
  if (count === depth && operand.contiguous === axis && operand.loadVector !== undefined) {
    return load("t_k", operand.loadVector);
  }
  return vector(
    range(depth).map((step) => (step < count ? load(kName(step), operand.load) : f(0))),
  );
}

function vector(values: readonly string[]): string {
  return `vec4<f32>(${values.join(", ")})`;
}

function stores(spec: MatmulSpec, { rows, lanes }: BroadcastTile): readonly string[] {
  const { m, n, right, storeVector } = spec;
  const neighbours = right.contiguous !== "column";
  const columnAt = (at: number) =>
    neighbours ? `t_column + t_lane * 4u + ${u(at)}` : `t_column + ${u(at * lanes)} + t_lane`;
  const byVector = neighbours && storeVector !== undefined && n % 4 === 0;
  const columns = byVector ? [0] : range(4);
  const isColumnWhole = n % (4 * lanes) === 0;
  const isRowWhole = m % rows === 0;
  const lines = columns.map((at) => `let t_out${at} = ${columnAt(at)};`);
  for (const row of range(rows)) {
    const name = `t_row${row}`;
    const each = columns.map((at) => {
      const statement = byVector
        ? storeVector("t_batch", name, "t_out0", `t_sum${row}`)
        : spec.store("t_batch", name, `t_out${at}`, `t_sum${row}.${components[at]}`);
      const conditions = [
        ...(isRowWhole ? [] : [`${name} < ${u(m)}`]),
        ...(isColumnWhole ? [] : [`t_out${at} < ${u(n)}`]),
      ];
      const open = conditions.length === 0 ? "{" : `if (${conditions.join(" && ")}) {`;
      return `${open} ${statement} }`;
    });
    lines.push(`let ${name} = t_row + ${u(row)};`, ...each);
  }
  return lines;
}
