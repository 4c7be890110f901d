/** Mistakes with tensors in functions that nobody calls: operators, choices, axes, indices, what the language has. */

import type { Mistake } from "./mistake.ts";

export const tensors: readonly Mistake[] = [
  // Operators
  [
    "floats and ints added",
    "int-for-float",
    "fn f[B](x: float[B], n: int[B]) -> float[B] { return x + ‹n› }",
  ],
  [
    "widths mixed",
    "dtype-mismatch",
    "fn f[B](x: float[B], y: f32[B]) -> float[B] { return ‹x + y› }",
  ],
  [
    "an axis of size 1 stretched",
    "broadcast-refused",
    "fn f[B, T](x: float[B, T], y: float[B, 1]) -> float[B, T] { return ‹x + y› }",
  ],
  [
    "a beginning in place of an end",
    "broadcast-refused",
    "fn f[B, T](x: float[B, T], y: float[B]) -> float[B, T] { return ‹x + y› }",
  ],
  ["a fraction and ints", "dtype-mismatch", "fn f[B](n: int[B]) -> int[B] { return n * ‹0.5› }"],
  [
    "steps and elements",
    "unit-mismatch",
    "fn f[B](x: float[B]) -> float[B] { return x * ‹3steps› }",
  ],
  ["steps and tokens", "unit-mismatch", "fn f(a: steps, b: tokens) -> steps { return ‹a + b› }"],
  [
    "bools added",
    "dtype-mismatch",
    "fn f[B](a: bool[B], b: bool[B]) -> bool[B] { return ‹a + b› }",
  ],
  [
    "bools ordered",
    "dtype-mismatch",
    "fn f[B](a: bool[B], b: bool[B]) -> bool[B] { return ‹a < b› }",
  ],
  ["a bool negated as a number", "type-mismatch", "fn f[B](a: bool[B]) -> bool[B] { return ‹-a› }"],
  ["a number that is not", "type-mismatch", "fn f(a: float) -> bool { return ‹!a› }"],
  [
    "ints joined as conditions",
    "type-mismatch",
    "fn f[B](a: bool[B], n: int[B]) -> bool[B] { return a && ‹n› }",
  ],
  [
    "floats joined as conditions",
    "type-mismatch",
    "fn f(a: float, b: bool) -> bool { return ‹a› || b }",
  ],
  ["text and a number added", "type-mismatch", 'fn f(a: float) -> float { return ‹a + "1"› }'],
  ["text and a number compared", "type-mismatch", 'fn f(a: float) -> bool { return ‹a == "1"› }'],
  [
    "cases of two enums compared",
    "type-mismatch",
    "enum One { a, b }\nenum Two { c, d }\nfn f(x: One, y: Two) -> bool { return ‹x == y› }",
  ],
  [
    "a case that its enum lacks",
    "no-such-name",
    "enum One { left, right }\nfn f(x: One) -> bool { return x == ‹lefft› }",
  ],
  [
    "records compared",
    "type-mismatch",
    "record R { a: int }\nfn f(x: R, y: R) -> bool { return ‹x == y› }",
  ],
  ["exp of ints", "int-for-float", "fn f[B](n: int[B]) -> int[B] { return exp(‹n›) }"],
  ["sqrt of bools", "dtype-mismatch", "fn f[B](a: bool[B]) -> bool[B] { return sqrt(‹a›) }"],
  ["the power of ints", "int-for-float", "fn f[B](n: int[B]) -> int[B] { return pow(‹n›, 2) }"],
  [
    "the larger of bools",
    "dtype-mismatch",
    "fn f[B](a: bool[B], b: bool[B]) -> bool[B] { return max(‹a›, b) }",
  ],
  [
    "the larger of steps and tokens",
    "unit-mismatch",
    "fn f(a: steps, b: tokens) -> steps { return ‹max(a, b)› }",
  ],
  ["an exponent with a unit", "type-mismatch", "fn f(a: steps) -> float { return exp(‹a›) }"],
  ["a quantity cut to an int", "type-mismatch", "fn f(a: tokens) -> int { return int(‹a›) }"],
  ["a division by 0", "type-mismatch", "fn f() -> int { return ‹7 / 0› }"],
  ["a remainder by 0", "type-mismatch", "fn f() -> int { return ‹7 % 0› }"],

  // Choice
  [
    "a number for a condition",
    "type-mismatch",
    "fn f[B](x: float[B]) -> float[B] { return if ‹B› { x } else { -x } }",
  ],
  [
    "branches of two types",
    "branches-differ",
    'fn f(a: bool) -> float { return ‹if a { 1.0 } else { "one" }› }',
  ],
  [
    "branches of two shapes",
    "size-unproved",
    "fn f[B, T](a: bool, x: float[B, T], y: float[T, B]) -> float[B, T] { return ‹if a { x } else { y }› }",
  ],
  [
    "branches of two units",
    "branches-differ",
    "fn f(a: bool) -> steps { return ‹if a { 1steps } else { 1tok }› }",
  ],
  [
    "branches of two enums",
    "branches-differ",
    "enum One { a, b }\nenum Two { c, d }\nfn f(k: bool, x: One, y: Two) -> One { return ‹if k { x } else { y }› }",
  ],
  [
    "a mask of another shape",
    "size-unproved",
    "fn f[B, T](m: bool[T, B], x: float[B, T]) -> float[B, T] { return if ‹m› { x } else { -x } }",
  ],
  [
    "a mask of the beginning of the shape",
    "broadcast-refused",
    "fn f[B, T](m: bool[B], x: float[B, T]) -> float[B, T] { return if ‹m› { x } else { -x } }",
  ],
  [
    "a fault in the second branch of an unknown choice",
    "no-such-name",
    "fn f(a: bool) -> float { return if (if a { true } else { false }) { 1.0 } else { ‹y› } }",
  ],

  // Axes
  [
    "an axis from nowhere",
    "axis-from-nowhere",
    "fn f[B, T](x: float[B, T]) -> float[B, T] { return einsum(x: b t -> b ‹k›) }",
  ],
  [
    "a letter of two sizes",
    "axis-two-sizes",
    "fn f[B, T](x: float[B, T], y: float[2 * T]) -> float[B] { return einsum(x: b t, y: ‹t› -> b) }",
  ],
  [
    "a letter of sizes that may differ",
    "size-unproved",
    "fn f[B, T, K](x: float[B, T], y: float[K]) -> float[B] { return einsum(x: b t, y: ‹t› -> b) }",
  ],
  [
    "a pattern of another rank",
    "rank-mismatch",
    "fn f[B, T](x: float[B, T]) -> float[T] { return einsum(x: ‹b t k› -> t) }",
  ],
  [
    "einsum of ints",
    "int-for-float",
    "fn f[B, T](x: int[B, T], y: int[T]) -> int[B] { return einsum(‹x›: b t, y: t -> b) }",
  ],
  [
    "einsum of bools",
    "dtype-mismatch",
    "fn f[B, T](x: bool[B, T], y: bool[T]) -> bool[B] { return einsum(‹x›: b t, y: t -> b) }",
  ],
  [
    "einsum of three",
    "too-many-arguments",
    "fn f[B](x: float[B]) -> float[B] { return ‹einsum(x: b, x: b, x: b -> b)› }",
  ],
  [
    "rearrange that loses an axis",
    "axis-from-nowhere",
    "fn f[B, T](x: float[B, T]) -> float[B] { return rearrange(x: b t -> ‹b›) }",
  ],
  [
    "an axis twice in one operand",
    "defined-twice",
    "fn f[B](x: float[B, B]) -> float[B] { return einsum(x: b ‹b› -> b) }",
  ],
  [
    "an axis twice in the result",
    "defined-twice",
    "fn f[B, T](x: float[B, T]) -> float[B, T, T] { return rearrange(x: b t -> b t ‹t›) }",
  ],
  [
    "a group that does not come out even",
    "size-unproved",
    "fn f[B, D, H](x: float[B, D], heads: float[H]) -> float[B, H, D / H] { return rearrange(x: b ‹(h k)› -> b h k, h = H) * rank(heads) }",
  ],
  [
    "a group without a size",
    "axis-unknown-size",
    "fn f[B, D](x: float[B, D]) -> float[B, D] { return rearrange(x: b ‹(h k)› -> b h k) }",
  ],
  [
    "repeat without a size",
    "axis-from-nowhere",
    "fn f[B](x: float[B]) -> float[B, 3] { return repeat(x: b -> b ‹n›) }",
  ],
  [
    "a size for no axis",
    "axis-from-nowhere",
    "fn f[B](x: float[B]) -> float[B] { return rearrange(x: b -> b, ‹h = 3›) }",
  ],
  [
    "a size without a letter",
    "syntax",
    "fn f[B, T](x: float[B, T]) -> float[T, B] { return rearrange(x: b t -> t b, ‹3›) }",
  ],
  [
    "a size twice",
    "defined-twice",
    "fn f[B](x: float[B]) -> float[B, 3] { return repeat(x: b -> b n, n = 3, ‹n› = 3) }",
  ],
  [
    "reduce by what is no reduction",
    "no-such-name",
    "fn f[B, T](x: float[B, T]) -> float[B] { return reduce(x: b t -> b, by = ‹median›) }",
  ],
  [
    "reduce of bools",
    "dtype-mismatch",
    "fn f[B, T](x: bool[B, T]) -> bool[B] { return reduce(‹x›: b t -> b, by = max) }",
  ],
  [
    "the mean of ints",
    "int-for-float",
    "fn f[B, T](x: int[B, T]) -> int[B] { return reduce(‹x›: b t -> b, by = mean) }",
  ],
  [
    "an axis named 1 that is not",
    "size-mismatch",
    "fn f[B, T](x: float[B, T]) -> float[B] { return rearrange(x: b ‹1› -> b) }",
  ],
  [
    "two `..` in a pattern",
    "defined-twice",
    "fn f[..S, B](x: float[..S, B]) -> float[..S, B] { return einsum(x: .. ‹..› b -> .. b) }",
  ],

  // Indices
  ["an index too many", "rank-mismatch", "fn f[B](x: float[B]) -> float { return ‹x[0, 0]› }"],
  ["an index too few", "rank-mismatch", "fn f[B, T](x: float[B, T]) -> float[T] { return ‹x[0]› }"],
  [
    "a place behind the end",
    "index-out-of-range",
    "fn f[B](x: float[B, 3]) -> float[B] { return x[:, ‹3›] }",
  ],
  [
    "a place before the beginning",
    "index-out-of-range",
    "fn f[B](x: float[B, 3]) -> float[B] { return x[:, ‹-1›] }",
  ],
  [
    "a range behind the end",
    "index-out-of-range",
    "fn f[B](x: float[B]) -> float[B] { return x[‹1 : B + 1›] }",
  ],
  [
    "a range that is turned around",
    "index-out-of-range",
    "fn f[B](x: float[B, 4]) -> float[B, 2] { return x[:, ‹3 : 1›] }",
  ],
  [
    "a range that is empty",
    "index-out-of-range",
    "fn f[B](x: float[B, 4]) -> float[B, 1] { return x[:, ‹2 : 2›] }",
  ],
  ["a fraction for an index", "type-mismatch", "fn f[B](x: float[B]) -> float { return x[‹0.5›] }"],
  [
    "a tensor for an index",
    "type-mismatch",
    "fn f[B](x: float[B], n: int[B]) -> float[B] { return x[‹n›] }",
  ],
  [
    "two `..` among the indices",
    "defined-twice",
    "fn f[B, T](x: float[B, T]) -> float[B, T] { return x[.., ‹..›] }",
  ],
  ["an index of a number", "type-mismatch", "fn f(a: float) -> float { return ‹a›[0] }"],

  // What the language has
  [
    "concat along no axis",
    "rank-mismatch",
    "fn f[B](x: float[B]) -> float[2 * B] { return ‹concat([x, x], axis = 1)› }",
  ],
  [
    "concat of two widths",
    "size-mismatch",
    "fn f[B](x: float[B, 2], y: float[B, 3]) -> float[2 * B, 2] { return concat([x, ‹y›], axis = 0) }",
  ],
  [
    "concat of sizes that may differ",
    "size-unproved",
    "fn f[B, D, E](x: float[B, D], y: float[B, E]) -> float[2 * B, D] { return concat([x, ‹y›], axis = 0) }",
  ],
  [
    "concat of nothing",
    "type-mismatch",
    "fn f[B](x: float[B]) -> float[B] { return concat(‹[]›, axis = 0) }",
  ],
  [
    "concat of a run",
    "rank-mismatch",
    "fn f[..S, B](x: float[..S, B]) -> float[..S, B] { return ‹concat([x, x], axis = 0)› }",
  ],
  [
    "gather by floats",
    "type-mismatch",
    "fn f[V, D, B](t: float[V, D], x: float[B]) -> float[B, D] { return gather(t, ‹x›) }",
  ],
  [
    "gather from a number",
    "type-mismatch",
    "fn f[B](n: int[B]) -> float[B] { return gather(‹0.5›, n) }",
  ],
  ["iota of a fraction", "type-mismatch", "fn f() -> int { return iota(‹0.5›) }"],
  [
    "a loss of ints",
    "int-for-float",
    "fn f[B, V](x: int[B, V], y: int[B]) -> mean { return cross_entropy(‹x›, y) }",
  ],
  [
    "a loss against floats",
    "type-mismatch",
    "fn f[B, V](x: float[B, V], y: float[B]) -> mean { return cross_entropy(x, ‹y›) }",
  ],
  [
    "a loss of another shape",
    "size-mismatch",
    "fn f[B, T, V](x: float[B, T, V], y: int[2 * B, T]) -> mean { return cross_entropy(x, ‹y›) }",
  ],
  [
    "a loss where a mask of another shape holds",
    "size-unproved",
    "fn f[B, T, V](x: float[B, T, V], y: int[B, T], m: bool[T, B]) -> mean { return cross_entropy(x, y, where = ‹m›) }",
  ],
  [
    "a mean where a mask of another shape holds",
    "size-unproved",
    "fn f[B, T](x: float[B, T], m: bool[T, B]) -> mean { return mean(x, where = ‹m›) }",
  ],
  [
    "a mean where ints hold",
    "type-mismatch",
    "fn f[B](x: float[B], m: int[B]) -> mean { return mean(x, where = ‹m›) }",
  ],
  ["a mean of bools", "dtype-mismatch", "fn f[B](x: bool[B]) -> mean { return mean(‹x›) }"],
  [
    "attention over three axes",
    "rank-mismatch",
    "fn f[B, T, K](x: float[B, T, K], s: int[B, T]) -> float[B, T, K] { return ‹attention(x, x, x, causal = true, segment = s)› }",
  ],
  [
    "attention of ints",
    "int-for-float",
    "fn f[B, H, T, K](x: int[B, H, T, K], s: int[B, T]) -> int[B, H, T, K] { return attention(‹x›, x, x, causal = true, segment = s) }",
  ],
  [
    "attention with a segment of floats",
    "type-mismatch",
    "fn f[B, H, T, K](x: float[B, H, T, K], s: float[B, T]) -> float[B, H, T, K] { return attention(x, x, x, causal = true, segment = ‹s›) }",
  ],
  [
    "attention with a segment of another shape",
    "size-unproved",
    "fn f[B, H, T, K](x: float[B, H, T, K], s: int[T, B]) -> float[B, H, T, K] { return attention(x, x, x, causal = true, segment = ‹s›) }",
  ],
  [
    "attention of channels that may differ",
    "size-unproved",
    "fn f[B, H, T, K, L](q: float[B, H, T, K], k: float[B, H, T, L], s: int[B, T]) -> float[B, H, T, K] { return attention(q, ‹k›, k, causal = true, segment = s) }",
  ],
  [
    "attention of heads that are not shared out",
    "size-unproved",
    "fn f[B, H, G, T, K](q: float[B, H, T, K], k: float[B, G, T, K], s: int[B, T]) -> float[B, H, T, K] { return attention(q, ‹k›, k, causal = true, segment = s) }",
  ],
  [
    "attention of two dtypes",
    "dtype-mismatch",
    "fn f[B, H, T, K](q: float[B, H, T, K], k: f32[B, H, T, K], s: int[B, T]) -> float[B, H, T, K] { return attention(q, ‹k›, k, causal = true, segment = s) }",
  ],
];
