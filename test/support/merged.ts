/** The law of `merge`: a rewritten model computes what the model as it was computes with the merged weights. */

import { mergesOf } from "../../compiler/core/exports.ts";
import type { NamedModel } from "../../compiler/core/pipeline.ts";
import { GraphBuilder } from "../../compiler/graph/builder.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { attendBatch, GraphEmitter } from "../../compiler/graph/lower.ts";
import { mergeGraph } from "../../compiler/graph/merge.ts";
import {
  type BatchToLower,
  forwardOverBatch,
  type ModelToLower,
} from "../../compiler/graph/programs.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";

type Arrays = Readonly<Record<string, NdArray>>;

/** The model's logits of a batch, as training sees them. */
export function logitsGraph(model: ModelToLower, batch: BatchToLower): Graph {
  const builder = new GraphBuilder("logits");
  const emitter = new GraphEmitter(builder, {
    nameOf: model.nameOf,
    training: true,
    attend: attendBatch,
  });
  const { output } = forwardOverBatch(emitter, model, batch);
  if (output.kind !== "tensor" || output.node === undefined) throw new Error("no logits");
  builder.output("logits", output.node);
  return builder.build();
}

/** Every weight that adapters change, merged, under the name of its tensor. */
export function mergedWeights({ root, nameOf }: ModelToLower, weights: Arrays): Arrays {
  return Object.fromEntries(
    mergesOf(root).map(({ block, member, parameter }) => [
      nameOf(parameter.path),
      interpret(mergeGraph("merge", block, member, { nameOf }), weights, { exact: true }).weight,
    ]),
  );
}

/** The largest difference of a logit, in doubles. */
export function mergedDifference(
  named: NamedModel,
  model: ModelToLower & { readonly weights: Arrays },
  batch: BatchToLower & { readonly rows: Arrays },
): number {
  if (named.from === undefined) throw new Error(`${named.name} is not adapted`);
  const logits = (root: ModelToLower["root"], weights: Arrays) =>
    interpret(
      logitsGraph({ root, nameOf: model.nameOf }, batch),
      { ...weights, ...batch.rows },
      { exact: true },
    ).logits.data;
  const adapted = logits(model.root, model.weights);
  const merged = logits(named.from.model.root, {
    ...model.weights,
    ...mergedWeights(model, model.weights),
  });
  return adapted.reduce((most, one, at) => Math.max(most, Math.abs(one - merged[at])), 0);
}
