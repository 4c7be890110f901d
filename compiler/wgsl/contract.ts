/** Contractions by the matmul template: operands and epilogue as closures over `b`, `m`, `n`, `k`. */

import { bug } from "../bug.ts";
import { indexText, isAligned, strideBy } from "../kernels/index.ts";
import { type ContractKernel, loadsOf, type Scalar } from "../kernels/kernel.ts";
import { elementsOf } from "../tensor/ndarray.ts";
import { Bindings } from "./bindings.ts";
import { declarationsOf } from "./elements.ts";
import type { Emitted, InPlace } from "./emitted.ts";
import { elementText, isWide, type Names, ScalarWriter, storedText } from "./scalar.ts";
import { chooseMatmul, matmulKernels, scratchElements } from "./templates/matmul.ts";
import type { KernelTarget, MatmulOperand, MatmulStage } from "./templates/template.ts";

export function contractText(
  kernel: ContractKernel,
  target: KernelTarget,
  inPlace: InPlace | undefined,
): Emitted {
  const choice = chooseMatmul(kernel, target);
  const wideStore =
    kernel.n % 4 === 0 &&
    strideBy(kernel.place, "n") === 1 &&
    isAligned(kernel.place, "n", 4) &&
    isWide(kernel.epilogue, "n") &&
    elementsOf(kernel.shape) % 4 === 0;
  // Each stage binds what it uses, in one order, and all stages use the same names for the same things.
  const stages = new Map<MatmulStage, Bindings>();
  let current = new Bindings(inPlace);
  const left = operandOf(kernel.left, ["b", "m", "k"], () => current);
  const right = operandOf(kernel.right, ["b", "k", "n"], () => current);
  const store = (names: Names, value: string, wide: boolean): string => {
    const result = current.write(kernel.result, kernel.dtype, wideStore);
    const writer = new ScalarWriter(
      { bindings: current, names, wide: wide ? "n" : undefined, accumulator: value },
      "y",
    );
    const stored = storedText(writer.write(kernel.epilogue), kernel.dtype, wide ? 4 : 1);
    const place = indexText(kernel.place, names);
    const target = wide
      ? `${result.name}[${place} / 4u]`
      : elementText(result.name, result.wide, place);
    return `{ ${[...writer.lines, `${target} = ${stored};`].join(" ")} }`;
  };
  const named =
    (batch: string, row: string, column: string): Names =>
    (name) =>
      ({ b: batch, m: row, n: column })[name] ?? bug(`an epilogue has no variable ${name}`);
  const kernels = matmulKernels(
    {
      batch: kernel.batch,
      m: kernel.m,
      n: kernel.n,
      k: kernel.k,
      left: left.operand,
      right: right.operand,
      store: (batch, row, column, value) => store(named(batch, row, column), value, false),
      ...(wideStore
        ? {
            storeVector: (batch: string, row: string, column: string, value: string) =>
              store(named(batch, row, column), value, true),
          }
        : {}),
      scratch: {
        load: (index) => `${current.readScratch().name}[${index}]`,
        store: (index, value) =>
          `${current.write("scratch", "f32", false).name}[${index}] = ${value};`,
      },
      declarations: (stage) => {
        current = new Bindings(inPlace);
        stages.set(stage, current);
        if (stage === "partial") current.write("scratch", "f32", false);
        if (stage === "combine") current.readScratch();
        if (stage !== "partial") current.write(kernel.result, kernel.dtype, wideStore);
        if (stage !== "combine") {
          left.declare();
          right.declare();
        }
        if (stage !== "partial") declareLoads(kernel.epilogue, current, wideStore);
        return declarationsOf(current, [kernel.epilogue]);
      },
    },
    choice,
  );
  return {
    stages: kernels.map(({ stage, wgsl, workgroup, grid }) => ({
      wgsl,
      workgroup,
      grid,
      bindings: stages.get(stage)?.list() ?? bug(`a matmul stage ${stage} without bindings`),
    })),
    scratch: 4 * scratchElements(kernel, choice),
  };
}

/** Loads of an epilogue are by element in one store and by four in another: both are declared. */
function declareLoads(scalar: Scalar, bindings: Bindings, wide: boolean): void {
  for (const load of loadsOf(scalar)) {
    bindings.read(load.value, load.dtype, false);
    if (wide && strideBy(load.index, "n") === 1) bindings.read(load.value, load.dtype, true);
  }
}

/** A matrix over its batch, row and column variables. It is one load: fusing keeps everything else. */
function operandOf(
  scalar: Scalar,
  [batch, row, column]: readonly [string, string, string],
  bindings: () => Bindings,
): { operand: MatmulOperand; declare: () => void } {
  if (scalar.kind !== "load") return bug("an operand of a contraction is more than a load");
  const { value, index, dtype } = scalar;
  const contiguous =
    strideBy(index, column) === 1 ? "row" : strideBy(index, row) === 1 ? "column" : "neither";
  const along = contiguous === "row" ? column : row;
  const wide = contiguous !== "neither" && isAligned(index, along, 4);
  const text = (b: string, r: string, c: string) =>
    indexText(
      index,
      (name) =>
        ({ [batch]: b, [row]: r, [column]: c })[name] ?? bug(`no variable ${name} in an operand`),
    );
  const load = (b: string, r: string, c: string) => {
    const bound = bindings().read(value, dtype, wide);
    return elementText(bound.name, bound.wide, text(b, r, c));
  };
  const loadVector = (b: string, r: string, c: string) =>
    `${bindings().read(value, dtype, true).name}[${text(b, r, c)} / 4u]`;
  return {
    operand: { contiguous, load, ...(wide ? { loadVector } : {}) },
    declare: () => void bindings().read(value, dtype, wide),
  };
}
