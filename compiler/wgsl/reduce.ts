/**
 * Reductions. With many results a thread folds one of them alone; with few, a workgroup folds each: its threads
 * take turns, and their partial results are folded by a tree. Either way the order is fixed.
 */

import { indexText, unflatten, variable } from "../kernels/index.ts";
import type { ReduceKernel } from "../kernels/kernel.ts";
import type { ReduceBy } from "../ops/op.ts";
import type { Dtype } from "../tensor/dtype.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { Bindings } from "./bindings.ts";
import { declarationsOf, overElements, plain } from "./elements.ts";
import type { EmittedStage, InPlace } from "./emitted.ts";
import { isWide, literal, ScalarWriter, storedText, valueType } from "./scalar.ts";
import { flatGrid, flatIndex, kernelText } from "./templates/frame.ts";
import type { KernelTarget } from "./templates/template.ts";

/** Results from which on a thread for each keeps the machine busy. A software adapter has few cores. */
const manyResults = { software: 32, hardware: 16_384 } as const;

const threads = 64;

export function reduceText(
  kernel: ReduceKernel,
  target: KernelTarget,
  inPlace: InPlace | undefined,
): EmittedStage {
  const results = elementsOf(kernel.shape);
  const many = target.software ? manyResults.software : manyResults.hardware;
  return results >= many || elementsOf(kernel.extents) <= threads
    ? threadEach(kernel, results, inPlace)
    : workgroupEach(kernel, results, inPlace);
}

function threadEach(
  kernel: ReduceKernel,
  results: number,
  inPlace: InPlace | undefined,
): EmittedStage {
  const { extents } = kernel;
  const bindings = new Bindings(inPlace);
  const result = bindings.write(kernel.result, kernel.dtype, false);
  const width = widthOf(kernel);
  const body = new ScalarWriter({
    bindings,
    names: plain,
    wide: width === 4 ? lastOf(kernel) : undefined,
    accumulator: "",
  });
  const value = body.write(kernel.body);
  const loops = extents.map((extent, at) => {
    const step = at === extents.length - 1 ? width : 1;
    return `for (var r${at} = 0u; r${at} < ${extent}u; r${at} += ${step}u) {`;
  });
  return overElements(kernel, bindings, results, [
    ...places(kernel, "element", results),
    `var fold = ${start(kernel, width)};`,
    ...loops,
    ...body.lines,
    `fold = ${folded(kernel.by, "fold", value)};`,
    ...loops.map(() => "}"),
    `let total = ${across(kernel.by, "fold", width)};`,
    ...finish(kernel, bindings, result.name, "element"),
  ]);
}

function workgroupEach(
  kernel: ReduceKernel,
  results: number,
  inPlace: InPlace | undefined,
): EmittedStage {
  const bindings = new Bindings(inPlace);
  const result = bindings.write(kernel.result, kernel.dtype, false);
  const width = widthOf(kernel);
  const count = elementsOf(kernel.extents) / width;
  const body = new ScalarWriter({
    bindings,
    names: plain,
    wide: width === 4 ? lastOf(kernel) : undefined,
    accumulator: "",
  });
  const value = body.write(kernel.body);
  const turn = unflatten(variable("turn", count), narrowed(kernel.extents, width));
  const type = valueType(typeOf(kernel));
  const epilogue = finish(kernel, bindings, result.name, "element");
  const grid = flatGrid(results);
  const text = kernelText({
    enables: [],
    declarations: declarationsOf(bindings, [kernel.body, kernel.epilogue]),
    scope: [`var<workgroup> parts: array<${type}, ${threads}>;`],
    builtins: ["t_group", "t_thread"],
    body: [
      `let element = ${flatIndex(grid)};`,
      ...(grid[1] === 1 ? [] : [`if (element >= ${results}u) { return; }`]),
      ...places(kernel, "element", results),
      `var fold = ${start(kernel, width)};`,
      `for (var turn = t_thread; turn < ${count}u; turn += ${threads}u) {`,
      ...turn.map((index, at) => {
        const text = indexText(index, plain);
        return `let r${at} = ${at === turn.length - 1 && width === 4 ? `${text} * 4u` : text};`;
      }),
      ...body.lines,
      `fold = ${folded(kernel.by, "fold", value)};`,
      "}",
      `parts[t_thread] = ${across(kernel.by, "fold", width)};`,
      `for (var half = ${threads / 2}u; half > 0u; half /= 2u) {`,
      "workgroupBarrier();",
      `if (t_thread < half) { parts[t_thread] = ${folded(kernel.by, "parts[t_thread]", "parts[t_thread + half]")}; }`,
      "}",
      "if (t_thread == 0u) {",
      "let total = parts[0];",
      ...epilogue,
      "}",
    ],
    workgroup: [threads, 1, 1],
    grid,
  });
  return { ...text, bindings: bindings.list() };
}

function places(kernel: ReduceKernel, name: string, results: number): string[] {
  return unflatten(variable(name, results), kernel.shape).map(
    (index, axis) => `let i${axis} = ${indexText(index, plain)};`,
  );
}

function finish(kernel: ReduceKernel, bindings: Bindings, result: string, place: string): string[] {
  const writer = new ScalarWriter(
    { bindings, names: plain, wide: undefined, accumulator: "total" },
    "y",
  );
  const value = storedText(writer.write(kernel.epilogue), kernel.dtype, 1);
  return [...writer.lines, `${result}[${place}] = ${value};`];
}

function lastOf(kernel: ReduceKernel): string {
  return `r${kernel.extents.length - 1}`;
}

function widthOf(kernel: ReduceKernel): 1 | 4 {
  const last = kernel.extents[kernel.extents.length - 1];
  return last !== undefined && last % 4 === 0 && isWide(kernel.body, lastOf(kernel)) ? 4 : 1;
}

function narrowed(extents: readonly number[], width: number): number[] {
  return extents.map((extent, at) => (at === extents.length - 1 ? extent / width : extent));
}

function typeOf(kernel: ReduceKernel): Dtype {
  return kernel.body.dtype;
}

/** The neutral element. The least and the largest float stand for infinities, which WGSL may not have. */
function start(kernel: ReduceKernel, width: 1 | 4): string {
  const dtype = typeOf(kernel);
  const bounds =
    dtype === "i32"
      ? [-(2 ** 31), 2 ** 31 - 1]
      : dtype === "u32"
        ? [0, 2 ** 32 - 1]
        : [-3.4028234e38, 3.4028234e38];
  const value = kernel.by === "sum" ? 0 : kernel.by === "max" ? bounds[0] : bounds[1];
  const text = literal(value, dtype);
  return width === 4 ? `vec4<${valueType(dtype)}>(${text})` : text;
}

function folded(by: ReduceBy, a: string, b: string): string {
  return by === "sum" ? `${a} + ${b}` : `${by}(${a}, ${b})`;
}

function across(by: ReduceBy, fold: string, width: 1 | 4): string {
  if (width === 1) return fold;
  const pair = (a: string, b: string) => (by === "sum" ? `(${a} + ${b})` : folded(by, a, b));
  return pair(pair(`${fold}.x`, `${fold}.y`), pair(`${fold}.z`, `${fold}.w`));
}
