/** Modules that are right, though it takes some thought to see it: none of them may be refused. */

/** What it is, and the module. */
export type Right = readonly [says: string, source: string];

export const right: readonly Right[] = [
  // Sizes
  ["twice a size, halved", "fn f[D](x: float[D]) -> float[(2 * D) / 2] { return x }"],
  [
    "a product by one of its factors",
    "fn f[H, K](x: float[H], y: float[K], z: float[H * K / K]) -> float[H] { return x + z * rank(y) }",
  ],
  [
    "the quotient of a sum",
    "fn f[D](x: float[D], y: float[(2 * D + 3) / 2]) -> float[D + 1] { return y * rank(x) }",
  ],
  [
    "a remainder that is known",
    "fn f[D](x: float[D], y: float[D + (4 * D + 1) % 4]) -> float[D + 1] { return y * rank(x) }",
  ],
  [
    "a sum in another order",
    "fn f[A, B](x: float[A], y: float[B], z: float[A + B]) -> float[B + A] { return z * rank(x) * rank(y) }",
  ],
  [
    "a product of sums",
    "fn f[A, B](x: float[A], y: float[B], z: float[(A + B) * (A + B)]) -> float[A * A + 2 * A * B + B * B] { return z * rank(x) * rank(y) }",
  ],
  [
    "a size that is required to be a product",
    "fn f[D, H, K](x: float[D], y: float[H], z: float[K]) -> float[H * K] { require H * K == D  return x * rank(y) * rank(z) }",
  ],
  [
    "the same, the other way around",
    "fn f[D, H, K](x: float[D], y: float[H], z: float[K]) -> float[H * K] { require D == H * K  return x * rank(y) * rank(z) }",
  ],
  [
    "two facts that lead on",
    "fn f[A, B, C](x: float[A], y: float[B], z: float[C]) -> float[C] { require A == B  require B == C  return x + z + 0.0 * y }",
  ],
  [
    "two facts in one requirement",
    "fn f[A, B, C](x: float[A], y: float[B], z: float[C]) -> float[C] { require A == B && B == C  return x + z + 0.0 * y }",
  ],
  [
    "a split that is required to come out even",
    "fn f[B, D, H](x: float[B, D], y: float[H]) -> float[B, H, D / H] { require D % H == 0  return rearrange(x: b (h k) -> b h k, h = H) * rank(y) }",
  ],
  [
    "a split and back again",
    "fn f[B, D, H](x: float[B, D], y: float[H]) -> float[B, D] { require D % H == 0  return rearrange(rearrange(x: b (h k) -> b h k, h = H) * rank(y): b h k -> b (h k)) }",
  ],
  [
    "halves that make the whole",
    "fn f[D](x: float[D]) -> float[D] { require D % 2 == 0  return concat([x[D / 2 : D], x[0 : D / 2]], axis = 0) }",
  ],
  [
    "heads that are shared out",
    "fn f[B, H, G, T, K](q: float[B, H, T, K], k: float[B, G, T, K], s: int[B, T]) -> float[B, H, T, K] { require H % G == 0  return attention(q, k, k, causal = true, segment = s) }",
  ],
  [
    "heads that are a multiple",
    "fn f[B, G, T, K](q: float[B, 4 * G, T, K], k: float[B, G, T, K], s: int[B, T]) -> float[B, 4 * G, T, K] { return attention(q, k, k, causal = false, segment = s) }",
  ],
  [
    "an enum as a size",
    "enum Mood { calm, angry, sad }\nblock Head[D]() { let out = Linear[D, Mood]()  forward[B](x: float[B, D]) -> float[B, Mood] { return out(x) } }",
  ],
  [
    "an enum as a size that is counted with",
    "enum Mood { calm, angry, sad }\nblock Head[D]() { let out = Linear[D, 2 * Mood]()  forward[B](x: float[B, D]) -> float[B, 6] { return out(x) } }",
  ],
  [
    "the same size in both branches",
    "block Own[D](wide: bool) { let a = Linear[D, if wide { D + D } else { 2 * D }]()  forward(x: float[D]) -> float[2 * D] { return a(x) } }",
  ],
  [
    "a size from a record",
    "record Config { width: dim  heads: dim  head: dim = width / heads  require width % heads == 0 }\nblock Own(config: Config) { let a = Linear[config.width, config.heads * (config.width / config.heads)]()  forward[B](x: float[B, config.width]) -> float[B, config.width] { return a(x) * rank(rearrange(x: b (h k) -> b h k, h = config.heads)) } }",
  ],
  [
    "a size that a function gives",
    "fn wide(n: int) -> int { return 4 * n }\nblock Own[D]() { let a = Linear[D, wide(D)]()  forward(x: float[D]) -> float[4 * D] { return a(x) } }",
  ],
  [
    "a size that a let names",
    "block Own[D]() { let wide = 4 * D  let a = Linear[D, wide]()  forward(x: float[D]) -> float[4 * D] { return a(x) } }",
  ],
  [
    "a size of a product before the size alone",
    "fn g[D](x: float[2 * D], y: float[D]) -> float[D] { return y + x[0 : D] }\nfn f[D](x: float[2 * D], y: float[D]) -> float[D] { return g(x, y) }",
  ],
  [
    "a requirement of a block for what is in it",
    'block Own[D, H]() { require D % H == 0, "shared out"  let a = Linear[D, H * (D / H)]()  forward(x: float[D]) -> float[D] { return a(x) } }',
  ],
  [
    "tokens as a size",
    "record Config { length: tokens  width: dim }\nblock Own(config: Config) { let places = Embedding[config.length, config.width]()  forward[B](position: int[B]) -> float[B, config.width] { return places(position) } }",
  ],

  // Axes
  ["no leading axes", "fn f[D](x: float[D]) -> float[D] { return silu(x) }"],
  [
    "a number where a run may be empty",
    "fn f() -> float { return 2.0 }\nfn g[D](x: float[D]) -> float[D] { return f() * x }",
  ],
  ["a run at the end", "fn f[B, ..S](x: float[B, ..S]) -> float[..S] { return x[0, ..] }"],
  [
    "a run in the middle",
    "fn f[B, D, ..S](x: float[B, ..S, D]) -> float[B, ..S] { return x[:, .., 0] }",
  ],
  [
    "two runs of two tensors",
    "fn f[..S, ..R](x: float[..S], y: float[..R]) -> float[..S] { return x * rank(y) }",
  ],
  [
    "a run in einsum on both sides",
    "fn f[..S, D](x: float[..S, D], y: float[..S, D]) -> float[..S] { return einsum(x: .. d, y: .. d -> ..) }",
  ],
  [
    "a sum over a run",
    "fn f[..S, D](x: float[..S, D]) -> float[D] { return einsum(rearrange(x: .. d -> .. d): .. d -> d) }",
  ],
  [
    "a suffix",
    "fn f[B, T, D](x: float[B, T, D], y: float[T, D], z: float[D]) -> float[B, T, D] { return x * y + z }",
  ],
  [
    "a mask of the end",
    "fn f[B, T](x: float[B, T], m: bool[T]) -> float[B, T] { return if m { x } else { 0.0 } }",
  ],
  [
    "a mask of more axes than what it chooses",
    "fn f[B, T](m: bool[B, T], x: float[T]) -> float[B, T] { return if m { x } else { -x } }",
  ],
  ["a mask between numbers", "fn f[B](m: bool[B]) -> f32[B] { return if m { 1.0 } else { 0.0 } }"],
  [
    "a mask between whole numbers",
    "fn f[B](m: bool[B]) -> int[B] { return if m { 1 } else { 0 } }",
  ],
  [
    "a mask between bools",
    "fn f[B](m: bool[B], n: bool[B]) -> bool[B] { return if m { n } else { true } }",
  ],
  ["axes of size 1", "fn f[B](x: float[B, 1]) -> float[1, B] { return rearrange(x: b 1 -> 1 b) }"],
  [
    "an axis repeated",
    "fn f[B, D](x: float[B]) -> float[B, 3] { return repeat(x: b -> b d, d = 3) }".replace(
      "[B, D]",
      "[B]",
    ),
  ],
  [
    "groups in groups of three",
    "fn f[B, A, C](x: float[B, A * C * 2], y: float[A], z: float[C]) -> float[A, B, C, 2] { return rearrange(x: b (a c d) -> a b c d, a = A, c = C) * rank(y) * rank(z) }",
  ],

  // Values
  ["a number for a float", "fn f(a: float) -> float { return a }\nfn g() -> float { return f(3) }"],
  [
    "a ratio as a number",
    "fn f[B](x: float[B], share: ratio) -> float[B] { return share * x + (1 - share) * x }",
  ],
  ["a whole mean", "fn f[B](x: float[B]) -> mean { return if true { mean(x) } else { mean(-x) } }"],
  [
    "a default of every element",
    "fn f[B](x: float[B], m: bool[B] = true, n: int[B] = 0, w: float[B] = 1) -> float[B] { return if m { x * f32like(w, x) } else { x * rank(n) } }\nfn f32like[..S](x: float[..S], y: float[..S]) -> float[..S] { return like(x, y) }",
  ],
  [
    "a name of its own for what the language has",
    "fn mean[B](x: float[B]) -> float[B] { return x }\nfn f[B](x: float[B]) -> float[B] { return mean(x) }",
  ],
  [
    "a parameter called as a word of statements",
    "fn f(to: float, train: float, learn: bool) -> float { return if learn { to } else { train } }",
  ],
  ["a list of lists", "record Own { table: list[list[int]] = [[1, 2], [3]] }"],
  ["a list of records", "record Own { turns: list[Message] = [] }"],
  [
    "a case by its enum",
    "enum Kind { soft, hard }\nfn f(k: Kind = Kind.soft) -> float { return if k == hard { 1.0 } else { 2.0 } }",
  ],
  [
    "names that objects have from birth",
    "record constructor { toString: int = 3 }\nfn valueOf(x: constructor) -> int { return x.toString }",
  ],
  [
    "a pipe through a stack",
    "block Own[D]() { let deep = stack(3, Linear[D, D]())  forward(x: float[D]) -> float[D] { return x |> deep |> silu } }",
  ],
  [
    "a stack that takes more than what goes through",
    "block One[D]() { let a = Linear[D, D]()  forward[B](x: float[B, D], scale: float) -> float[B, D] { return scale * a(x) } }\nblock Own[D]() { let deep = stack(3, One[D]())  forward[B](x: float[B, D]) -> float[B, D] { return deep(scale = 0.5, x = x) } }",
  ],
  [
    "a block that only holds",
    "block Bag[D]() { param w: float[D] init ones() }\nblock Own[D]() { let bag = Bag[D]()  forward(x: float[D]) -> float[D] { return bag.w * x } }",
  ],
  [
    "two ties of which one holds",
    "block Own[D](tied: bool) { let a = Linear[D, D]()  let b = Linear[D, D]()  let c = Linear[D, D]()  tie c.weight = a.weight if tied  tie c.weight = b.weight if !tied  forward(x: float[D]) -> float[D] { return c(b(a(x))) } }",
  ],
  [
    "a chain of ties",
    "block Own[D]() { let a = Linear[D, D]()  let b = Linear[D, D]()  let c = Linear[D, D]()  tie b.weight = a.weight  tie c.weight = b.weight  forward(x: float[D]) -> float[D] { return c(b(a(x))) } }",
  ],
  [
    "weights of every copy",
    'block Own[D]() { let layers = stack(3, Linear[D, D](bias = true))  forward(x: float[D]) -> float[D] { return layers(x) }  checkpoint "hf" { weights { layers.*.weight = "h.*.w"  layers.*.bias = "h.*.b" } } }',
  ],
  [
    "a state that is set anew",
    "optimizer own(every: int = 10) { state m: float = 0.0  next m = if step % 10steps == 0steps { 0.0 * grad } else { m + grad / every }  next weight = weight - learning_rate * next.m }",
  ],
  [
    "rows that keep what they do not name",
    'transform own(n: int) from row: { stars: int, text: string, ..R } to { stars = row.stars * n, long = row.stars > 3 && row.text != "", ..R }',
  ],

  // What may be absent
  [
    "a default in place of what is absent",
    "fn f(a: float?) -> float { return if a == none { 1.0 } else { a } }",
  ],
  [
    "the same, asked the other way",
    "fn f(a: float?) -> float { return if a != none { a } else { 1.0 } }",
  ],
  [
    "two that are both there",
    "fn f(a: float?, b: float?) -> float { return if a != none && b != none { a + b } else { 0.0 } }",
  ],
  [
    "one of two that is not there",
    "fn f(a: float?, b: float?) -> float { return if a == none || b == none { 0.0 } else { a + b } }",
  ],
  ["a condition about what is there", "fn f(a: int?) -> bool { return a != none && a > 3 }"],
  ["a negated question", "fn f(a: int?) -> int { return if !(a == none) { a } else { 0 } }"],
  [
    "a field that another one follows",
    "record Config { width: dim  heads: dim  head: dim?  size: dim = if head == none { width / heads } else { head } }\nblock Own(config: Config) { let a = Linear[config.width, config.size * config.heads]()  forward(x: float[config.width]) -> float { return rank(a(x)) } }",
  ],
  [
    "a member of what is there",
    'record Author { name: string  age: int? }\nrecord Note { author: Author?  text: string }\ntemplate own for Note { if author != none { "by {author.name}" if author.age != none { ", {author.age}" } else { } } else { "by nobody" }  learn { "{text}" } }',
  ],
  [
    "what a requirement says to be there",
    'fn f(a: float?, b: float?) -> float { require a != none && b != none, "both"  let c = a + b  require c > a, "more"  return c }',
  ],
  [
    "a size that a requirement says to be there",
    'block Own(size: dim?) { require size != none, "a size"  param w: float[size] init ones()  forward(x: float[size]) -> float[size] { return x * w } }',
  ],
  [
    "a field that a requirement says to be there, in the next",
    'record Own { a: int?  b: int  require a != none, "a"  require a > b, "more" }',
  ],
  [
    "a state's share that a requirement says to be there",
    "optimizer own(a: float?) { require a != none  next weight = weight - a * learning_rate * grad }",
  ],
  ["absent for absent", "record Own { a: int?  b: int? = a }\nlet own = Own(a = none)"],
  [
    "a choice that may be absent",
    "fn f(a: bool, b: float?) -> float { return if (if a { b } else { none }) == none { 1.0 } else { 2.0 } }",
  ],
  [
    "a column that may be absent",
    'transform own() from row: { source: string?, ..R } to { by = if row.source == none { "nobody" } else { row.source }, source = row.source, ..R }',
  ],
  ["an absent text compared with a text", 'fn f(a: string?) -> bool { return a == "x" }'],
  [
    "a tensor that may be left out",
    "fn f[B](x: float[B], w: float[B]?) -> float[B] { return if w == none { x } else { x * w } }",
  ],
];
