/**
 * A whole task in a folder, small enough to run in a second: a model of two layers with random weights, its
 * tokenizer of single bytes, a hundred rows, and a pipeline that trains an adapter on them. Tests break one part.
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { trainBpe } from "../../runtime/tokenizer/train.ts";
import { bytesOf } from "../../runtime/weights/write.ts";
import { recordingIo } from "../support/io.ts";
import { randomTensors } from "../support/random-tensors.ts";

export const config = {
  model_type: "pair-reader",
  vocab_size: 258,
  hidden_size: 16,
  max_position_embeddings: 64,
};

/** By name, as the checkpoint has them. */
const shapes: Readonly<Record<string, readonly number[]>> = {
  "embed.weight": [258, 16],
  "places.weight": [64, 16],
  "layers.0.weight": [16, 16],
  "layers.1.weight": [16, 16],
  "head.weight": [258, 16],
};

const pipeline = `import std/nn.{Linear, Embedding}
import std/lora.{Lora}
import std/data.{jsonl, render, tokenize, pad}
import std/loss.{next_token}
import std/optim.{adamw}

record ReaderConfig {
  vocab_size:              dim
  hidden_size:             dim
  max_position_embeddings: tokens
}

block Reader(config: ReaderConfig) {
  let embed  = Embedding[config.vocab_size, config.hidden_size]()
  let places = Embedding[config.max_position_embeddings, config.hidden_size]()
  let layers = stack(2, Linear[config.hidden_size, config.hidden_size]())
  let head   = Linear[config.hidden_size, config.vocab_size]()

  forward[B, T](tokens: int[B, T], position: int[B, T]) -> float[B, T, config.vocab_size] {
    return head(layers(embed(tokens) + places(position)))
  }

  checkpoint "hf" {
    config {
      model_type = "pair-reader"
    }
  }
}

record Pair {
  ask:    string
  answer: string
}

template line for Pair {
  "{ask} "
  learn { "{answer}<|end|>" }
}

model base = Reader from "model"

dataset pairs: Pair = jsonl("pairs.jsonl")
dataset training = pairs |> render(line) |> tokenize(base.tokenizer) |> pad(length = 32tok)

adapt tuned = base {
  Lora(rank = 2, alpha = 4.0) on layers.*
}

train fit {
  model         = tuned
  dataset       = training
  loss          = next_token
  optimizer     = adamw(weight_decay = 0.0)
  learning_rate = 0.01
  batch         = 4seq
  length        = 6steps
  seed          = 3
  save          = "out/fit"
}
`;

const answers = ["red", "green", "blue", "grey"];

/** Line `n` of the rows asks for the colour of thing \`n\`. */
export const rows: readonly string[] = Array.from({ length: 100 }, (_, at) =>
  JSON.stringify({ ask: `thing ${at + 1}`, answer: answers[at % answers.length] }),
);

export interface Weight {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function weights(): Map<string, Weight> {
  const random = randomTensors("a model to break");
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const data = Float32Array.from(random.float(shape, [-0.3, 0.3]).data);
      return [name, { dtype: "F32", shape, data }];
    }),
  );
}

/** A safetensors file, made without the project's own writer so that it can also be made wrong. */
export function safetensors(
  tensors: ReadonlyMap<string, Weight>,
  change: (header: Record<string, { data_offsets: [number, number] }>) => void = () => {},
): Buffer {
  let end = 0;
  const header: Record<string, { dtype: string; shape: unknown; data_offsets: [number, number] }> =
    {};
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  change(header);
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...[...tensors.values()].map(({ data }) => bytesOf(data))]);
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Task {
  readonly folder: string;
  write(name: string, content: string | Uint8Array): void;
  /** Puts a text of the pipeline in another's place. */
  edit(from: string, to: string): void;
  path(name: string): string;
  /** A command in this process. */
  ftc(...words: readonly string[]): Promise<Ended>;
}

/** A sound task, or one that has been there before; gone after the test. */
export function task(like?: Task): Task {
  const made = taskToKeep();
  onTestFinished(() => rmSync(made.folder, { recursive: true }));
  if (like !== undefined) cpSync(like.folder, made.folder, { recursive: true });
  return made;
}

/** A sound task whose folder its user deletes. */
export function taskToKeep(): Task {
  const folder = mkdtempSync(join(tmpdir(), "ftc-task-"));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  write("model/config.json", JSON.stringify(config));
  write("model/model.safetensors", safetensors(weights()));
  write("model/tokenizer.json", trainBpe([], 258, ["<|end|>"]));
  write("model/tokenizer_config.json", JSON.stringify({ eos_token: "<|end|>" }));
  write("pairs.jsonl", `${rows.join("\n")}\n`);
  write("task.ftp", pipeline);
  return {
    folder,
    path,
    write,
    edit(from, to) {
      const text = readFileSync(path("task.ftp"), "utf8");
      if (!text.includes(from)) throw new Error(`the pipeline has no ${from}`);
      write("task.ftp", text.replace(from, to));
    },
    async ftc(...words) {
      const io = recordingIo(folder);
      const code = await runCommandLine(words, io);
      return { code, ...io.written };
    },
  };
}
