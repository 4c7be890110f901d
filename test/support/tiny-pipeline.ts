/** A pipeline that has every kind of step and plans in a moment: a model of sixteen channels on four rows. */

export const tinyPipeline = `// A small model that learns to answer.

import std/llama.{Llama, LlamaConfig}
import std/lora.{Lora}
import std/data.{jsonl, text, render, tokenize, pad}
import std/loss.{next_token}
import std/metric.{perplexity}
import std/optim.{adamw}
import std/schedule.{cosine}

record Problem {
  question: string
  answer:   string
}

template asking for Problem {
  "Q: {question}\\nA:"
  learn { " {answer}<|end|>" }
}

dataset words = text("words.txt")

let tokenizer = bpe(words, vocabulary = 258, special = ["<|end|>", "<|pad|>"], end = "<|end|>", padding = "<|pad|>")

model tiny = Llama(
  LlamaConfig(
    vocab_size = 258,
    hidden_size = 16,
    num_hidden_layers = 1,
    num_attention_heads = 2,
    num_key_value_heads = 1,
    intermediate_size = 32,
    max_position_embeddings = 64tok
  ),
  tokenizer = tokenizer
)

dataset problems: Problem = jsonl("rows.jsonl")
dataset training = problems |> render(asking) |> tokenize(tokenizer) |> pad(length = 32tok)

adapt clerk = tiny {
  Lora(rank = 4, alpha = 8.0) on layers.*.self_attn.{q_proj, v_proj}
}

train sft {
  model         = clerk
  dataset       = training
  loss          = next_token
  optimizer     = adamw(weight_decay = 0.0)
  learning_rate = cosine(peak = 2e-4, warmup = 10%)
  grad_clip     = 1.0
  batch         = 2seq
  length        = 20steps
  seed          = 17
  eval          = every(10steps, on = training)
  save          = "out/clerk"
}

evaluate quality {
  models  = [clerk]
  dataset = training
  loss    = next_token
  metrics = [perplexity]
}
`;

const questions = ["1 + 1", "2 + 1", "2 + 2", "3 + 2"];

export const tinyFiles: Readonly<Record<string, string>> = {
  "words.txt": "one and two\n",
  "rows.jsonl": questions
    .map((question, at) => `${JSON.stringify({ question, answer: String(at + 2) })}\n`)
    .join(""),
};
