/**
 * A matmul of whole row-major or transposed matrices in buffers of their own, and what it must give.
 * Its loads count every index outside a matrix in a last buffer, so that a test sees them.
 */

import type {
  MatmulOperand,
  MatmulShape,
  MatmulSpec,
  MatmulStage,
} from "../../compiler/wgsl/templates/template.ts";

export interface PlainMatmul extends MatmulShape {
  /** Stored as [batch, k, m]. */
  readonly leftTransposed: boolean;
  /** Stored as [batch, n, k]. */
  readonly rightTransposed: boolean;
  /** Indices are checked in the kernel. */
  readonly checked: boolean;
}

/** Names of buffers in the order of the bindings of a stage. */
export function buffersOf(stage: MatmulStage, checked: boolean): readonly string[] {
  const faults = checked ? ["faults"] : [];
  switch (stage) {
    case "whole":
      return ["left", "right", "out", ...faults];
    case "partial":
      return ["left", "right", "scratch", ...faults];
    case "combine":
      return ["scratch", "out", ...faults];
    default:
      return stage satisfies never;
  }
}

export function plainSpec(plain: PlainMatmul): MatmulSpec {
  const { m, n, k, batch, leftTransposed, rightTransposed, checked } = plain;
  const left = operand("left", m, k, plain, leftTransposed);
  const right = operand("right", k, n, plain, rightTransposed);
  const outVectors = n % 4 === 0;
  const at = (b: string, row: string, column: string) =>
    `(${b} * ${m}u + ${row}) * ${n}u + ${column}`;
  const check = (b: string, row: string, column: string) =>
    checked
      ? `if (${b} >= ${batch}u || ${row} >= ${m}u || ${column} >= ${n}u) { atomicAdd(&faults, 1u); } `
      : "";
  return {
    batch,
    m,
    n,
    k,
    left: left.operand,
    right: right.operand,
    store: (b, row, column, value) =>
      outVectors
        ? `${check(b, row, column)}out[(${at(b, row, column)}) / 4u][(${at(b, row, column)}) % 4u] = ${value};`
        : `${check(b, row, column)}out[${at(b, row, column)}] = ${value};`,
    ...(outVectors
      ? {
          storeVector: (b: string, row: string, column: string, value: string) =>
            `${check(b, row, `(${column} + 3u)`)}out[(${at(b, row, column)}) / 4u] = ${value};`,
        }
      : {}),
    scratch: {
      load: (index) => `scratch[${index}]`,
      store: (index, value) => `scratch[${index}] = ${value};`,
    },
    declarations: (stage) => {
      const texts: Readonly<Record<string, string>> = {
        left: `var<storage, read> left: array<${left.element}>;`,
        right: `var<storage, read> right: array<${right.element}>;`,
        out: `var<storage, read_write> out: array<${outVectors ? "vec4<f32>" : "f32"}>;`,
        scratch: `var<storage, ${stage === "combine" ? "read" : "read_write"}> scratch: array<f32>;`,
        faults: "var<storage, read_write> faults: atomic<u32>;",
      };
      const lines = buffersOf(stage, checked).map(
        (name, binding) => `@group(0) @binding(${binding}) ${texts[name]}`,
      );
      const functions = stage === "combine" ? [] : [...left.functions, ...right.functions];
      return { enables: [], text: [...lines, ...functions].join("\n") };
    },
  };
}

function operand(
  name: string,
  rows: number,
  columns: number,
  { batch, checked }: PlainMatmul,
  transposed: boolean,
): { operand: MatmulOperand; element: string; functions: readonly string[] } {
  const width = transposed ? rows : columns;
  const vectors = width % 4 === 0;
  const index = transposed
    ? `(b * ${columns}u + c) * ${rows}u + r`
    : `(b * ${rows}u + r) * ${columns}u + c`;
  const last = (axis: "r" | "c") => ((axis === "r") === transposed ? `${axis} + 3u` : axis);
  const check = (r: string, c: string) =>
    checked
      ? `if (b >= ${batch}u || ${r} >= ${rows}u || ${c} >= ${columns}u) { atomicAdd(&faults, 1u); }`
      : "";
  const body = vectors ? `${name}[i / 4u][i % 4u]` : `${name}[i]`;
  const functions = [
    `fn load_${name}(b: u32, r: u32, c: u32) -> f32 { ${check("r", "c")} let i = ${index}; return ${body}; }`,
  ];
  if (vectors) {
    const misaligned = checked
      ? `if ((${transposed ? "r" : "c"} & 3u) != 0u) { atomicAdd(&faults, 1u); }`
      : "";
    functions.push(
      `fn load4_${name}(b: u32, r: u32, c: u32) -> vec4<f32> { ${check(last("r"), last("c"))} ${misaligned} let i = ${index}; return ${name}[i / 4u]; }`,
    );
  }
  return {
    operand: {
      contiguous: transposed ? "column" : "row",
      load: (b, r, c) => `load_${name}(${b}, ${r}, ${c})`,
      ...(vectors
        ? { loadVector: (b: string, r: string, c: string) => `load4_${name}(${b}, ${r}, ${c})` }
        : {}),
    },
    element: vectors ? "vec4<f32>" : "f32",
    functions,
  };
}

/** The product in double precision, and beside it Σ |left · right|, to which f32's error is in proportion. */
export function expectedProduct(
  { batch, m, n, k, leftTransposed, rightTransposed }: PlainMatmul,
  left: Float32Array,
  right: Float32Array,
): { readonly product: Float64Array; readonly magnitude: Float64Array } {
  const product = new Float64Array(batch * m * n);
  const magnitude = new Float64Array(batch * m * n);
  for (let b = 0; b < batch; b += 1) {
    for (let row = 0; row < m; row += 1) {
      for (let column = 0; column < n; column += 1) {
        const at = (b * m + row) * n + column;
        for (let step = 0; step < k; step += 1) {
          const l = leftTransposed ? (b * k + step) * m + row : (b * m + row) * k + step;
          const r = rightTransposed ? (b * n + column) * k + step : (b * k + step) * n + column;
          const term = (left[l] ?? Number.NaN) * (right[r] ?? Number.NaN);
          product[at] = (product[at] ?? 0) + term;
          magnitude[at] = (magnitude[at] ?? 0) + Math.abs(term);
        }
      }
    }
  }
  return { product, magnitude };
}
