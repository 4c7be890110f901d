/** Pipelines on a model that trains in an instant, and running them as the command line does. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { recordingIo } from "./io.ts";

const corpus = ["red", "blue", "old", "new"]
  .flatMap((first) => ["warm", "cold"].map((last) => `a ${first} cat on a ${last} mat`))
  .join("\n\n");

/** What pipelines of `trainingPipeline` read. */
export const tinyFiles = { "corpus.txt": `${corpus}\n` };

/** The smallest llama that `trainingPipeline` takes. */
export const tinyLlama = `Llama(
  LlamaConfig(
    vocab_size = 270,
    hidden_size = 8,
    num_hidden_layers = 1,
    num_attention_heads = 2,
    intermediate_size = 8,
    max_position_embeddings = 32tok
  ),
  tokenizer = tokenizer
)`;

/** `model` is an expression for a model of 270 tokens, and `rest` what is done with `base` and `windows`. */
export function trainingPipeline(imports: string, model: string, rest: string): string {
  return `${imports}
import std/data.{text, tokenize, pack}
import std/loss.{next_token}
import std/metric.{perplexity}

dataset corpus = text("corpus.txt")

let tokenizer = bpe(corpus, vocabulary = 270, special = ["<|end|>"], end = "<|end|>")

model base = ${model}

dataset windows = corpus |> tokenize(tokenizer, end = true) |> pack(length = 16tok)

${rest}`;
}

/** Two sequences a step, and the losses in the record. */
export function trainStep(name: string, model: string, fields: string): string {
  return `train ${name} {
  model   = ${model}
  dataset = windows
  loss    = next_token
  batch   = 2seq
  length  = 4steps
  ${fields}
}
`;
}

export function evaluateStep(name: string, models: readonly string[]): string {
  return `evaluate ${name} {
  models  = [${models.join(", ")}]
  dataset = windows
  loss    = next_token
  metrics = [perplexity]
}
`;
}

export interface Ran {
  readonly stdout: string;
  readonly losses: (step: string) => readonly number[];
  readonly perplexity: (step: string, model: string) => number;
  readonly metric: (step: string, model: string, name: string) => number;
}

/** Runs `NAME.ftp` of a folder to its end, and reads its record. */
export async function runPipeline(folder: string, name: string): Promise<Ran> {
  const io = recordingIo(folder);
  const code = await runCommandLine(["run", `${name}.ftp`], io);
  expect(io.written.stderr).not.toContain("error[");
  expect({ code, stderr: io.written.stderr }).toMatchObject({ code: 0 });
  const record = JSON.parse(readFileSync(join(folder, `${name}.ftp.record`), "utf8"));
  const metric: Ran["metric"] = (step, model, name) => record.evaluations[step][model][name];
  return {
    stdout: io.written.stdout,
    losses: (step) => record.trainings[step].losses,
    perplexity: (step, model) => metric(step, model, "perplexity"),
    metric,
  };
}
