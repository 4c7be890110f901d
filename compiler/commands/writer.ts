/** What `ftc generate` and `ftc chat` share: naming a model, opening it on a device, and letting it write. */

import type { Choice } from "../../runtime/choose.ts";
import type { Device } from "../../runtime/device.ts";
import { MachineError } from "../../runtime/errors.ts";
import { Executor } from "../../runtime/execute.ts";
import { Generator } from "../../runtime/generate.ts";
import type { Interrupt } from "../../runtime/interrupt.ts";
import { loadTensors } from "../../runtime/load.ts";
import type { Plan } from "../../runtime/plan.ts";
import { Progress } from "../../runtime/progress.ts";
import { streamText } from "../../runtime/stream.ts";
import type { Tokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import { bug } from "../bug.ts";
import { contextOf } from "../core/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hasErrors } from "../driver.ts";
import { runPasses } from "../passes.ts";
import { type SavedOptions, savedModelKey } from "../plan/saved.ts";
import { targetOf } from "../plan/target.ts";
import { writingPlan } from "../plan/writing.ts";
import { bareModel } from "./bare-model.ts";
import { count, type Io, number, required, UsageError, value } from "./command.ts";
import { loadPipeline } from "./load.ts";
import { savedModel, type WritableModel } from "./saved-model.ts";
import { showDiagnostics } from "./show.ts";
import { version } from "./version.ts";

/** Arguments and options of commands that take a model whose weights are somewhere. */
export const modelParameters = {
  of: required("MODEL", "a pipeline, or a model's folder or hf: address"),
  model: value("--model <NAME>", "a pipeline's model or step; its last model when left out"),
  adapter: value("--adapter <DIR>", "an adapter of PEFT's on a model's folder"),
  as: value("--as <BLOCK>", "the block that reads a model's folder, as in std/llama.Llama"),
} as const;

/** Arguments and options of commands that let a model write. */
export const writerParameters = {
  ...modelParameters,
  limit: count("--limit <N>", `new tokens at most (${256} when left out)`, 1),
  temperature: number("--temperature <T>", "draw tokens; 0 takes the likeliest", [0, 100]),
  topK: count("--top-k <K>", "draw from the K likeliest tokens", 1),
  topP: number("--top-p <P>", "draw from the likeliest tokens that reach this share", [0, 1]),
  seed: count("--seed <N>", "what draws begin from (0 when left out)"),
  device: value("--device <NAME>", "part of the name of the GPU to use"),
} as const;

export const usualLimit = 256;

interface NamedModelOptions {
  readonly of: string;
  readonly model: string | undefined;
  readonly adapter: string | undefined;
  readonly as: string | undefined;
}

/** Undefined after faults of a pipeline, which have been shown. */
export async function writableModel(
  io: Io,
  { of, model, adapter, as }: NamedModelOptions,
): Promise<WritableModel | undefined> {
  if (!of.endsWith(".ftp")) {
    if (model !== undefined)
      throw new UsageError("--model is for a pipeline, and this is a folder");
    return bareModel(io, { address: of, block: as, adapter });
  }
  const unfit = adapter === undefined ? as && "--as" : "--adapter";
  if (unfit !== undefined)
    throw new UsageError(`${unfit} is for a model's folder; a pipeline says it itself`);
  const loaded = await loadPipeline(io, of);
  showDiagnostics(io, loaded.diagnostics);
  return hasErrors(loaded.diagnostics) ? undefined : savedModel(loaded, model);
}

interface ChoiceOptions {
  readonly temperature: number | undefined;
  readonly topK: number | undefined;
  readonly topP: number | undefined;
  readonly seed: number | undefined;
}

/** The likeliest token, unless an option asks for drawing; the same options draw the same tokens. */
export function choiceOf({ temperature, topK, topP, seed = 0 }: ChoiceOptions): Choice {
  const draws = temperature ?? topK ?? topP;
  if (draws === undefined || temperature === 0) return { kind: "greedy" };
  return { kind: "sample", temperature: temperature ?? 1, topK, topP, seed };
}

export interface Writer {
  readonly generator: Generator;
  /** Tokens that a text and its continuation may have. */
  readonly context: number;
  close(): void;
}

/** Sizes are constants of kernels, so there are few of them: a driver keeps what it compiled for other prompts. */
const leastContext = 256;

/** Tokens for a text and its continuation: at least as many as are wanted, or as the model reads. */
export function contextFor({ named }: WritableModel, wanted: number): number {
  const whole = 2 ** Math.ceil(Math.log2(Math.max(leastContext, wanted)));
  return Math.min(whole, contextOf(named.model.root) ?? whole);
}

/** Undefined after faults, which have been shown. */
export async function openWriter(
  io: Io,
  model: WritableModel,
  device: Device,
  context: number,
): Promise<Writer | undefined> {
  const found: Diagnostic[] = [];
  const plan = writingPlan(model.named, { ...savedOptions(model, device, found), context });
  showDiagnostics(io, found);
  if (hasErrors(found)) return undefined;
  const generate = plan.models[savedModelKey].generate ?? bug("a writing plan does not generate");
  const executor = await openSaved(io, model, device, plan);
  const generator = await Generator.open(executor, generate);
  return { generator, context, close: () => executor.close() };
}

/** How a plan for a saved model is made; `found` is given its faults. */
export function savedOptions(
  { source, placeOf }: WritableModel,
  device: Device,
  found: Diagnostic[],
): SavedOptions {
  return {
    source,
    placeOf,
    compiler: `ftc ${version()}`,
    target: targetOf(device.description),
    optimise: (graph) => runPasses(graph, { verify: false }),
    broken: (fault) => void found.push(fault),
  };
}

/** The plan on the device, with the model's weights. */
export async function openSaved(
  io: Io,
  model: WritableModel,
  device: Device,
  plan: Plan,
): Promise<Executor> {
  const executor = await Executor.open(device, plan);
  const progress = new Progress(io.stderr);
  await loadTensors(executor, model.folderOf, (done, all) =>
    progress.activity(`loading weights  ${done}/${all}`),
  );
  progress.end();
  return executor;
}

export interface Asked {
  readonly prompt: Int32Array;
  /** New tokens at most. */
  readonly limit: number;
  /** Tokens that end an answer, beside those that end the model's texts. */
  readonly stop: readonly number[];
  readonly choice: Choice;
  readonly interrupt: Interrupt;
}

/** @throws MachineError where nothing could follow the prompt */
export function requireRoom(prompt: Int32Array, context: number): void {
  if (prompt.length < context) return;
  throw new MachineError(
    `the text has ${prompt.length} tokens, and ${context} with the answer are all that is read`,
  );
}

export interface Answer {
  readonly text: string;
  readonly tokens: number;
  /** `stop` is the model's own end; `context` is one that is full. */
  readonly ended: "stop" | "limit" | "context" | "interrupted";
}

/** `show` hears the text as it is written. Ctrl-C ends the answer early, and what there is of it is the answer. */
export async function answerOf(
  { generator, context }: Writer,
  tokenizer: Tokenizer,
  { prompt, limit, stop, choice, interrupt }: Asked,
  show: (text: string) => void,
): Promise<Answer> {
  const writing = {
    limit,
    stop: new Set([...tokenizer.specials.stops, ...stop]),
    choice,
    isStopped: () => interrupt.isRequested,
  };
  const streamed = await streamText(generator, tokenizer, prompt, writing, show);
  const tokens = streamed.tokens.length;
  return { text: streamed.text, tokens, ended: ending() };

  function ending(): Answer["ended"] {
    if (interrupt.isRequested) return "interrupted";
    if (tokens === limit) return "limit";
    return prompt.length + tokens >= context ? "context" : "stop";
  }
}
