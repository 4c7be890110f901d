/** Mistakes in functions that nobody calls: signatures, bodies and calls. */

import type { Mistake } from "./mistake.ts";

export const functions: readonly Mistake[] = [
  // Signatures
  [
    "a size of no parameter",
    "axis-unknown-size",
    "fn f[B, ‹Q›](x: float[B]) -> float[B] { return x }",
  ],
  [
    "a size that stands in a product alone",
    "axis-unknown-size",
    "fn f[‹D›](x: float[2 * D]) -> float[2 * D] { return x }",
  ],
  ["a type that is not there", "no-such-name", "fn f[B](x: ‹flaot›[B]) -> float[B] { return x }"],
  [
    "a result type that is not there",
    "no-such-name",
    "fn f[B](x: float[B]) -> ‹flaot›[B] { return x }",
  ],
  [
    "a size in a type that is not there",
    "no-such-name",
    "fn f[B](x: float[B, ‹T›]) -> float[B] { return x[:, 0] }",
  ],
  [
    "a size in a result that is not there",
    "no-such-name",
    "fn f[B](x: float[B]) -> float[‹T›] { return x }",
  ],
  [
    "a run of axes that is not there",
    "no-such-name",
    "fn f[B](x: float[‹..S›, B]) -> float[B] { return x }",
  ],
  [
    "two runs of axes in one type",
    "defined-twice",
    "fn f[..S, ..R](x: float[..S, ‹..R›]) -> float { return 1.0 }",
  ],
  [
    "a parameter twice",
    "defined-twice",
    "fn f[B](x: float[B], ‹x›: float[B]) -> float[B] { return x }",
  ],
  ["a size twice", "defined-twice", "fn f[B, ‹B›](x: float[B]) -> float[B] { return x }"],
  [
    "a parameter called as a size",
    "defined-twice",
    "fn f[B](x: float[B], ‹B›: float) -> float[B] { return B * x }",
  ],
  [
    "an unread parameter",
    "never-read",
    "fn f[B](x: float[B], ‹rate›: float) -> float[B] { return x }",
  ],
  [
    "a default of another type",
    "type-mismatch",
    'fn f[B](x: float[B], a: float = ‹"one"›) -> float[B] { return a * x }',
  ],
  [
    "a default of another unit",
    "bare-number",
    "fn f[B](x: float[B], a: steps = ‹3›) -> float[B] { return (a / 1steps) * x }",
  ],
  [
    "a default that reads a later one",
    "no-such-name",
    "fn f[B](x: float[B], a: float = ‹b›, b: float = 1.0) -> float[B] { return a * b * x }",
  ],
  [
    "a size below 1 as a default",
    "type-mismatch",
    "fn f[B](x: float[B], n: dim = ‹0›) -> float[B, n] { return repeat(x: b -> b n, n = n) }",
  ],
  [
    "a default bool of a tensor of floats",
    "type-mismatch",
    "fn f[B](x: float[B], y: float[B] = ‹true›) -> float[B] { return x * y }",
  ],
  [
    "a default float of a tensor of bools",
    "type-mismatch",
    "fn f[B](x: float[B], y: bool[B] = ‹0.5›) -> float[B] { return if y { x } else { -x } }",
  ],
  [
    "a default fraction of a tensor of ints",
    "type-mismatch",
    "fn f[B](x: int[B], y: int[B] = ‹0.5›) -> int[B] { return x * y }",
  ],
  [
    "a default enum case that is not there",
    "no-such-name",
    "enum Kind { soft, hard }\nfn f[B](x: float[B], k: Kind = ‹sotf›) -> float[B] { return if k == soft { x } else { -x } }",
  ],
  [
    "a row as a parameter",
    "type-mismatch",
    "fn f[B](x: float[B], row: ‹{ a: int }›) -> float[B] { return x }",
  ],
  ["a row as a result", "type-mismatch", "fn f[B](x: float[B]) -> ‹{ a: int }› { return x }"],
  [
    "a width without axes",
    "type-mismatch",
    "fn f[B](x: float[B], a: ‹f32›) -> float[B] { return a * x }",
  ],
  [
    "axes of an enum",
    "type-mismatch",
    "enum Mood { calm, angry }\nfn f[B](x: ‹Mood[B]›) -> float { return 1.0 }",
  ],
  ["axes of a string", "type-mismatch", "fn f[B](x: ‹string[B]›) -> float { return 1.0 }"],
  [
    "a list of two types",
    "type-mismatch",
    "fn f[B](x: float[B], a: ‹list[int, string]›) -> float[B] { return x }",
  ],
  [
    "a list of what is no type",
    "type-mismatch",
    "fn f[B](x: float[B], a: ‹list[3]›) -> float[B] { return x }",
  ],
  [
    "a list of a type that is not there",
    "no-such-name",
    "fn f[B](x: float[B], a: list[‹Mesage›]) -> float[B] { return x }",
  ],
  [
    "a list of no type",
    "type-mismatch",
    "fn f[B](x: float[B], a: ‹list›) -> float[B] { return x }",
  ],
  ["a size that is a word", "type-mismatch", 'fn f[B](x: float[B, ‹"T"›]) -> float { return 1.0 }'],
  ["a size with a point", "type-mismatch", "fn f[B](x: float[B, ‹2.0›]) -> float { return 1.0 }"],
  ["a size of 0", "type-mismatch", "fn f[B](x: float[B, ‹0›]) -> float { return 1.0 }"],
  [
    "a size below 0 whatever the sizes",
    "type-mismatch",
    "fn f[B](x: float[B], y: float[‹B - B›]) -> float { return 1.0 }",
  ],
  [
    "a size that a division by 0 gives",
    "type-mismatch",
    "fn f[B](x: float[B], y: float[‹B / 0›]) -> float { return 1.0 }",
  ],

  // Bodies
  [
    "a result of another size",
    "size-mismatch",
    "fn f[B, T](x: float[B, T]) -> float[B, T] { return ‹x[:, 1 : T]› }",
  ],
  [
    "a result of another rank",
    "rank-mismatch",
    "fn f[B, T](x: float[B, T]) -> float[B, T] { return ‹x[:, 0]› }",
  ],
  ["a result of whole numbers", "int-for-float", "fn f[B](x: int[B]) -> float[B] { return ‹x› }"],
  ["a result of bools", "dtype-mismatch", "fn f[B](x: float[B]) -> float[B] { return ‹x > 0.0› }"],
  ["a mean that is a tensor", "type-mismatch", "fn f[B](x: float[B]) -> mean { return ‹x› }"],
  [
    "a tensor that is a mean",
    "type-mismatch",
    "fn f[B](x: float[B]) -> float[B] { return ‹mean(x)› }",
  ],
  [
    "a let of another type",
    "type-mismatch",
    "fn f[B](x: float[B]) -> float[B] { let y: bool = ‹3›  return x }",
  ],
  [
    "a let of another shape",
    "size-mismatch",
    "fn f[B](x: float[B]) -> float[B] { let y: float[2 * B] = ‹x›  return x }",
  ],
  [
    "a let twice",
    "defined-twice",
    "fn f[B](x: float[B]) -> float[B] { let y = x  let ‹y› = 2.0 * x  return y }",
  ],
  [
    "a let that nothing reads",
    "never-read",
    "fn f[B](x: float[B]) -> float[B] { let ‹y› = 2.0 * x  return x }",
  ],
  [
    "a let that is read before it is there",
    "no-such-name",
    "fn f[B](x: float[B]) -> float[B] { let a = ‹c›  let c = 2.0 * x  return a + c }",
  ],
  [
    "a requirement that is a number",
    "type-mismatch",
    "fn f[B](x: float[B]) -> float[B] { require ‹B›  return x }",
  ],
  [
    "a requirement of the elements",
    "type-mismatch",
    "fn f[B](x: float[B]) -> float[B] { require ‹x > 0.0›  return x }",
  ],
  [
    "a requirement that never holds",
    "requirement-broken",
    "fn f[B](x: float[B]) -> float[B] { require ‹B == B + 1›  return x }",
  ],
  [
    "a reason that names nothing",
    "no-such-name",
    'fn f[B](x: float[B]) -> float[B] { require B > 1, "{‹b›} is one"  return x }',
  ],
  ["a name that is not there", "no-such-name", "fn f[B](x: float[B]) -> float[B] { return ‹y› }"],
  [
    "a function that is not there",
    "no-such-name",
    "fn f[B](x: float[B]) -> float[B] { return ‹sigmod›(x) }",
  ],
  [
    "an argument too many",
    "too-many-arguments",
    "fn f[B](x: float[B]) -> float[B] { return silu(x, ‹x›) }",
  ],
  [
    "an argument too few",
    "missing-argument",
    "fn f[B](x: float[B]) -> float[B] { return ‹dropout(x)› }",
  ],
  [
    "an argument that is not there",
    "no-such-field",
    "fn f[B](x: float[B]) -> float[B] { return dropout(x, ‹rat› = 3%) }",
  ],
  [
    "an argument twice",
    "defined-twice",
    "fn f[B](x: float[B]) -> float[B] { return dropout(x, 3%, ‹x› = x) }",
  ],
  [
    "an argument by place for one by name",
    "defined-twice",
    "fn g(a: float, b: float) -> float { return a - b }\nfn f() -> float { return g(b = 1.0, 2.0, ‹3.0›) }",
  ],
  [
    "an argument of another unit",
    "bare-number",
    "fn f[B](x: float[B]) -> float[B] { return dropout(x, ‹0.1›) }",
  ],
  [
    "an argument of another type",
    "type-mismatch",
    'fn f[B](x: float[B]) -> float[B] { return silu(‹"x"›) }',
  ],
  [
    "a constant rate that is refused",
    "requirement-broken",
    "fn f[B](x: float[B]) -> float[B] { return dropout(x, ‹200%›) }",
  ],
  [
    "two sizes for one",
    "size-mismatch",
    "fn g[D](x: float[D], y: float[D]) -> float[D] { return x + y }\nfn f[D](x: float[D], y: float[2 * D]) -> float[D] { return g(x, ‹y›) }",
  ],
  [
    "sizes that may differ",
    "size-unproved",
    "fn g[D](x: float[D], y: float[D]) -> float[D] { return x + y }\nfn f[D, E](x: float[D], y: float[E]) -> float[D] { return g(x, ‹y›) }",
  ],
  [
    "a block called as a function",
    "missing-argument",
    "fn f[B](x: float[B]) -> float[B] { return ‹Linear(x)› }",
  ],
  [
    "an enum called",
    "not-that-kind",
    "enum Mood { calm, angry }\nfn f() -> float { return ‹Mood(1)› }",
  ],
  ["a number called", "not-that-kind", "fn f[B](x: float[B]) -> float[B] { return ‹B›(x) }"],
  [
    "sizes given to a function",
    "too-many-arguments",
    "fn f[B](x: float[B]) -> float[B] { return silu[‹B›](x) }",
  ],
  [
    "a member of a number",
    "no-such-field",
    "fn f[B](x: float[B]) -> float[B] { return B.‹size› * x }",
  ],
  ["a member of a tensor", "no-such-field", "fn f[B](x: float[B]) -> float[B] { return x.‹T› }"],
  ["an own extern", "not-that-kind", "extern fn ‹f›[B](x: float[B]) -> float[B]"],
];
