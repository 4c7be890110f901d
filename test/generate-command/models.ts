/** A folder with a random model, an adapter of it and a pipeline that says both; and the command line in it. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { writeAdapter } from "../../runtime/weights/peft.ts";
import { recordingIo } from "../support/io.ts";
import { randomTensors } from "../support/random-tensors.ts";
import { writeTinyLlama } from "../support/tiny-llama.ts";

export const pipeline = `// A model, an adapter on it, and a training that saves it.

import std/llama.{Llama, LlamaConfig}
import std/lora.{Lora}
import std/data.{text, tokenize, pack}
import std/loss.{next_token}
import std/optim.{adamw}

model base = Llama from "model"

model fresh = Llama(
  LlamaConfig(
    vocab_size = 259,
    hidden_size = 16,
    num_hidden_layers = 1,
    num_attention_heads = 2,
    intermediate_size = 24,
    max_position_embeddings = 64tok
  ),
  tokenizer = base.tokenizer
)

dataset windows = text("corpus.txt") |> tokenize(base.tokenizer, end = true) |> pack(length = 16tok)

adapt tuned = base { Lora(rank = 2, alpha = 4.0) on layers.*.self_attn.{q_proj, v_proj} }

train sft {
  model         = tuned
  dataset       = windows
  loss          = next_token
  optimizer     = adamw
  learning_rate = 1e-2
  batch         = 1seq
  length        = 1steps
  save          = "out/sft"
}
`;

const template =
  "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{{ '<|end|>' if m.role == 'assistant' else '' }}" +
  "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Models {
  readonly folder: string;
  /** `ftc WORDS` in the folder, with `typed` in standard input. */
  ftc(words: readonly string[], typed?: string): Promise<Ended>;
  /** Its JSON, of a command that must end well. */
  json(words: readonly string[], typed?: string): Promise<Readonly<Record<string, unknown>>>;
}

/** The same folder for every test of a file: nothing in it changes. */
export function models(): Models {
  const folder = mkdtempSync(join(tmpdir(), "ftc-test-"));
  // A software adapter compiles each kernel that it has not seen before in tenths of a second.
  vi.setConfig({ testTimeout: 180_000 });
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    await writeTinyLlama(join(folder, "model"), { chatTemplate: template });
    await writeTinyLlama(join(folder, "plain"), { title: "another" });
    await writeTinyLlama(join(folder, "strange"), {
      config: { architectures: ["StrangeForCausalLM"] },
    });
    writeFileSync(join(folder, "exp.ftp"), pipeline);
    writeFileSync(join(folder, "corpus.txt"), "some words\n");
    await adapter(join(folder, "out/sft"));
  });
  const ftc = async (words: readonly string[], typed?: string): Promise<Ended> => {
    const io = recordingIo(folder, typed);
    const code = await runCommandLine(words, io);
    return { code, ...io.written };
  };
  return {
    folder,
    ftc,
    json: async (words, typed) => {
      const { code, stdout, stderr } = await ftc([...words, "--json"], typed);
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    },
  };
}

/** As a run of the pipeline saves it, with random weights. */
async function adapter(folder: string): Promise<void> {
  const random = randomTensors("adapter");
  const modules = ["q_proj", "v_proj"].map((name) => `model.layers.0.self_attn.${name}`);
  const others = ["k_proj", "o_proj"].map((name) => `model.layers.0.self_attn.${name}`);
  const tensors = modules.flatMap((module) =>
    (["lora_A", "lora_B"] as const).map((parameter) => {
      const out = module.endsWith("q_proj") ? 16 : 8;
      const shape = parameter === "lora_A" ? [2, 16] : [out, 2];
      const bytes = new Uint8Array(Float32Array.from(random.float(shape).data).buffer);
      return { module, parameter, dtype: "F32" as const, shape, data: () => [bytes] };
    }),
  );
  const config = { peft_type: "LORA", r: 2, lora_alpha: 4, lora_dropout: 0, bias: "none" };
  const weights = { lora_A: "lora_A.weight", lora_B: "lora_B.weight" };
  await writeAdapter(folder, {
    base: "model",
    adapters: [{ name: "Lora", arguments: {}, modules, peft: { config, weights } }],
    tensors,
    modules: [...modules, ...others],
    task: "CAUSAL_LM",
  });
}
