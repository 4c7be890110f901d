/** Modules whose sizes cannot be decided, each mended by the requirement that is offered. */

import type { Right } from "./right.ts";

export const undecided: readonly Right[] = [
  [
    "two sizes of a function",
    `fn f[D, E](x: float[D], y: float[E]) -> float[D] {
  return x + y
}
`,
  ],
  [
    "a signature on several lines",
    `fn f[D, E](
  x: float[D],
  y: float[E]
) -> float[D] {
  return x + y
}
`,
  ],
  [
    "heads that are not shared out",
    `fn f[B, H, G, T, K](q: float[B, H, T, K], k: float[B, G, T, K], s: int[B, T]) -> float[B, H, T, K] {
  return attention(q, k, k, causal = true, segment = s)
}
`,
  ],
  [
    "a split that may not come out even",
    `fn f[B, D, H](x: float[B, D], y: float[H]) -> float[B, H, D / H] {
  return rearrange(x: b (h k) -> b h k, h = H) * rank(y)
}
`,
  ],
  [
    "a part of another size",
    `block Own[D, H, K]() {
  let a = Linear[H * K, D]()

  forward[B](x: float[B, D]) -> float[B, D] {
    return a(x)
  }
}
`,
  ],
  [
    "a tie",
    `block Own[D, E]() {
  let a = Linear[D, D]()
  let b = Linear[D, E]()

  tie b.weight = a.weight

  forward[B](x: float[B, D]) -> float[B, E] {
    return b(a(x))
  }
}
`,
  ],
  [
    "a split by a config's field",
    `record Config {
  width: dim
  heads: dim
}

block Own(config: Config) {
  let a = Linear[config.width, config.width]()

  forward[B](x: float[B, config.width]) -> float[B, config.width] {
    let parts = rearrange(a(x): b (h k) -> b h k, h = config.heads)
    return rearrange(parts: b h k -> b (h k))
  }
}
`,
  ],
  [
    "what a stack gives its next copy",
    `block Own[D, E]() {
  let a = Linear[D, D]()
  let deep = stack(3, Linear[D, E]())

  forward[B](x: float[B, D]) -> float[B, E] {
    return deep(a(x))
  }
}
`,
  ],
  [
    "a rewrite",
    `adapter Low(rank: dim = 8) {
  rewrite Linear[I, O] as base {
    param w: float[rank, I] init zeros()

    forward[..S](x: float[..S, I]) -> float[..S, O] {
      return base(x) + einsum(x: .. i, w: o i -> .. o)
    }
  }
}
`,
  ],
  [
    "a mask",
    `fn f[B, T, V](x: float[B, T, V], y: int[B, T], m: bool[T, B]) -> mean {
  return cross_entropy(x, y, where = m)
}
`,
  ],
  [
    "parts that follow one another",
    `fn f[B, D, E](x: float[B, D], y: float[B, E]) -> float[2 * B, D] {
  return concat([x, y], axis = 0)
}
`,
  ],
  [
    "a mask of a choice",
    `fn f[B, T](m: bool[T, B], x: float[B, T]) -> float[B, T] {
  return if m { x } else { -x }
}
`,
  ],
  [
    "a letter of two sizes",
    `fn f[B, T, K](x: float[B, T], y: float[K]) -> float[B] {
  return einsum(x: b t, y: t -> b)
}
`,
  ],
  [
    "halves that may not make the whole",
    `block Own[D]() {
  let a = Linear[D, D / 2]()
  let b = Linear[D, D / 2]()

  forward[B](x: float[B, D]) -> float[B, D] {
    return concat([a(x), b(x)], axis = 1)
  }
}
`,
  ],
  [
    "a half that an argument is",
    `fn g[D](x: float[D], y: float[D / 2]) -> float[D] {
  return x * rank(y)
}

fn f[D, E](x: float[D], y: float[E]) -> float[D] {
  return g(x, y)
}
`,
  ],
  [
    "a sum behind a let",
    `fn f[B, D, E](
  x: float[B, D],
  y: float[B, E]
) -> float[B, D] {
  let z = silu(x)
  return z + y
}
`,
  ],
];
