/**
 * Cross-entropy over rows of logits. Forward, a workgroup a row: each thread keeps a running maximum and a sum
 * of exponentials relative to it (Milakov and Gimelshein 2018), and a tree in fixed order joins them. The
 * gradient is a thread an element.
 */

import { f, flatGrid, flatIndex, kernelText, u } from "./frame.ts";
import type { CrossEntropyForwardSpec, CrossEntropyGradientSpec, KernelText } from "./template.ts";

const threads = 64;

/** Below any logit; not an infinity, which WGSL may not have. */
const least = f(-3e38);

export function crossEntropyForward(spec: CrossEntropyForwardSpec): KernelText {
  const { rows, classes } = spec;
  const grid = flatGrid(rows);
  return kernelText({
    enables: [],
    declarations: spec.declarations,
    scope: [
      `var<workgroup> t_tops: array<f32, ${threads}>;`,
      `var<workgroup> t_sums: array<f32, ${threads}>;`,
    ],
    builtins: ["t_group", "t_thread"],
    body: [
      `let t_row = ${flatIndex(grid)};`,
      ...(grid[1] === 1 ? [] : [`if (t_row >= ${u(rows)}) { return; }`]),
      `var t_top = ${least};`,
      "var t_sum = 0.0;",
      `for (var t_column = t_thread; t_column < ${u(classes)}; t_column += ${u(threads)}) {`,
      `  let t_logit = ${spec.logit("t_row", "t_column")};`,
      "  let t_next = max(t_top, t_logit);",
      "  t_sum = t_sum * exp(t_top - t_next) + exp(t_logit - t_next);",
      "  t_top = t_next;",
      "}",
      "t_tops[t_thread] = t_top;",
      "t_sums[t_thread] = t_sum;",
      `for (var t_half = ${u(threads / 2)}; t_half > 0u; t_half /= 2u) {`,
      "  workgroupBarrier();",
      "  if (t_thread < t_half) {",
      "    let t_other = t_thread + t_half;",
      "    let t_both = max(t_tops[t_thread], t_tops[t_other]);",
      "    t_sums[t_thread] = t_sums[t_thread] * exp(t_tops[t_thread] - t_both)",
      "      + t_sums[t_other] * exp(t_tops[t_other] - t_both);",
      "    t_tops[t_thread] = t_both;",
      "  }",
      "}",
      "if (t_thread == 0u) {",
      "  let t_lse = t_tops[0] + log(t_sums[0]);",
      `  ${spec.storeLse("t_row", "t_lse")}`,
      "  var t_loss = 0.0;",
      `  if (${spec.learns("t_row")}) {`,
      // A label outside the classes reads one of them all the same: bounds hold whatever the data.
      `    let t_label = min(u32(max(${spec.label("t_row")}, 0i)), ${u(classes - 1)});`,
      `    t_loss = t_lse - ${spec.logit("t_row", "t_label")};`,
      "  }",
      `  ${spec.storeLoss("t_row", "t_loss")}`,
      "}",
    ],
    workgroup: [threads, 1, 1],
    grid,
  });
}

export function crossEntropyGradient(spec: CrossEntropyGradientSpec): KernelText {
  const { rows, classes } = spec;
  const count = rows * classes;
  const grid = flatGrid(Math.ceil(count / threads));
  return kernelText({
    enables: [],
    declarations: spec.declarations,
    scope: [],
    builtins: ["t_group", "t_thread"],
    body: [
      `let t_place = ${flatIndex(grid)} * ${u(threads)} + t_thread;`,
      `if (t_place >= ${u(count)}) { return; }`,
      `let t_row = t_place / ${u(classes)};`,
      `let t_column = t_place % ${u(classes)};`,
      "var t_gradient = 0.0;",
      `if (${spec.learns("t_row")}) {`,
      `  let t_share = exp(${spec.logit("t_row", "t_column")} - ${spec.lse("t_row")});`,
      `  let t_hit = select(0.0, 1.0, ${spec.label("t_row")} == i32(t_column));`,
      `  t_gradient = (t_share - t_hit) * ${spec.lossGradient("t_row")};`,
      "}",
      spec.storeGradient("t_row", "t_column", "t_gradient"),
    ],
    workgroup: [threads, 1, 1],
    grid,
  });
}
