/**
 * Matmul by tiles in workgroup memory, for devices without usable subgroups or matrix units: a workgroup
 * of 16 × 16 threads computes `edge` × `edge` elements, each thread a square of edge / 16 in quarters of
 * 4 × 4 or one of 2 × 2. Both tiles lie k-major and padded by a vec4, so that a step of k reads vec4s
 * without bank conflicts whatever the operands' layouts; loads run along each operand's contiguous axis.
 */

import { clamped, f, kernelText, range, u } from "./frame.ts";
import type { KPart } from "./matmul-split.ts";
import { transposedOperand } from "./matmul-transpose.ts";
import type { Declarations, KernelText, MatmulOperand, MatmulSpec } from "./template.ts";

export interface WorkgroupTile {
  /** Rows and columns of a workgroup. With 16 threads on a side, 64 is a 4 × 4 square a thread. */
  readonly edge: 64 | 128;
}

/** Steps of k a turn. */
export const tileDepth = 16;

const side = 16;
const threads = side * side;
const components = ["x", "y", "z", "w"] as const;

/** Bytes of workgroup memory of both tiles. */
export function tileBytes(tile: WorkgroupTile): number {
  return 2 * tileDepth * pitch(tile) * 16;
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
  const { edge } = tile;
  // Quarters: 4 × 4 squares that lie `4 × side` apart, so that neighbours in x read neighbouring vec4s.
  const quarters = range(edge / (4 * side));
  const left = stage(spec.left, leftSide(m), k, tile);
  const right = stage(transposedOperand(spec.right), rightSide(n), k, tile);
  const sums = quarters.flatMap((down) =>
    range(4).flatMap((row) => quarters.map((across) => sumName(down, row, across))),
  );
  const fma = quarters.flatMap((down) =>
    range(4).flatMap((row) =>
      quarters.map((across) => {
        const sum = sumName(down, row, across);
        return `${sum} = fma(vec4<f32>(t_a${down}.${components[row]}), t_b${across}, ${sum});`;
      }),
    ),
  );
  const read = (name: string, array: string, thread: string) =>
    quarters.map(
      (at) =>
        `let ${name}${at} = ${array}[t_step * ${u(pitch(tile))} + ${thread} + ${u(at * side)}];`,
    );
  const body = [
    `let t_batch = ${part.batch("t_group.z")};`,
    `let t_row = t_group.y * ${u(edge)};`,
    `let t_column = t_group.x * ${u(edge)};`,
    `let t_x = t_thread % ${u(side)};`,
    `let t_y = t_thread / ${u(side)};`,
    ...part.prologue("t_group.z"),
    ...sums.map((name) => `var ${name} = vec4<f32>();`),
    `for (var t_k = ${part.begin}; t_k < ${part.end(k)}; t_k += ${u(tileDepth)}) {`,
    ...left,
    ...right,
    "workgroupBarrier();",
    `for (var t_step = 0u; t_step < ${u(tileDepth)}; t_step++) {`,
    ...read("t_a", "t_left", "t_y"),
    ...read("t_b", "t_right", "t_x"),
    ...fma,
    "}",
    "workgroupBarrier();",
    "}",
    ...quarters.flatMap((down) =>
      range(4).flatMap((row) =>
        quarters.flatMap((across) => stores(spec, tile, down, row, across)),
      ),
    ),
  ];
  const elements = tileDepth * pitch(tile);
  return kernelText({
    enables: [],
    declarations,
    scope: [
      `var<workgroup> t_left: array<vec4<f32>, ${elements}>;`,
      `var<workgroup> t_right: array<vec4<f32>, ${elements}>;`,
    ],
    builtins: ["t_group", "t_thread"],
    body,
    workgroup: [threads, 1, 1],
    grid: [Math.ceil(n / edge), Math.ceil(m / edge), batch * part.count],
  });
}

function sumName(down: number, row: number, across: number): string {
  return `t_sum${down}_${row}_${across}`;
}

/** The outer axis of an operand: rows of the left one, columns of the right one. */
interface Side {
  readonly array: "t_left" | "t_right";
  readonly first: "t_row" | "t_column";
  readonly size: number;
}

function leftSide(size: number): Side {
  return { array: "t_left", first: "t_row", size };
}

function rightSide(size: number): Side {
  return { array: "t_right", first: "t_column", size };
}

/**
 * Statements that fill an operand's tile. Elements past the end of k are zeros; rows past the end repeat
 * the last one, since what they give is never stored.
 */
function stage(
  operand: MatmulOperand,
  { array, first, size }: Side,
  k: number,
  tile: WorkgroupTile,
): readonly string[] {
  const { edge } = tile;
  const alongK = operand.contiguous !== "column";
  const extent = alongK ? k : size;
  const { load, loadVector } =
    extent % 4 === 0 ? operand : { load: operand.load, loadVector: undefined };
  // A turn fills four elements a thread: neighbours in memory, whether as one vec4 or one by one.
  const turns = range((edge * tileDepth) / (4 * threads));
  const most = Math.ceil(size / edge) * edge - 1;
  return turns.flatMap((turn) => {
    const at = `${array}_at${turn}`;
    const outer = `${array}_outer${turn}`;
    const step = `${array}_step${turn}`;
    const inner = `${array}_k${turn}`;
    const lines = [`let ${at} = t_thread + ${u(turn * threads)};`];
    if (alongK) {
      lines.push(
        `let ${step} = ${at} % ${u(tileDepth / 4)} * 4u;`,
        `let ${outer} = ${at} / ${u(tileDepth / 4)};`,
        `let ${outer}_in = ${clamped(`${first} + ${outer}`, most, size)};`,
        `let ${inner} = t_k + ${step};`,
      );
      const cell = (j: number) =>
        `${array}[(${step} + ${u(j)}) * ${u(pitch(tile))} + ${outer} / 4u][${outer} % 4u]`;
      if (loadVector !== undefined) {
        lines.push(
          `var ${at}_four = vec4<f32>();`,
          guarded(k, `${inner}`, `${at}_four = ${loadVector("t_batch", `${outer}_in`, inner)};`),
          ...range(4).map((j) => `${cell(j)} = ${at}_four.${components[j]};`),
        );
      } else {
        for (const j of range(4)) {
          lines.push(
            `let ${inner}_${j} = ${inner} + ${u(j)};`,
            `var ${at}_${j} = ${f(0)};`,
            guarded(
              k,
              `${inner}_${j}`,
              `${at}_${j} = ${load("t_batch", `${outer}_in`, `${inner}_${j}`)};`,
            ),
            `${cell(j)} = ${at}_${j};`,
          );
        }
      }
      return lines;
    }
    lines.push(
      `let ${outer} = ${at} % ${u(edge / 4)} * 4u;`,
      `let ${step} = ${at} / ${u(edge / 4)};`,
      `let ${inner} = t_k + ${step};`,
      `var ${at}_four = vec4<f32>();`,
    );
    if (loadVector !== undefined) {
      lines.push(
        `let ${outer}_in = ${most < size ? `${first} + ${outer}` : `min(${first} + ${outer}, ${u(size - 4)})`};`,
        guarded(k, inner, `${at}_four = ${loadVector("t_batch", `${outer}_in`, inner)};`),
      );
    } else {
      const names = range(4).map((j) => `${outer}_${j}`);
      lines.push(
        ...names.map(
          (name, j) => `let ${name} = ${clamped(`${first} + ${outer} + ${u(j)}`, most, size)};`,
        ),
        guarded(
          k,
          inner,
          `${at}_four = vec4<f32>(${names.map((name) => load("t_batch", name, inner)).join(", ")});`,
        ),
      );
    }
    lines.push(`${array}[${step} * ${u(pitch(tile))} + ${outer} / 4u] = ${at}_four;`);
    return lines;
  });
}

/** A statement for an index of k that the last turn may carry past the end. */
function guarded(k: number, index: string, statement: string): string {
  return k % tileDepth === 0 ? statement : `if (${index} < ${u(k)}) { ${statement} }`;
}

function stores(
  spec: MatmulSpec,
  { edge }: WorkgroupTile,
  down: number,
  row: number,
  across: number,
): readonly string[] {
  const { m, n, storeVector } = spec;
  const sum = sumName(down, row, across);
  const rowName = `${sum}_row`;
  const lines = [`let ${rowName} = t_row + ${u(down * 4 * side + row)} + t_y * 4u;`];
  const columnIs = (at: number) => `t_column + ${u(across * 4 * side + at)} + t_x * 4u`;
  const byVector = storeVector !== undefined && n % 4 === 0;
  for (const at of byVector ? [0] : range(4)) {
    const column = `${sum}_column${at}`;
    const statement = byVector
      ? storeVector("t_batch", rowName, column, sum)
      : spec.store("t_batch", rowName, column, `${sum}.${components[at]}`);
    const conditions = [
      ...(m % edge === 0 ? [] : [`${rowName} < ${u(m)}`]),
      ...(n % edge === 0 ? [] : [`${column} < ${u(n)}`]),
    ];
    lines.push(
      `let ${column} = ${columnIs(at)};`,
      `${conditions.length === 0 ? "" : `if (${conditions.join(" && ")}) `}{ ${statement} }`,
    );
  }
  return lines;
}
