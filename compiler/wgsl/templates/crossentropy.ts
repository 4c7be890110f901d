/**
 * Cross-entropy over rows of logits, a workgroup a row. Forward is one pass: each thread keeps the highest
 * logit of its classes so far and the sum of exponentials below it; the threads' pairs are then joined in a
 * fixed order, by subgroup shuffles where the workgroup is one subgroup (software adapters, where barriers
 * and workgroup memory are dear), else by halves in workgroup memory. The gradient is one pass more.
 */

import { flatGrid, flatIndex, kernelText, range, u } from "./frame.ts";
import type {
  CrossEntropyForwardSpec,
  CrossEntropyGradientSpec,
  CrossEntropySpec,
  KernelTarget,
  KernelText,
} from "./template.ts";

export interface RowTile {
  /** Threads of a row: a power of two. */
  readonly threads: number;
  /** The threads of a row are one subgroup. */
  readonly isSubgroup: boolean;
}

export function chooseCrossEntropy(
  { classes }: Pick<CrossEntropySpec, "classes">,
  target: KernelTarget,
): RowTile {
  const { software, hasSubgroups, subgroupSize, maxInvocations } = target;
  if (software && hasSubgroups && subgroupSize > 1) {
    return { threads: subgroupSize, isSubgroup: true };
  }
  // Four vec4 loads a thread or more, so that joining is a small part.
  const wanted = [256, 128, 64].find((threads) => 16 * threads <= classes) ?? 32;
  return { threads: Math.min(wanted, maxInvocations), isSubgroup: false };
}

/** Stands for −∞, which WGSL may assume there is none of. */
const lowest = "-3e38f";

export function crossEntropyForward(spec: CrossEntropyForwardSpec, tile: RowTile): KernelText {
  const { classes } = spec;
  return rowKernel(
    spec,
    tile,
    [
      `var t_high = ${lowest};`,
      "var t_sum = 0.0f;",
      ...overClasses(spec, tile, (wide) => [
        `let t_higher = max(t_high, ${wide ? "max(max(t_x.x, t_x.y), max(t_x.z, t_x.w))" : "t_x"});`,
        wide
          ? "let t_more = dot(exp(t_x - vec4<f32>(t_higher)), vec4<f32>(1.0f));"
          : "let t_more = exp(t_x - t_higher);",
        "t_sum = fma(t_sum, exp(t_high - t_higher), t_more);",
        "t_high = t_higher;",
      ]),
      ...(tile.isSubgroup ? joinBySubgroup(tile) : joinByWorkgroup(tile)),
      "if (t_thread == 0u) {",
      "let t_lse = t_high + log(t_sum);",
      "var t_loss = 0.0f;",
      `if (${spec.learns("t_row")}) {`,
      `let t_label = min(u32(${spec.label("t_row")}), ${u(classes - 1)});`,
      `t_loss = t_lse - ${spec.logit("t_row", "t_label")};`,
      "}",
      `{ ${spec.storeLoss("t_row", "t_loss")} }`,
      `{ ${spec.storeLse("t_row", "t_lse")} }`,
      "}",
    ],
    tile.isSubgroup ? [] : [`var<workgroup> t_pairs: array<vec2<f32>, ${tile.threads}>;`],
  );
}

export function crossEntropyGradient(spec: CrossEntropyGradientSpec, tile: RowTile): KernelText {
  const { storeGradient, storeGradientVector } = spec;
  const isWide = storeGradientVector !== undefined && canLoadFour(spec);
  const zeros = isWide
    ? storeGradientVector("t_row", "t_column", "t_none")
    : storeGradient("t_row", "t_column", "t_none");
  const write = (wide: boolean): readonly string[] => {
    const value = wide ? "vec4<f32>(t_lse)" : "t_lse";
    const columns = range(4).map((at) => `t_column + ${u(at)}`);
    const hit = wide
      ? `vec4<u32>(${columns.join(", ")}) == vec4<u32>(t_label)`
      : "t_column == t_label";
    const one = wide ? "vec4<f32>(), vec4<f32>(1.0f)" : "0.0f, 1.0f";
    const stores = !wide
      ? [`{ ${storeGradient("t_row", "t_column", "t_value")} }`]
      : storeGradientVector !== undefined
        ? [`{ ${storeGradientVector("t_row", "t_column", "t_value")} }`]
        : columns.flatMap((column, at) => [
            `let t_column${at} = ${column};`,
            `{ ${storeGradient("t_row", `t_column${at}`, `t_value.${"xyzw"[at]}`)} }`,
          ]);
    return [`let t_value = (exp(t_x - ${value}) - select(${one}, ${hit})) * t_scale;`, ...stores];
  };
  return rowKernel(
    spec,
    tile,
    [
      `if (${spec.learns("t_row")}) {`,
      `let t_lse = ${spec.lse("t_row")};`,
      `let t_scale = ${spec.lossGradient("t_row")};`,
      `let t_label = u32(${spec.label("t_row")});`,
      ...overClasses(spec, tile, write),
      "} else {",
      `let t_none = ${isWide ? "vec4<f32>()" : "0.0f"};`,
      ...columnLoop(spec, tile, isWide, [`{ ${zeros} }`]),
      "}",
    ],
    [],
  );
}

function rowKernel(
  spec: CrossEntropySpec,
  { threads, isSubgroup }: RowTile,
  body: readonly string[],
  scope: readonly string[],
): KernelText {
  const grid = flatGrid(spec.rows);
  return kernelText({
    enables: isSubgroup ? ["subgroups"] : [],
    declarations: spec.declarations,
    scope,
    builtins: ["t_group", "t_thread"],
    body: [
      `let t_row = ${flatIndex(grid)};`,
      // The last row of a grid in two dimensions may not be full.
      ...(grid[1] === 1 ? [] : [`if (t_row >= ${u(spec.rows)}) { return; }`]),
      ...body,
    ],
    workgroup: [threads, 1, 1],
    grid,
  });
}

function canLoadFour({ classes, logitVector }: CrossEntropySpec): boolean {
  return classes % 4 === 0 && logitVector !== undefined;
}

/** The loop of a thread over its classes; a body finds their logits as `t_x`, a vec4 where it is wide. */
function overClasses(
  spec: CrossEntropySpec,
  tile: RowTile,
  body: (wide: boolean) => readonly string[],
): readonly string[] {
  const { logit, logitVector } = spec;
  const wide = canLoadFour(spec);
  const load = wide && logitVector !== undefined ? logitVector : logit;
  return columnLoop(spec, tile, wide, [`let t_x = ${load("t_row", "t_column")};`, ...body(wide)]);
}

function columnLoop(
  { classes }: CrossEntropySpec,
  { threads }: RowTile,
  wide: boolean,
  body: readonly string[],
): readonly string[] {
  const width = wide ? 4 : 1;
  return [
    `for (var t_column = t_thread * ${u(width)}; t_column < ${u(classes)}; t_column += ${u(threads * width)}) {`,
    ...body,
    "}",
  ];
}

/** Joins the pairs of all threads; then every thread has them. */
function joinBySubgroup({ threads }: RowTile): readonly string[] {
  return range(Math.log2(threads)).flatMap((step) => [
    "{",
    `let t_otherHigh = subgroupShuffleXor(t_high, ${u(2 ** step)});`,
    `let t_otherSum = subgroupShuffleXor(t_sum, ${u(2 ** step)});`,
    ...joinPairs,
    "}",
  ]);
}

/** Joins the pairs of all threads by halves; then the first thread has them. */
function joinByWorkgroup({ threads }: RowTile): readonly string[] {
  return [
    "t_pairs[t_thread] = vec2<f32>(t_high, t_sum);",
    "workgroupBarrier();",
    `for (var t_half = ${u(threads / 2)}; t_half > 0u; t_half /= 2u) {`,
    "if (t_thread < t_half) {",
    "let t_otherHigh = t_pairs[t_thread + t_half].x;",
    "let t_otherSum = t_pairs[t_thread + t_half].y;",
    ...joinPairs,
    "t_pairs[t_thread] = vec2<f32>(t_high, t_sum);",
    "}",
    "workgroupBarrier();",
    "}",
  ];
}

/** A thread without classes has the lowest of all and the sum 0, which adds nothing. */
const joinPairs = [
  "let t_higher = max(t_high, t_otherHigh);",
  "t_sum = t_sum * exp(t_high - t_higher) + t_otherSum * exp(t_otherHigh - t_higher);",
  "t_high = t_higher;",
];
