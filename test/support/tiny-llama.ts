/** A llama of a few thousand random weights with a tokenizer of bytes, written as a folder of Hugging Face's. */

import { tokenizerFrom } from "../../runtime/tokenizer/tokenizer.ts";
import { trainBpe, writeTokenizer } from "../../runtime/tokenizer/train.ts";
import { writeModel } from "../../runtime/weights/model.ts";
import { randomTensors } from "./random-tensors.ts";

const hidden = 16;
const feedForward = 24;
const special = ["<|end|>", "<|user|>", "<|assistant|>"];
const vocabulary = 256 + special.length;

/** By file name; the tokens of the text are its bytes. */
const shapes: Readonly<Record<string, readonly number[]>> = {
  "model.embed_tokens.weight": [vocabulary, hidden],
  "model.layers.0.input_layernorm.weight": [hidden],
  "model.layers.0.self_attn.q_proj.weight": [hidden, hidden],
  "model.layers.0.self_attn.k_proj.weight": [hidden / 2, hidden],
  "model.layers.0.self_attn.v_proj.weight": [hidden / 2, hidden],
  "model.layers.0.self_attn.o_proj.weight": [hidden, hidden],
  "model.layers.0.post_attention_layernorm.weight": [hidden],
  "model.layers.0.mlp.gate_proj.weight": [feedForward, hidden],
  "model.layers.0.mlp.up_proj.weight": [feedForward, hidden],
  "model.layers.0.mlp.down_proj.weight": [hidden, feedForward],
  "model.norm.weight": [hidden],
  "lm_head.weight": [vocabulary, hidden],
};

const config = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: vocabulary,
  hidden_size: hidden,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  intermediate_size: feedForward,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
};

export interface TinyLlama {
  /** Another title gives other weights. */
  readonly title?: string;
  readonly chatTemplate?: string;
  /** What to say in config.json in place of what is there. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What it writes is printable: the logits of all other tokens are 0, and some of the others' are above that. */
export async function writeTinyLlama(folder: string, options: TinyLlama = {}): Promise<void> {
  const random = randomTensors(options.title ?? "tiny llama");
  const tokenizer = tokenizerFrom(trainBpe([], vocabulary, special), { end: "<|end|>" });
  await writeModel(folder, {
    tensors: Object.entries(shapes).map(([name, shape]) => {
      const numbers = Float32Array.from(random.float(shape).data);
      if (name === "lm_head.weight") {
        for (let id = 0; id < vocabulary; id++) {
          if (/^[!-~]$/.test(tokenizer.tokenOf(id) ?? "")) continue;
          numbers.fill(0, id * hidden, (id + 1) * hidden);
        }
      }
      const bytes = new Uint8Array(numbers.buffer);
      return { name, dtype: "F32", shape, data: () => [bytes] };
    }),
    config: { ...config, ...options.config },
    tokenizer: undefined,
  });
  await writeTokenizer(folder, tokenizer, options.chatTemplate);
}
