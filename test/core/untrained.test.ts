/** A model that is asked for where its trained form was meant, as far as that can be told. */

import { expect, test } from "vitest";
import { check } from "../../compiler/driver.ts";
import { textOf } from "../../compiler/source/file.ts";
import { loaded } from "../support/library.ts";
import { evaluateStep, tinyLlama, trainingPipeline, trainStep } from "../support/run-pipeline.ts";

const imports = `import std/llama.{Llama, LlamaConfig}
import std/lora.{Lora}
import std/optim.{adamw}`;

const adapt = `adapt clerk = base {
  Lora(rank = 2) on layers.*.mlp.up_proj
}
`;

const sft = trainStep("sft", "clerk", "optimizer = adamw()\n  learning_rate = 1e-2");

const exported = (name: string) => `export whole {
  model = ${name}
  to    = "out"
}
`;

/** The places that are warned of, as written. */
function warned(...steps: readonly string[]): string[] {
  const program = loaded(trainingPipeline(imports, tinyLlama, [adapt, ...steps].join("\n")));
  const { diagnostics } = check(program, new Map());
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return diagnostics
    .filter(({ slug }) => slug === "untrained-model")
    .map(({ primary }) => textOf(primary.span));
}

test("an evaluation of what a training starts from is warned of where nothing asks for its result", () => {
  expect(warned(sft, evaluateStep("after", ["base", "clerk"]))).toEqual(["clerk"]);
});

test("so is an export", () => {
  expect(warned(sft, exported("clerk"))).toEqual(["clerk"]);
});

test("nothing is said where the result is asked for as well", () => {
  expect(warned(sft, evaluateStep("after", ["clerk", "sft.model"]))).toEqual([]);
});

test("nothing is said of what comes before the training", () => {
  expect(warned(evaluateStep("before", ["clerk"]), sft)).toEqual([]);
});

test("nothing is said where a later training goes on from the result", () => {
  const more = trainStep("more", "sft.model", "optimizer = adamw()\n  learning_rate = 1e-2");
  const after = evaluateStep("after", ["clerk", "more.model"]);
  expect(warned(sft, more, after)).toEqual([]);
});
