/** The first 20 losses of training, in full and by LoRA, against PyTorch's AdamW and PEFT. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { interpret } from "../../compiler/graph/interpret.ts";
import { accumulateGraph, stateName, updateGraph } from "../../compiler/graph/programs.ts";
import { runPasses } from "../../compiler/passes.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { type NdArray, ndarray } from "../../compiler/tensor/ndarray.ts";
import { initialStates } from "../../compiler/types/apply.ts";
import { checking } from "../../compiler/types/check.ts";
import { moduleScope } from "../../compiler/types/scope.ts";
import type { Closure, Value } from "../../compiler/types/value.ts";
import { emptySums } from "../support/empty-sums.ts";
import { batchOf, columns, definition, folderOf, llama, tensorsOf, weightsOf } from "./llama.ts";

/** Rounding drifts over 20 steps; the fixtures' own noise is below 1e-5 a loss. */
const tolerance = 1e-4;

const cases = [
  ["llama-grouped", "full", "full"],
  ["llama-grouped", "full", "full-clipped"],
  ["llama-grouped", "lora", "lora"],
  ["llama-tied", "full", "full"],
  ["llama-tied", "lora", "lora"],
] as const;

test.each(cases)("%s, %s: the losses of the run %s", async (name, tuning, run) => {
  const folder = folderOf(name);
  const tuned = await llama(name, tuning);
  const { module, model, nameOf, trained } = tuned;
  const batches = await tensorsOf([`${folder}batches.safetensors`]);
  const { runs } = JSON.parse(readFileSync(`${folder}expected.json`, "utf8"));
  const settings = runs[run];
  const evaluate = (text: string): Value => {
    const { file } = parse(sourceFile("call.ftp", `let it = ${text}\n`));
    const [item] = file.items;
    if (item?.kind !== "let") throw new Error(`${text} is no expression`);
    const context = checking([]);
    return context.evaluate(context, moduleScope(module), item.value);
  };
  const optimizer = closure(evaluate(`adamw(weight_decay = ${settings.weight_decay.toFixed(3)})`));
  const steps = settings.losses.length;
  const length = {
    steps,
    spanSteps: (unit: string, amount: number) => (unit === "ratio" ? amount * steps : amount),
  };
  const schedule =
    settings.cosine === null
      ? settings.learning_rate
      : closure(
          evaluate(
            `cosine(peak = ${settings.learning_rate}, warmup = ${settings.cosine.warmup}steps, floor = ${100 * settings.cosine.floor}%)`,
          ),
        );
  const states = initialStates(checking([]), optimizer);
  const pass = (graph: Parameters<typeof runPasses>[0]) => runPasses(graph, { verify: true });
  const loss = definition(module, "next_token");
  const accumulate = pass(
    accumulateGraph(
      "accumulate",
      { root: model.root, nameOf },
      loss,
      { sequences: 2, columns },
      trained,
    ),
  );
  const clip = settings.clip ?? undefined;
  const update = pass(
    updateGraph("update", { trained, optimizer, schedule, length, clip, states }),
  );
  const held = { ...(await weightsOf(name, tuned)), ...emptySums(trained) };
  for (const { name: own, type } of trained)
    for (const state of states.keys()) held[stateName(own, state)] = ndarray("f32", type.shape);
  for (let step = 0; step < steps; step++) {
    replace(held, accumulate, interpret(accumulate, { ...held, ...batchOf(batches, step % 4) }));
    const results = interpret(update, { ...held, step: ndarray("f32", [], [step]) });
    const found = results["loss.sum"].data[0] / results["loss.count"].data[0];
    expect(Math.abs(found / settings.losses[step] - 1), `step ${step}`).toBeLessThan(tolerance);
    expect(Math.abs(results.norm.data[0] / settings.norms[step] - 1), `norm ${step}`).toBeLessThan(
      1e-3,
    );
    replace(held, update, results);
  }
});

function replace(
  held: Record<string, NdArray>,
  graph: ReturnType<typeof runPasses>,
  results: Readonly<Record<string, NdArray>>,
): void {
  for (const { name, replaces } of graph.outputs) {
    if (replaces !== undefined) held[replaces] = results[name];
  }
}

function closure(value: Value): Closure {
  if (value.kind === "closure") return value;
  throw new Error("the call gave no closure");
}
