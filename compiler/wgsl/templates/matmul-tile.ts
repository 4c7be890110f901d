/**
 * Matmul by tiles in workgroup memory, for devices without usable subgroups or matrix units: a workgroup
 * of 16 × 16 threads computes `edge` × `edge` elements, each thread one 4 × 4 square of every 64 × 64 of
 * them. Both tiles lie k-major and padded by a vec4, so that a step of k reads vec4s without bank
 * conflicts whatever the operands' layouts; loads run along each operand's contiguous axis.
 */

import { clamped, clampedFour, f, kernelText, range, u } from "./frame.ts";
import type { KPart } from "./matmul-split.ts";
import { transposedOperand } from "./matmul-transpose.ts";
import type { Declarations, KernelText, MatmulOperand, MatmulSpec } from "./template.ts";

export interface WorkgroupTile {
  /** Rows and columns of a workgroup. */
  readonly edge: 64 | 128;
  /** Steps of k a turn: a multiple of four, at most sixteen, so that a thread stages one block of 4 × 4. */
  readonly depth: number;
}

const side = 16;
const threads = side * side;
const components = ["x", "y", "z", "w"] as const;

/** Bytes of workgroup memory of both tiles. */
export function tileBytes(tile: WorkgroupTile): number {
  return 2 * tile.depth * pitch(tile) * 16;
}

/** vec4s from one step of k to the next. */
function pitch({ edge }: WorkgroupTile): number {
  return edge / 4 + 1;
}

export function tileMatmul(
  spec: MatmulSpec,
  tile: WorkgroupTile,
  part: KPart,
  declarations: Declarations,
): KernelText {
  const { batch, m, n, k } = spec;
  const { edge, depth } = tile;
  // A thread's squares lie 64 apart, so that neighbours in x read neighbouring vec4s.
  const squares = range(edge / (4 * side));
  const left: Side = { operand: spec.left, array: "t_left", first: "t_row", size: m };
  const right: Side = {
    operand: transposedOperand(spec.right),
    array: "t_right",
    first: "t_column",
    size: n,
  };
  const read = (name: string, array: string, thread: string) =>
    squares.map(
      (at) =>
        `let ${name}${at} = ${array}[t_step * ${u(pitch(tile))} + ${thread} + ${u(at * side)}];`,
    );
  const multiply = squares.flatMap((down) =>
    range(4).flatMap((row) =>
      squares.map((across) => {
        const sum = sumName(down, row, across);
        return `${sum} = fma(vec4<f32>(t_a${down}.${components[row]}), t_b${across}, ${sum});`;
      }),
    ),
  );
  const sums = squares.flatMap((down) =>
    range(4).flatMap((row) => squares.map((across) => sumName(down, row, across))),
  );
  const elements = depth * pitch(tile);
  const blocks = ((edge / 4) * depth) / 4;
  return kernelText({
    enables: [],
    declarations,
    scope: [
      `var<workgroup> t_left: array<vec4<f32>, ${elements}>;`,
      `var<workgroup> t_right: array<vec4<f32>, ${elements}>;`,
    ],
    builtins: ["t_group", "t_thread"],
    body: [
      `let t_batch = ${part.batch("t_group.z")};`,
      `let t_row = t_group.y * ${u(edge)};`,
      `let t_column = t_group.x * ${u(edge)};`,
      `let t_x = t_thread % ${u(side)};`,
      `let t_y = t_thread / ${u(side)};`,
      ...part.prologue("t_group.z"),
      ...sums.map((name) => `var ${name} = vec4<f32>();`),
      `for (var t_k = ${part.begin}; t_k < ${part.end(k)}; t_k += ${u(depth)}) {`,
      // One block of 4 × 4 a thread: first the left tile's, then the right one's.
      `if (t_thread < ${u(blocks)}) {`,
      "let t_block = t_thread;",
      ...stage(left, k, tile),
      `} else if (t_thread < ${u(2 * blocks)}) {`,
      `let t_block = t_thread - ${u(blocks)};`,
      ...stage(right, k, tile),
      "}",
      "workgroupBarrier();",
      `for (var t_step = 0u; t_step < ${u(depth)}; t_step++) {`,
      ...read("t_a", "t_left", "t_y"),
      ...read("t_b", "t_right", "t_x"),
      ...multiply,
      "}",
      "workgroupBarrier();",
      "}",
      ...squares.flatMap((down) => squares.flatMap((across) => stores(spec, tile, down, across))),
    ],
    workgroup: [threads, 1, 1],
    grid: [Math.ceil(n / edge), Math.ceil(m / edge), batch * part.count],
  });
}

function sumName(down: number, row: number, across: number): string {
  return `t_sum${down}_${row}_${across}`;
}

/** An operand as (outer axis, k): rows of the left one, columns of the right one. */
interface Side {
  readonly operand: MatmulOperand;
  readonly array: "t_left" | "t_right";
  readonly first: "t_row" | "t_column";
  readonly size: number;
}

/**
 * Statements that fill block `t_block` of an operand's tile. Steps past the end of k are zeros; outer
 * indices past the end repeat the last one, since what they give is never stored.
 */
function stage(
  { operand, array, first, size }: Side,
  k: number,
  { edge, depth }: WorkgroupTile,
): readonly string[] {
  const alongK = operand.contiguous !== "column";
  const outerBlocks = edge / 4;
  const kBlocks = depth / 4;
  // Neighbouring threads take neighbours in memory.
  const [outerBlock, kBlock] = alongK
    ? [`t_block / ${u(kBlocks)}`, `t_block % ${u(kBlocks)}`]
    : [`t_block % ${u(outerBlocks)}`, `t_block / ${u(outerBlocks)}`];
  const most = Math.ceil(size / edge) * edge - 1;
  const byVector = (alongK ? k : size) % 4 === 0 ? operand.loadVector : undefined;
  const lastStep = Math.ceil(k / depth) * depth - 4;
  const outer = (at: number) => `t_outer${at}`;
  const step = (at: number) => `t_step${at}`;
  const outerNames = range(4).map((at) => {
    const index = `${first} + t_outerBlock * 4u + ${u(at)}`;
    const isFour = !alongK && byVector !== undefined && at === 0;
    return `let ${outer(at)} = ${isFour ? clampedFour(index, most, size) : clamped(index, most, size)};`;
  });
  const stepNames = range(4).map((at) => {
    const index = `t_k + t_kBlock * 4u + ${u(at)}`;
    const isFour = alongK && byVector !== undefined && at === 0;
    return `let ${step(at)} = ${isFour ? clampedFour(index, lastStep + 3, k) : clamped(index, lastStep + at, k)};`;
  });
  const inside = (value: string, zero: string, at: number) =>
    k % depth === 0 ? value : `select(${zero}, ${value}, t_k + t_kBlock * 4u + ${u(at)} < ${u(k)})`;
  // Four loads along the contiguous axis; `t_four0` … are then vec4s along the outer axis, one a step.
  const loads = range(4).map((at) => {
    if (byVector !== undefined) {
      const value = alongK
        ? inside(byVector("t_batch", outer(at), step(0)), "vec4<f32>()", 0)
        : inside(byVector("t_batch", outer(0), step(at)), "vec4<f32>()", at);
      return `let t_load${at} = ${value};`;
    }
    const elements = range(4).map((other) =>
      alongK
        ? inside(operand.load("t_batch", outer(at), step(other)), f(0), other)
        : inside(operand.load("t_batch", outer(other), step(at)), f(0), at),
    );
    return `let t_load${at} = vec4<f32>(${elements.join(", ")});`;
  });
  const fours = range(4).map((at) =>
    alongK
      ? `vec4<f32>(${range(4)
          .map((load) => `t_load${load}.${components[at]}`)
          .join(", ")})`
      : `t_load${at}`,
  );
  return [
    `let t_outerBlock = ${outerBlock};`,
    `let t_kBlock = ${kBlock};`,
    ...outerNames,
    ...stepNames,
    ...loads,
    ...fours.map(
      (four, at) =>
        `${array}[(t_kBlock * 4u + ${u(at)}) * ${u(edge / 4 + 1)} + t_outerBlock] = ${four};`,
    ),
  ];
}

/**
 * A loop over the rows of a square. Rows and columns past the end are left out one by one.
 */
function stores(
  { m, n, store, storeVector }: MatmulSpec,
  { edge }: WorkgroupTile,
  down: number,
  across: number,
): readonly string[] {
  const byVector = n % 4 === 0 ? storeVector : undefined;
  const condition = (index: string, size: number) =>
    size % edge === 0 ? [] : [`${index} < ${u(size)}`];
  const each = (byVector === undefined ? range(4) : [0]).map((at) => {
    const column = `t_column${at}`;
    const statement =
      byVector?.("t_batch", "t_outRow", column, "t_sum") ??
      store("t_batch", "t_outRow", column, `t_sum.${components[at]}`);
    const conditions = [...condition("t_outRow", m), ...condition(column, n)];
    const when = conditions.length === 0 ? "" : `if (${conditions.join(" && ")}) `;
    return [
      `let ${column} = t_column + ${u(across * 4 * side + at)} + t_x * 4u;`,
      `${when}{ ${statement} }`,
    ];
  });
  const names = range(4).map((row) => sumName(down, row, across));
  return [
    "{",
    `var t_sums = array<vec4<f32>, 4>(${names.join(", ")});`,
    "for (var t_at = 0u; t_at < 4u; t_at++) {",
    `let t_outRow = t_row + ${u(down * 4 * side)} + t_y * 4u + t_at;`,
    "let t_sum = t_sums[t_at];",
    ...each.flat(),
    "}",
    "}",
  ];
}
