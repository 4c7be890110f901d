/** Kernels in which a thread computes one element, or four neighbours: maps, gathers, scatters, writes. */

import { flatten, indexArithmetic, indexText, unflatten, variable } from "../kernels/index.ts";
import {
  type GatherKernel,
  type Kernel,
  type MapKernel,
  type Scalar,
  type ScatterAddKernel,
  scalarsOf,
  type WriteKernel,
} from "../kernels/kernel.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { Bindings } from "./bindings.ts";
import type { EmittedStage, InPlace } from "./emitted.ts";
import {
  elementText,
  isWide,
  literal,
  type Names,
  randomText,
  ScalarWriter,
  storedText,
} from "./scalar.ts";
import { flatGrid, flatIndex, kernelText } from "./templates/frame.ts";
import type { Declarations } from "./templates/template.ts";

/** Threads of a workgroup: a multiple of every subgroup size there is up to 64. */
const threads = 64;

export function mapText(kernel: MapKernel, inPlace: InPlace | undefined): EmittedStage {
  const last = `i${kernel.shape.length - 1}`;
  const width =
    kernel.shape.length > 0 &&
    kernel.shape[kernel.shape.length - 1] % 4 === 0 &&
    isWide(kernel.body, last)
      ? 4
      : 1;
  const bindings = new Bindings(inPlace);
  const result = bindings.write(kernel.result, kernel.dtype, width === 4);
  const count = elementsOf(kernel.shape) / width;
  const element = indexArithmetic.multiply(variable("element", count), width);
  const writer = new ScalarWriter({
    bindings,
    names: plain,
    wide: width === 4 ? last : undefined,
    accumulator: "",
  });
  const value = storedText(writer.write(kernel.body), kernel.dtype, width);
  return overElements(kernel, bindings, count, [
    ...unflatten(element, kernel.shape).map(
      (index, axis) => `let i${axis} = ${indexText(index, plain)};`,
    ),
    ...writer.lines,
    `${result.name}[element] = ${value};`,
  ]);
}

/** Four elements of a row at once, where rows are that long. */
export function gatherText(kernel: GatherKernel): EmittedStage {
  const width = kernel.width % 4 === 0 ? 4 : 1;
  const bindings = new Bindings();
  const result = bindings.write(kernel.result, kernel.dtype, width === 4);
  const table = bindings.read(kernel.table, kernel.dtype, width === 4);
  const perRow = kernel.width / width;
  const count = elementsOf(kernel.shape) / width;
  const writer = new ScalarWriter({ bindings, names: plain, wide: undefined, accumulator: "" });
  const row = writer.write(kernel.index);
  return overElements(kernel, bindings, count, [
    `let i0 = element / ${perRow}u;`,
    ...writer.lines,
    // An index outside the table reads a row of it all the same: bounds hold whatever the data.
    `let row = min(u32(max(${row}, 0i)), ${kernel.rows - 1}u);`,
    `${result.name}[element] = ${table.name}[row * ${perRow}u + element % ${perRow}u];`,
  ]);
}

/** A thread an element of the result: it looks through the updates in order, so sums have one order. */
export function scatterAddText(kernel: ScatterAddKernel): EmittedStage {
  const bindings = new Bindings();
  const result = bindings.write(kernel.result, kernel.dtype, false);
  const index = new ScalarWriter({ bindings, names: plain, wide: undefined, accumulator: "" }, "p");
  const place = index.write(kernel.index);
  const update = new ScalarWriter(
    { bindings, names: plain, wide: undefined, accumulator: "" },
    "x",
  );
  const value = update.write(kernel.update);
  return overElements(kernel, bindings, kernel.rows * kernel.width, [
    `let row = i32(element / ${kernel.width}u);`,
    `let i1 = element % ${kernel.width}u;`,
    `var total = ${literal(0, kernel.dtype)};`,
    `for (var r0 = 0u; r0 < ${kernel.count}u; r0++) {`,
    ...index.lines,
    `if (${place} == row) {`,
    ...update.lines,
    `total += ${value};`,
    "}",
    "}",
    `${result.name}[element] = total;`,
  ]);
}

/** Computed in place: the plan copies the target first where it lives on. */
export function writeText(kernel: WriteKernel, inPlace: InPlace | undefined): EmittedStage {
  const bindings = new Bindings(inPlace);
  const result = bindings.write(kernel.result, kernel.dtype, false);
  const count = elementsOf(kernel.piece);
  const writer = new ScalarWriter({ bindings, names: plain, wide: undefined, accumulator: "" });
  const at = writer.write(kernel.at);
  const value = storedText(writer.write(kernel.body), kernel.dtype, 1);
  const indices = kernel.piece.map((size, axis) => variable(`i${axis}`, size));
  const stride = elementsOf(kernel.shape.slice(kernel.axis + 1));
  const room = kernel.shape[kernel.axis] - kernel.piece[kernel.axis];
  const place = indexText(flatten(indices, kernel.shape), plain);
  return overElements(kernel, bindings, count, [
    ...unflatten(variable("element", count), kernel.piece).map(
      (index, axis) => `let i${axis} = ${indexText(index, plain)};`,
    ),
    ...writer.lines,
    `let start = min(u32(max(${at}, 0i)), ${room}u);`,
    `${elementText(result.name, result.wide, `(${place} + start * ${stride}u)`)} = ${value};`,
  ]);
}

/** A thread for each of `count` places, called `element`. */
export function overElements(
  kernel: Kernel,
  bindings: Bindings,
  count: number,
  body: readonly string[],
): EmittedStage {
  const grid = flatGrid(Math.ceil(count / threads));
  const text = kernelText({
    enables: [],
    declarations: declarationsOf(bindings, scalarsOf(kernel)),
    scope: [],
    builtins: ["t_group", "t_thread"],
    body: [
      `let element = ${flatIndex(grid)} * ${threads}u + t_thread;`,
      ...(count % threads === 0 && grid[1] === 1 ? [] : [`if (element >= ${count}u) { return; }`]),
      ...body,
    ],
    workgroup: [threads, 1, 1],
    grid,
  });
  return { ...text, bindings: bindings.list() };
}

export function declarationsOf(bindings: Bindings, scalars: readonly Scalar[]): Declarations {
  const random = scalars.some(drawsRandom);
  return { enables: [], text: random ? `${bindings.text()}\n${randomText}` : bindings.text() };
}

function drawsRandom(scalar: Scalar): boolean {
  switch (scalar.kind) {
    case "random":
      return true;
    case "operation":
      return scalar.args.some(drawsRandom);
    case "guard":
      return drawsRandom(scalar.then) || drawsRandom(scalar.otherwise);
    default:
      return false;
  }
}

export const plain: Names = (name) => name;
