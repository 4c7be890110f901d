/** A small experiment in a folder of its own, and the command line in it. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommandLine } from "../../compiler/cli.ts";
import { type Lock, readLock } from "../../runtime/lock.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { writeTinyLlama } from "../support/tiny-llama.ts";

export const pipeline = `// Teaches a random model to say which number comes next.

import std/llama.{Llama}
import std/lora.{Lora}
import std/data.{jsonl, render, tokenize, pad}
import std/loss.{next_token}
import std/optim.{adamw}
import own.{asking, Pair}

model base = Llama from "model"

dataset pairs: Pair = jsonl("rows.jsonl")
dataset training = pairs |> render(asking) |> tokenize(base.tokenizer) |> pad(length = 16tok)

adapt tuned = base { Lora(rank = 2, alpha = 4.0) on layers.*.self_attn.q_proj }

train sft {
  model         = tuned
  dataset       = training
  loss          = next_token
  optimizer     = adamw
  learning_rate = 1e-2
  batch         = 2seq
  length        = 2steps
  save          = "out/sft"
}
`;

const own = `/// How a row is written.

record Pair {
  question: string
  answer:   string
}

template asking for Pair {
  "{question}="
  learn { "{answer}<|end|>" }
}
`;

const rows = `{"question":"1","answer":"2"}
{"question":"2","answer":"3"}
{"question":"3","answer":"4"}
{"question":"4","answer":"5"}
`;

export interface Experiment {
  readonly folder: string;
  /** `ftc WORDS` in the folder. */
  ftc(...words: readonly string[]): Promise<Ended>;
  write(file: string, text: string): void;
  read(file: string): string;
  /** Replaces a part of a file, which must be there. */
  edit(file: string, from: string, to: string): void;
  lock(): Promise<Lock>;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function experiment(
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Experiment> {
  const folder = folderWith({ "exp.ftp": pipeline, "own.ftp": own, "rows.jsonl": rows, ...files });
  await writeTinyLlama(join(folder, "model"));
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  return {
    folder,
    read,
    write,
    edit: (file, from, to) => {
      if (!read(file).includes(from)) throw new Error(`${file} does not say ${from}`);
      write(file, read(file).replace(from, to));
    },
    ftc: async (...words) => {
      const io = { ...recordingIo(folder), env };
      const code = await runCommandLine(words, io);
      return { code, ...io.written };
    },
    lock: async () => {
      const found = await readLock(join(folder, "exp.ftp.lock"));
      if (found.kind !== "lock") throw new Error(`the lock is ${found.kind}`);
      return found.lock;
    },
  };
}
