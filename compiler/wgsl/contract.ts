/** Contractions by the matmul template: operands and epilogue as closures over `b`, `m`, `n`, `k`. */

import { bug } from "../bug.ts";
import { isAligned, strideBy } from "../kernels/index.ts";
import { type ContractKernel, readsIn, type Scalar } from "../kernels/kernel.ts";
import { bytesOf } from "../tensor/dtype.ts";
import { Bindings, type InPlace } from "./bindings.ts";
import { storeText } from "./elements.ts";
import { operandText } from "./operand.ts";
import type { Width } from "./operations.ts";
import { declarationsOf, type Emitted } from "./stage.ts";
import { chooseMatmul, matmulKernels, scratchElements } from "./templates/matmul.ts";
import type { KernelTarget, MatmulOperand, MatmulStage } from "./templates/template.ts";
import { isWide, isWideResult } from "./width.ts";
import { Writer } from "./writer.ts";

export function contractStages(
  kernel: ContractKernel,
  target: KernelTarget,
  inPlace: InPlace,
): Emitted {
  const { batch, m, n, k, results } = kernel;
  const choice = chooseMatmul(kernel, target);
  const canStoreFour = n % 4 === 0 && results.every((result) => isWideResult(result, "n"));
  const stages = new Map<MatmulStage, Bindings>();
  let bindings = new Bindings(inPlace);
  const left = operandOf(kernel.left, ["b", "m", "k"], () => bindings);
  const right = operandOf(kernel.right, ["b", "k", "n"], () => bindings);

  const store = (width: Width) => (b: string, row: string, column: string, value: string) => {
    const writer = new Writer({
      bindings,
      names: { b, m: row, n: column },
      wide: width === 4 ? "n" : undefined,
      accumulator: value,
      begun: width,
    });
    for (const { value, dtype } of results) bindings.write(value, dtype, canStoreFour);
    const stores = results.map((result) =>
      storeText(writer, bindings, result, width, canStoreFour),
    );
    return `{ ${[...writer.lines, ...stores].join(" ")} }`;
  };

  // Closures are called after a stage's declarations are written, so each is called once before to find out.
  const declare = (stage: MatmulStage): string => {
    const parts: string[] = [];
    if (stage === "partial") bindings.write("scratch", "f32", false);
    if (stage === "combine") bindings.readScratch();
    if (stage !== "combine") parts.push(...left.samples(), ...right.samples());
    if (stage !== "partial") {
      if (canStoreFour) parts.push(store(4)("b", "m", "n", "value"));
      parts.push(store(1)("b", "m", "n", "value"));
    }
    return parts.join("\n");
  };

  const kernels = matmulKernels(
    {
      batch,
      m,
      n,
      k,
      left: left.operand,
      right: right.operand,
      store: store(1),
      ...(canStoreFour ? { storeVector: store(4) } : {}),
      scratch: {
        load: (index) => `${bindings.readScratch().name}[${index}]`,
        store: (index, value) =>
          `${bindings.write("scratch", "f32", false).name}[${index}] = ${value};`,
      },
      declarations: (stage) => {
        bindings = new Bindings(inPlace);
        declare(stage);
        bindings = bindings.settled();
        stages.set(stage, bindings);
        return declarationsOf(bindings, declare(stage));
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
    scratch: bytesOf("f32") * scratchElements(kernel, choice),
  };
}

/** A matrix over its batch, row and column variables. */
function operandOf(
  body: Scalar,
  [batch, row, column]: readonly [string, string, string],
  bindings: () => Bindings,
): { operand: MatmulOperand; samples: () => string[] } {
  const moving = readsIn([body]).find((read) => read.index.terms.length > 0);
  const isAlong = (name: string) => moving !== undefined && strideBy(moving.index, name) === 1;
  const contiguous = isAlong(column) ? "row" : isAlong(row) ? "column" : "neither";
  const along = contiguous === "row" ? column : row;
  const byFour =
    contiguous !== "neither" &&
    isWide(body, along) &&
    moving !== undefined &&
    isAligned(moving.index, along);
  const load = (width: Width) => (b: string, r: string, c: string) =>
    operandText(body, {
      bindings: bindings(),
      names: { [batch]: b, [row]: r, [column]: c },
      wide: width === 4 ? along : undefined,
    });
  const sample = (width: Width) => load(width)("b", "r", "c");
  return {
    operand: { contiguous, load: load(1), ...(byFour ? { loadVector: load(4) } : {}) },
    samples: () => [...(byFour ? [sample(4)] : []), sample(1)],
  };
}
