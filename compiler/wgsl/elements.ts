/** Kernels in which a thread computes one element, or four neighbours: maps, writes, and sums of rows. */

import { variable } from "../kernels/index.ts";
import type { MapKernel, Result, ScatterAddKernel, WriteKernel } from "../kernels/kernel.ts";
import { type Bindings, elementText, type InPlace } from "./bindings.ts";
import { castText, neutral, storedText, type Width } from "./operations.ts";
import { type Emitted, overEach, type Stage, stageOf } from "./stage.ts";
import { isWide, isWideResult, widthOf } from "./width.ts";
import { Writer } from "./writer.ts";

export function mapStage({ count, results }: MapKernel, inPlace: InPlace): Stage {
  const width = count % 4 === 0 && results.every((result) => isWideResult(result, "i")) ? 4 : 1;
  return stageOf(inPlace, (bindings) => {
    // First, so that what is computed in place is read as it is written.
    for (const { value, dtype } of results) bindings.write(value, dtype, width === 4);
    const writer = new Writer({ bindings, wide: width === 4 ? "i" : undefined });
    const stores = results.map((result) => storeText(writer, bindings, result, width));
    return overEach("e", count / width, [
      width === 4 ? "let i = e * 4u;" : "let i = e;",
      ...writer.lines,
      ...stores,
    ]);
  });
}

/** Statements that store a result, at once or element by element into an array that others store by four. */
export function storeText(
  writer: Writer,
  bindings: Bindings,
  { value, dtype, place, body }: Result,
  width: Width,
  isWideArray = width === 4,
): string {
  const stored = storedText(writer.write(body, width), dtype, width);
  const array = bindings.write(value, dtype, isWideArray);
  const at = writer.index(place);
  return width === 4
    ? `${array.name}[${at} / 4u] = ${stored};`
    : `${elementText(array, at)} = ${stored};`;
}

/** Computed in place: the plan copies the target first where it lives on. */
export function writeStage(kernel: WriteKernel, inPlace: InPlace): Stage {
  const { value, dtype, count, place, body, at, last, stride } = kernel;
  return stageOf(inPlace, (bindings) => {
    const array = bindings.write(value, dtype, false);
    const writer = new Writer({ bindings });
    const start = `min(u32(max(${writer.write(at, 1)}, 0i)), ${last}u)`;
    const stored = storedText(writer.write(body, 1), dtype, 1);
    const target = elementText(array, `(${writer.index(place)} + ${start} * ${stride}u)`);
    return overEach("i", count, [...writer.lines, `${target} = ${stored};`]);
  });
}

// Sums of rows ----------------------------------------------------------------------------------

/**
 * In three stages, so that every sum is in the order of its updates and no thread looks through all of them for
 * each element: zeros; for each update the next one of its row, and whether it is the first; and the sums, each
 * by the threads of its first update.
 */
export function scatterAddStages(kernel: ScatterAddKernel): Emitted {
  const { value, dtype, rows, width, count } = kernel;
  const none = new Map();
  const zeros: MapKernel = {
    kind: "map",
    label: kernel.label,
    count: rows * width,
    results: [
      {
        value,
        dtype,
        place: variable("i", rows * width),
        body: { kind: "constant", value: 0, dtype },
      },
    ],
  };
  return {
    stages: [mapStage(zeros, none), linkStage(kernel), sumStage(kernel)],
    scratch: 4 * count,
  };
}

/** Marks the first update of a row. */
const firstBit = 2 ** 31;

function linkStage({ row, count, rows }: ScatterAddKernel): Stage {
  return stageOf(new Map(), (bindings) => {
    const links = bindings.write("scratch", "u32", false);
    const own = new Writer({ bindings, names: { u: "e" } });
    const mine = own.write(row, 1);
    const other = new Writer({ bindings, prefix: "y" });
    const theirs = other.write(row, 1);
    return overEach("e", count, [
      ...own.lines,
      `var link = ${count}u;`,
      `var first = ${mine} >= 0i && ${mine} < ${rows}i;`,
      `for (var u = 0u; u < ${count}u && link == ${count}u; u++) {`,
      ...other.lines,
      `if (${theirs} == ${mine}) {`,
      "if (u < e) { first = false; }",
      "if (u > e) { link = u; }",
      "}",
      "}",
      `${links.name}[e] = select(link, link | ${firstBit}u, first);`,
    ]);
  });
}

function sumStage({ value, dtype, row, update, width, count }: ScatterAddKernel): Stage {
  const isByFour = width % 4 === 0 && isWide(update, "c") && widthOf(update, "c", 1) === 4;
  const lanes: Width = isByFour ? 4 : 1;
  const perRow = width / lanes;
  return stageOf(new Map(), (bindings) => {
    const sums = bindings.write(value, dtype, isByFour);
    const links = bindings.readScratch("u32");
    const outer = new Writer({ bindings, names: { u: "first" }, prefix: "y" });
    const target = outer.write(row, 1);
    const inner = new Writer({ bindings, wide: isByFour ? "c" : undefined });
    const added = inner.write(update, lanes);
    const sum = dtype === "f16" ? "f32" : dtype;
    return overEach("e", count * perRow, [
      `let first = e / ${perRow}u;`,
      `let c = e % ${perRow}u${isByFour ? " * 4u" : ""};`,
      `if (${links.name}[first] < ${firstBit}u) { return; }`,
      ...outer.lines,
      `var total = ${neutral("sum", sum, lanes)};`,
      "var u = first;",
      `while (u < ${count}u) {`,
      ...inner.lines,
      `total += ${castText(added, dtype, sum, lanes)};`,
      `u = ${links.name}[u] & ${firstBit - 1}u;`,
      "}",
      `${sums.name}[u32(${target}) * ${perRow}u + e % ${perRow}u] = ${castText("total", sum, dtype, lanes)};`,
    ]);
  });
}
