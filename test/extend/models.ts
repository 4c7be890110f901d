/** The pipelines of this folder as checked models, and their programs on the interpreter with random numbers. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { libraryOf } from "../../compiler/commands/library.ts";
import { type NamedModel, type Pipeline, pipelineOf } from "../../compiler/core/pipeline.ts";
import { parametersOf, tiesOf } from "../../compiler/core/tree.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { numbersOf } from "../../compiler/graph/lower.ts";
import type { BatchColumn, Trained } from "../../compiler/graph/programs.ts";
import { loadProgram } from "../../compiler/names/module.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";
import { checkDefinitions } from "../../compiler/types/check.ts";
import { randomTensors } from "../support/random-tensors.ts";

export const folder = fileURLToPath(new URL(".", import.meta.url));

export interface CheckedPipeline extends Pipeline {
  /** Of the libraries as well, which are checked for all sizes. */
  readonly diagnostics: readonly Diagnostic[];
}

export function pipelineIn(file: string): CheckedPipeline {
  return pipelineFrom(file, readFileSync(`${folder}${file}`, "utf8"));
}

/** Of a file that need not be there, beside those that are. */
export function pipelineFrom(file: string, text: string): CheckedPipeline {
  const program = loadProgram(sourceFile(file, text), libraryOf(folder));
  const definitions = program.modules.flatMap((module) => checkDefinitions(module));
  const pipeline = pipelineOf(program.entry, new Map());
  const diagnostics = [...program.diagnostics, ...definitions, ...pipeline.diagnostics];
  return { ...pipeline, diagnostics };
}

export function modelIn({ models }: Pipeline, name: string): NamedModel {
  const found = models.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the pipeline has no model ${name}`);
  return found;
}

/** What a model's programs read, by path: no parameter is at a value that hides a wrong gradient, such as 0. */
export function randomModel(named: NamedModel) {
  const { root } = named.model;
  const ties = tiesOf(root);
  const owned = parametersOf(root).filter(({ parameter }) => !ties.has(parameter.path));
  const random = randomTensors(named.name);
  const weights: Record<string, NdArray> = {};
  const trained: Trained[] = [];
  for (const { parameter } of owned) {
    const shape = numbersOf(parameter.shape);
    weights[parameter.path] = random.float(shape, [-0.8, 0.8]);
    trained.push({ name: parameter.path, type: { dtype: "f32", shape } });
  }
  return {
    root,
    nameOf: (path: string) => ties.get(path) ?? path,
    weights,
    /** Every parameter. */
    all: trained,
    /** Those that a training of the model changes. */
    trained: trained.filter(
      ({ name }) => named.model.trained === "all" || named.model.trained.has(name),
    ),
  };
}

const shape = [2, 7];

export const columns: ReadonlyMap<string, BatchColumn> = new Map([
  ["tokens", { dtype: "i32", shape: shape.slice(1) }],
  ["position", { dtype: "i32", shape: shape.slice(1) }],
  ["segment", { dtype: "i32", shape: shape.slice(1) }],
]);

/** Two windows: one of two documents, one that is padded. */
export const batch = {
  tokens: ndarray("i32", shape, [5, 9, 2, 7, 7, 30, 4, 8, 1, 61, 3, 5, 0, 0]),
  position: ndarray("i32", shape, [0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4, 0, 0]),
  segment: ndarray("i32", shape, [0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, -1, -1]),
} as const;
