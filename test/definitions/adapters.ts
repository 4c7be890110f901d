/** Mistakes in adapters that no pipeline puts on anything: rewrites, what they bring, `merge`, `checkpoint`. */

import type { Mistake } from "./mistake.ts";

interface Parts {
  readonly parameters?: string;
  readonly members?: string;
  readonly forward?: string;
  readonly merge?: string;
  readonly peft?: string;
  readonly rewrite?: string;
  readonly more?: string;
}

/** A low-rank adapter, with these clauses in place of its own. */
function low(parts: Parts): string {
  return `adapter Low(${parts.parameters ?? "rank: dim = 8, alpha: float = 16.0"}) {
  ${parts.rewrite ?? "rewrite Linear[I, O] as base"} {
    param down: float[rank, I] init kaiming_uniform()
    param up: float[O, rank] init zeros()
    ${parts.members ?? ""}
    ${
      parts.forward ??
      `forward[..S](x: float[..S, I]) -> float[..S, O] {
      return base(x) + alpha / rank * einsum(einsum(x: .. i, down: r i -> .. r): .. r, up: o r -> .. o)
    }`
    }
    ${parts.merge ?? "merge base.weight = base.weight + alpha / rank * einsum(up: o r, down: r i -> o i)"}
    ${parts.peft ?? `checkpoint "peft" { config { peft_type = "LORA" } weights { down = "lora_A.weight"  up = "lora_B.weight" } }`}
  }${parts.more ?? ""}
}`;
}

export const adapters: readonly Mistake[] = [
  // Parameters
  [
    "a parameter twice",
    "defined-twice",
    low({ parameters: "rank: dim = 8, alpha: float = 16.0, ‹rank›: dim = 4" }),
  ],
  [
    "a parameter that nothing reads",
    "never-read",
    low({ parameters: "rank: dim = 8, alpha: float = 16.0, ‹drop›: ratio = 0%" }),
  ],
  [
    "a default of another unit",
    "bare-number",
    low({
      parameters: "rank: dim = 8, alpha: float = 16.0, drop: ratio = ‹0.1›",
      members: "require drop < 100%",
    }),
  ],
  [
    "a rank of 0 by default",
    "type-mismatch",
    low({ parameters: "rank: dim = ‹0›, alpha: float = 16.0" }),
  ],
  [
    "a type that is not there",
    "no-such-name",
    low({ parameters: "rank: dim = 8, alpha: ‹flaot› = 16.0" }),
  ],

  // What it rewrites
  ["a block that is not there", "no-such-name", low({ rewrite: "rewrite ‹Lineer›[I, O] as base" })],
  ["what is no block", "not-that-kind", low({ rewrite: "rewrite ‹silu›[I, O] as base" })],
  ["a size too few", "missing-argument", low({ rewrite: "rewrite ‹Linear›[I] as base" })],
  ["a run for a size", "missing-argument", low({ rewrite: "rewrite ‹Linear›[I, ..O] as base" })],
  ["a size twice", "defined-twice", low({ rewrite: "rewrite Linear[I, ‹I›] as base" })],
  [
    "a size called as a parameter",
    "defined-twice",
    low({ rewrite: "rewrite Linear[I, ‹rank›] as base" }),
  ],
  ["the base called as a size", "defined-twice", low({ rewrite: "rewrite Linear[I, O] as ‹I›" })],
  [
    "one block by two rewrites",
    "defined-twice",
    low({
      more: "\n  rewrite ‹Linear›[I, O] as base { param s: float[O] init ones()  forward[..S](x: float[..S, I]) -> float[..S, O] { return base(x) * s } }",
    }),
  ],
  ["no rewrite", "missing-field", "adapter ‹Low›() { }"],
  [
    "no forward",
    "missing-field",
    "adapter Low() { rewrite ‹Linear›[I, O] as base { param s: float[O] init ones()  merge base.bias = base.bias * s } }",
  ],

  // What it brings
  [
    "a parameter of a rewrite that nothing reads",
    "never-read",
    low({ members: "param ‹gate›: float[O] init ones()" }),
  ],
  [
    "a let of a rewrite that nothing reads",
    "never-read",
    low({ members: "let ‹scale› = alpha / rank" }),
  ],
  [
    "a parameter of a rewrite twice",
    "defined-twice",
    low({ members: "param ‹up›: float[O, rank] init zeros()" }),
  ],
  [
    "a size that is not there",
    "no-such-name",
    low({ members: "param gate: float[‹P›] init ones()" }),
  ],
  [
    "a start that is not there",
    "no-such-name",
    low({ members: "param gate: float[O] init ‹one›()" }),
  ],
  ["a start of a number", "type-mismatch", low({ members: "param gate: float[O] init ‹1.0›" })],
  [
    "a requirement that names nothing",
    "no-such-name",
    low({ members: "require rank <= min(I, ‹P›)" }),
  ],
  ["a requirement that is a number", "type-mismatch", low({ members: "require ‹rank›" })],
  [
    "a requirement that never holds",
    "requirement-broken",
    low({ members: "require ‹rank == rank + 1›" }),
  ],
  ["a part that is not there", "no-such-name", low({ members: "let more = ‹Liner›[I, O]()" })],
  ["a tie to nothing", "no-such-field", low({ members: "tie up = ‹dwon›" })],
  ["a tie of two shapes", "size-unproved", low({ members: "tie ‹up› = down" })],

  // Forward
  [
    "a forward that takes another name",
    "adapter-does-not-fit",
    low({
      forward:
        "forward[..S](y: float[..S, I]) -> ‹float[..S, O]› { return base(y) + alpha / rank * einsum(einsum(y: .. i, down: r i -> .. r): .. r, up: o r -> .. o) }",
    }),
  ],
  [
    "a forward that takes one more",
    "adapter-does-not-fit",
    low({
      forward:
        "forward[..S](x: float[..S, I], y: float) -> ‹float[..S, O]› { return base(x) + y * alpha / rank * einsum(einsum(x: .. i, down: r i -> .. r): .. r, up: o r -> .. o) }",
    }),
  ],
  [
    "a forward of other axes",
    "adapter-does-not-fit",
    low({
      forward:
        "forward[B, T](x: float[B, T, I]) -> ‹float[B, T, O]› { return base(x) + alpha / rank * einsum(einsum(x: .. i, down: r i -> .. r): .. r, up: o r -> .. o) }",
    }),
  ],
  [
    "a forward with a letter of sizes that may differ",
    "size-unproved",
    low({
      forward:
        "forward[..S](x: float[..S, I]) -> float[..S, O] { return base(x) + alpha / rank * einsum(einsum(x: .. i, down: r i -> .. r): .. r, down: ‹o r› -> .. o) }",
    }),
  ],
  [
    "a forward that gives the base what it does not take",
    "size-unproved",
    low({
      forward:
        "forward[..S](x: float[..S, I]) -> float[..S, O] { return base(‹base(x)›) + alpha / rank * einsum(einsum(x: .. i, down: r i -> .. r): .. r, up: o r -> .. o) }",
    }),
  ],
  [
    "a part of the base that is not there",
    "no-such-field",
    low({
      forward:
        "forward[..S](x: float[..S, I]) -> float[..S, O] { return base(x) + alpha / rank * einsum(einsum(x: .. i, base.‹wait›: r i -> .. r): .. r, up: o r -> .. o) }",
    }),
  ],
  [
    "two forwards",
    "defined-twice",
    low({ members: "forward[..S](x: float[..S, I]) -> float[..S, O] { return base(x) }" }).replace(
      "forward[..S](x: float[..S, I]) -> float[..S, O] {\n",
      "‹forward›[..S](x: float[..S, I]) -> float[..S, O] {\n",
    ),
  ],

  // Merge
  [
    "a merge of what is not there",
    "no-such-field",
    low({ merge: "merge ‹base.wieght› = base.weight" }),
  ],
  ["a merge of what is not the base's", "no-such-field", low({ merge: "merge ‹up› = up" })],
  [
    "a merge of another shape",
    "size-mismatch",
    low({ merge: "merge base.weight = ‹einsum(up: o r, down: r i -> i o)›" }),
  ],
  [
    "a merge of another rank",
    "size-mismatch",
    low({ merge: "merge base.weight = ‹einsum(up: o r, down: r i -> o)›" }),
  ],
  ["a merge of a number", "size-mismatch", low({ merge: "merge base.weight = ‹alpha / rank›" })],
  ["a merge of bools", "dtype-mismatch", low({ merge: "merge base.weight = ‹base.weight > 0.0›" })],
  [
    "a merge of a name that is not there",
    "no-such-name",
    low({ merge: "merge base.weight = base.weight + ‹scale› * einsum(up: o r, down: r i -> o i)" }),
  ],
  [
    "a merge twice",
    "defined-twice",
    low({ merge: "merge base.weight = base.weight\n    merge ‹base.weight› = 2.0 * base.weight" }),
  ],

  // Checkpoint
  [
    "the layout of a model in an adapter",
    "no-such-name",
    low({ peft: 'checkpoint ‹"hf"› { weights { down = "a"  up = "b" } }' }),
  ],
  [
    "a part that is not there",
    "no-such-field",
    low({
      peft: 'checkpoint "peft" { config { peft_type = "LORA" } weights { down = "a"  up = "b"  ‹gate› = "c" } }',
    }),
  ],
  [
    "a part twice",
    "defined-twice",
    low({
      peft: 'checkpoint "peft" { config { peft_type = "LORA" } weights { down = "a"  up = "b"  ‹up› = "c" } }',
    }),
  ],
  [
    "two parts of one name",
    "defined-twice",
    low({
      peft: 'checkpoint "peft" { config { peft_type = "LORA" } weights { down = "a"  up = ‹"a"› } }',
    }),
  ],
  [
    "no type of PEFT's",
    "missing-field",
    low({ peft: 'checkpoint ‹"peft"› { config { r = rank } weights { down = "a"  up = "b" } }' }),
  ],
  [
    "a config value of a name that is not there",
    "no-such-name",
    low({
      peft: 'checkpoint "peft" { config { peft_type = "LORA"  r = ‹ranks› } weights { down = "a"  up = "b" } }',
    }),
  ],
  [
    "a config value of what is trained",
    "no-such-name",
    low({
      peft: 'checkpoint "peft" { config { peft_type = "LORA"  r = ‹up› } weights { down = "a"  up = "b" } }',
    }),
  ],
  [
    "a config value that no JSON holds",
    "type-mismatch",
    low({
      peft: 'checkpoint "peft" { config { peft_type = "LORA"  r = ‹silu› } weights { down = "a"  up = "b" } }',
    }),
  ],
  [
    "a config field twice",
    "defined-twice",
    low({
      peft: 'checkpoint "peft" { config { peft_type = "LORA"  r = rank  ‹r› = 3 } weights { down = "a"  up = "b" } }',
    }),
  ],
];
