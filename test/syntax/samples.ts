/** Programs that the tests of recovery break in every way. */

export interface Sample {
  readonly path: string;
  readonly text: string;
}

const pipeline = `// Teach a small llama to answer support questions.

import std/llama.{Llama}
import std/data.{jsonl, split, render, tokenize, pack}

model base = Llama from "hf:org/name@main" as nf4(block = 64)

dataset chats: Chat = jsonl("data/support.jsonl") |> split(held_out = 5%, seed = 7)
dataset training = chats.train |> tokenize(base.tokenizer) |> pack(length = 2048tok)

adapt support = base {
  Lora(rank = 16, alpha = 32.0) on layers.*.self_attn.{q_proj, v_proj}
  train layers.{0..11}.**
  freeze embed_tokens
}

/// Supervised.
train sft {
  model         = support
  learning_rate = cosine(peak = 2e-4, warmup = 3%, floor = 10%)
  batch         = 32seq
  eval          = every(50steps, on = held_out)
  metrics       = [perplexity, exact_match]
}

export merged {
  model = sft.model
  to    = "out/{sft.name}"
}
`;

const library = `import std/nn.{Linear}

enum Role { system, user, assistant }

record Config {
  width: dim = 8
  theta: float? = none
  require width % 2 == 0, "pairs, not {width}"
}

block Layer[D, ..S](config: Config, bias: bool = false) {
  param weight: float[D, D] init normal(0.02) if bias
  let inner = Linear[D, D](bias = true)
  tie inner.weight = other.weight if bias

  forward[B](x: float[B, ..S, D]) -> float[B, ..S, D] {
    let y = einsum(x: .. i, weight: o i -> .. o)
    let z = rearrange(y[:, 0 : B - 1]: b t (h k) -> b h t k, h = H)
    return if bias { -z * 2.0 } else { (y + z) / 3.0 }
  }

  merge base.weight = base.weight
  checkpoint "hf" {
    config { model_type = "llama" }
    weights { inner = "model.inner" }
  }
}

adapter Lora(rank: dim = 16) {
  rewrite Linear[I, O] as base {
    param lora_A: float[rank, I]
  }
}

optimizer sgd(momentum: float = 0.0) {
  state v: float = 0.0
  next v = momentum * v + grad
}

schedule flat(peak: float, warmup: span = 3%) {
  require warmup < length
  return peak
}

template chatml for Chat {
  for m in messages {
    "<|im_start|>{m.role}\\n"
    learn if m.role == assistant { "{m.content}" }
    if m.last { "a" } else { "b" }
  }
}

extern transform split(held_out: ratio) from row: { ..R } to train: { ..R }, held_out: { ..R }
transform shorten(limit: int) from row: { text: string, ..R } to { text = first(row.text, limit), ..R }
extern metric exact_match() -> float
fn twice[B](x: float[B]) -> float[B] { return x + x }
let last = true
`;

export const samples: readonly Sample[] = [
  { path: "pipeline.ftp", text: pipeline },
  { path: "library.ftp", text: library },
];
