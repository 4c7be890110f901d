/** Mistakes in blocks that nobody builds: sizes, parts, parameters, ties, `forward`, `checkpoint`. */

import type { Mistake } from "./mistake.ts";

/** A block of one layer with this in front of its `forward`. */
function layer(members: string): string {
  return `block Own[D]() {
  let inner = Linear[D, D]()
${members}
  forward[..S](x: float[..S, D]) -> float[..S, D] { return inner(x) }
}`;
}

const config = `record Config { width: dim  layers: dim  tied: bool = false }
block Model(config: Config) {
  let embed = Embedding[config.width, config.width]()
  let layers = stack(config.layers, Linear[config.width, config.width]())
  let head = Linear[config.width, config.width]()
  forward[B](tokens: int[B]) -> float[B, config.width] { return head(layers(embed(tokens))) }
`;

export const blocks: readonly Mistake[] = [
  // Sizes and parameters of the block
  [
    "a size that nothing reads",
    "never-read",
    "block Own[D, ‹E›]() { param w: float[D] init zeros()  forward(x: float[D]) -> float[D] { return x * w } }",
  ],
  [
    "a run of axes as a size",
    "type-mismatch",
    "block Own[‹..D›]() { forward(x: float[..D]) -> float[..D] { return x } }",
  ],
  [
    "a parameter that nothing reads",
    "never-read",
    "block Own[D](‹rate›: ratio) { forward(x: float[D]) -> float[D] { return 2.0 * x } }",
  ],
  [
    "a parameter of another type",
    "type-mismatch",
    "block Own[D](rate: ratio = ‹true›) { forward(x: float[D]) -> float[D] { return rate * x } }",
  ],

  // Parts
  ["a part that nothing calls", "never-read", layer("  let ‹spare› = Linear[D, D]()")],
  ["a part twice", "defined-twice", layer("  let ‹inner› = Linear[D, D]()")],
  ["a part of a size that is not there", "no-such-name", layer("  let more = Linear[D, ‹F›]()")],
  ["a part of a size too few", "missing-argument", layer("  let more = ‹Linear[D]()›")],
  ["a part of a size of 0", "type-mismatch", layer("  let more = Linear[D, ‹0›]()")],
  ["a part of a size below 0", "type-mismatch", layer("  let more = Linear[D, ‹-4›]()")],
  ["a part of half a size", "type-mismatch", layer("  let more = Linear[D, ‹0.5 * D›]()")],
  ["a part of a run", "type-mismatch", layer("  let more = Linear[D, ‹..S›]()")],
  [
    "a part of a size that depends on a choice",
    "type-mismatch",
    "block Own[D](wide: bool) { let a = Linear[D, ‹if wide { 2 * D } else { D }›]()  forward(x: float[D]) -> float[D] { return x + 0.0 * x } }",
  ],
  [
    "a part of the smaller of two sizes",
    "type-mismatch",
    layer("  let more = Linear[D, ‹min(D, 4)›]()"),
  ],
  [
    "a part with an argument of another type",
    "bare-number",
    layer("  let more = Gate[D](‹0.5›)") +
      "\nblock Gate[D](rate: ratio) { forward(x: float[D]) -> float[D] { return rate * x } }",
  ],
  [
    "a part of an unmet requirement",
    "requirement-broken",
    'block Even[D]() { require D % 2 == 0, "pairs"  forward(x: float[D]) -> float[D] { return -x } }\nblock Own[D]() { let even = ‹Even[2 * D + 1]()›  forward(x: float[2 * D + 1]) -> float[2 * D + 1] { return even(x) } }',
  ],
  [
    "a let of another type",
    "type-mismatch",
    "block Own[D]() { let a: bool = ‹0.5›  forward(x: float[D]) -> float[D] { return if a { x } else { -x } } }",
  ],
  ["copies without a number", "type-mismatch", layer("  let more = stack(‹0.5›, Linear[D, D]())")],
  ["copies of no block", "type-mismatch", layer("  let more = stack(3, ‹silu›)")],
  [
    "copies that give what the next does not take",
    "size-mismatch",
    "block Own[D]() { let deep = stack(3, Linear[D, 2 * D]())  forward(x: float[D]) -> float[2 * D] { return ‹deep›(x) } }",
  ],
  [
    "a stack that is given nothing",
    "missing-argument",
    "block Own[D]() { let deep = stack(3, Linear[D, D]())  forward(x: float[D]) -> float[D] { return ‹deep()› } }",
  ],
  [
    "a stack that is given too much",
    "too-many-arguments",
    "block Own[D]() { let deep = stack(3, Linear[D, D]())  forward(x: float[D]) -> float[D] { return deep(x, ‹x›) } }",
  ],
  [
    "a stack of an argument that is not there",
    "no-such-field",
    "block Own[D]() { let deep = stack(3, Linear[D, D]())  forward(x: float[D]) -> float[D] { return deep(‹y› = x) } }",
  ],

  // Parameters
  [
    "a parameter that nothing multiplies",
    "never-read",
    layer("  param ‹w›: float[D] init zeros()"),
  ],
  [
    "a parameter twice",
    "defined-twice",
    layer("  param w: float[D] init zeros()\n  param ‹w›: float[D] init ones()"),
  ],
  [
    "a parameter called as a part",
    "defined-twice",
    layer("  param ‹inner›: float[D] init zeros()"),
  ],
  ["a parameter that is a number", "type-mismatch", layer("  param w: ‹float› init zeros()")],
  ["a parameter of ints", "type-mismatch", layer("  param w: ‹int[D]› init zeros()")],
  ["a parameter of bools", "type-mismatch", layer("  param w: ‹bool[D]› init zeros()")],
  [
    "a parameter of a size that is not there",
    "no-such-name",
    layer("  param w: float[‹F›] init zeros()"),
  ],
  ["a parameter of a run", "no-such-name", layer("  param w: float[‹..S›] init zeros()")],
  ["a start that is a number", "type-mismatch", layer("  param w: float[D] init ‹0.5›")],
  ["a start that is a function", "type-mismatch", layer("  param w: float[D] init ‹silu›")],
  ["a start that is not called", "no-such-name", layer("  param w: float[D] init ‹zeros›")],
  ["a start that is not there", "no-such-name", layer("  param w: float[D] init ‹zeroes›()")],
  ["a start of another type", "type-mismatch", layer('  param w: float[D] init normal(‹"1"›)')],
  [
    "a condition that is a number",
    "type-mismatch",
    layer("  param w: float[D] init zeros() if ‹D›"),
  ],
  [
    "a condition that is not there",
    "no-such-name",
    layer("  param w: float[D] init zeros() if ‹bias›"),
  ],

  // Requirements
  ["a requirement that is a number", "type-mismatch", layer("  require ‹D›")],
  ["a requirement that names nothing", "no-such-name", layer("  require ‹K› % 2 == 0")],
  ["a reason that names nothing", "no-such-name", layer('  require D % 2 == 0, "{‹K›} is odd"')],
  ["a requirement that never holds", "requirement-broken", layer("  require ‹D == 2 * D›")],

  // Forward
  [
    "two forwards",
    "defined-twice",
    layer("  forward(x: float[D]) -> float[D] { return x }").replace(
      "forward[..S]",
      "‹forward›[..S]",
    ),
  ],
  [
    "a forward of another result",
    "size-mismatch",
    "block Own[D]() { let a = Linear[D, 2 * D]()  forward(x: float[D]) -> float[D] { return ‹a(x)› } }",
  ],
  [
    "a forward that gives a part what it does not take",
    "size-mismatch",
    "block Own[D]() { let a = Linear[D, D]()  forward(x: float[2 * D]) -> float[D] { return a(‹x›) } }",
  ],
  [
    "a forward with a size of nothing",
    "axis-unknown-size",
    "block Own[D]() { forward[‹Q›](x: float[D]) -> float[D] { return x } }",
  ],
  [
    "a forward with a size called as one of the block",
    "defined-twice",
    "block Own[D]() { forward[‹D›](x: float[D]) -> float[D] { return x } }",
  ],
  [
    "a part called without brackets of its own",
    "not-that-kind",
    "block Own[D]() { let a = 2 * D  forward(x: float[D]) -> float[D] { return ‹a›(x) } }",
  ],
  [
    "a call of a block without forward",
    "not-that-kind",
    "block Bag[D]() { param w: float[D] init zeros() }\nblock Own[D]() { let bag = Bag[D]()  forward(x: float[D]) -> float[D] { return ‹bag(x)› } }",
  ],
  [
    "a part that a block lacks",
    "no-such-field",
    "block Own[D]() { let a = Linear[D, D]()  forward(x: float[D]) -> float[D] { return a.‹wieght›[0, :] * x } }",
  ],
  [
    "an argument of a part by the wrong name",
    "no-such-field",
    "block Own[D]() { let a = Linear[D, D]()  forward(x: float[D]) -> float[D] { return a(‹y› = x) } }",
  ],
  ["a merge in a block", "not-that-kind", layer("  ‹merge› inner.weight = 2.0 * inner.weight")],

  // Ties
  [
    "a tie of a part that is not there",
    "no-such-field",
    `${config}  tie ‹haed›.weight = embed.weight if config.tied\n}`,
  ],
  [
    "a tie to a parameter that is not there",
    "no-such-field",
    `${config}  tie head.weight = embed.‹wight› if config.tied\n}`,
  ],
  ["a tie of parts", "not-that-kind", `${config}  tie ‹head› = embed.weight if config.tied\n}`],
  [
    "a tie of two shapes",
    "size-mismatch",
    "block Own[D]() { let a = Linear[D, D]()  let b = Linear[D, 2 * D]()  tie ‹b.weight› = a.weight  forward(x: float[D]) -> float[2 * D] { return b(a(x)) } }",
  ],
  [
    "a tie of sizes that may differ",
    "size-unproved",
    "block Own[D, E]() { let a = Linear[D, D]()  let b = Linear[D, E]()  tie ‹b.weight› = a.weight  forward(x: float[D]) -> float[E] { return b(a(x)) } }",
  ],
  [
    "a parameter of a precision that there is not yet",
    "no-such-precision",
    "block Own[D]() { param weight: ‹f16›[D] init ones()  forward(x: float[D]) -> float[D] { return x * like(weight, x) } }",
  ],
  [
    "a parameter of whole numbers, which is read",
    "type-mismatch",
    "block Own[D]() { param weight: ‹int[D]› init ones()  forward(x: int[D]) -> int[D] { return x * weight } }",
  ],
  ["a tie to itself", "defined-by-itself", `${config}  tie ‹head.weight› = head.weight\n}`],
  [
    "ties in a circle",
    "defined-by-itself",
    `${config}  tie head.weight = embed.weight\n  tie ‹embed.weight› = head.weight\n}`,
  ],
  [
    "a parameter tied twice",
    "defined-twice",
    `${config}  tie head.weight = embed.weight\n  tie ‹head.weight› = layers.0.weight\n}`,
  ],
  [
    "a tie under a condition that is a number",
    "type-mismatch",
    `${config}  tie head.weight = embed.weight if ‹config.width›\n}`,
  ],
  [
    "a tie under a condition that is not there",
    "no-such-field",
    `${config}  tie head.weight = embed.weight if config.‹tide›\n}`,
  ],
  [
    "a tie of many by a star",
    "not-that-kind",
    `${config}  tie ‹layers.*.weight› = embed.weight\n}`,
  ],

  // Checkpoints
  [
    "a format that nothing reads",
    "no-such-name",
    `${config}  checkpoint ‹"gguf"› { weights { embed = "e" } }\n}`,
  ],
  [
    "the layout of an adapter in a block",
    "no-such-name",
    `${config}  checkpoint ‹"peft"› { weights { embed = "e" } }\n}`,
  ],
  [
    "two of one format",
    "defined-twice",
    `${config}  checkpoint "hf" { weights { embed = "e" } }\n  checkpoint ‹"hf"› { weights { head = "h" } }\n}`,
  ],
  [
    "a part that is not there in weights",
    "no-such-field",
    `${config}  checkpoint "hf" { weights { ‹embde› = "e" } }\n}`,
  ],
  [
    "a part twice in weights",
    "defined-twice",
    `${config}  checkpoint "hf" { weights { embed = "e"  ‹embed› = "f" } }\n}`,
  ],
  [
    "two parts of one name in weights",
    "defined-twice",
    `${config}  checkpoint "hf" { weights { embed = "e"  head = ‹"e"› } }\n}`,
  ],
  [
    "more stars in the name than in the path",
    "type-mismatch",
    `${config}  checkpoint "hf" { weights { layers.*.weight = ‹"h.*.*.w"› } }\n}`,
  ],
  [
    "a copy of what is no stack",
    "no-such-field",
    `${config}  checkpoint "hf" { weights { embed.‹0› = "h" } }\n}`,
  ],
  [
    "a computed name in weights",
    "type-mismatch",
    `${config}  checkpoint "hf" { weights { embed = ‹"e{config.width}"› } }\n}`,
  ],
  [
    "a config field twice",
    "defined-twice",
    `${config}  checkpoint "hf" { config { width = "w"  ‹width› = "v" } }\n}`,
  ],
  [
    "a config field whose place is no text",
    "type-mismatch",
    `${config}  checkpoint "hf" { config { width = ‹12› } }\n}`,
  ],
  [
    "a config value that is computed",
    "type-mismatch",
    `${config}  checkpoint "hf" { config { act = ‹config.width› } }\n}`,
  ],
  [
    "a config value of what is not there",
    "no-such-name",
    `${config}  checkpoint "hf" { config { act = ‹silly› } }\n}`,
  ],
  [
    "a choice of copies in weights",
    "not-that-kind",
    `${config}  checkpoint "hf" { weights { layers.‹{0..1}›.weight = "h" } }\n}`,
  ],
];
