/** Mistakes in what trains, which no step names: schedules, optimizers, losses, metrics. */

import type { Mistake } from "./mistake.ts";

function own(members: string): string {
  return `optimizer own(rate: float = 1.0) {\n  ${members}\n}`;
}

const next = "next weight = weight - learning_rate * rate * grad";

export const training: readonly Mistake[] = [
  // Schedules
  [
    "a rate with a unit",
    "unit-mismatch",
    "schedule own(peak: float) { let p = peak  return ‹p * step› }",
  ],
  [
    "a rate that is a condition",
    "type-mismatch",
    "schedule own(after: span) { return ‹step < after› }",
  ],
  [
    "a time against a number",
    "unit-mismatch",
    "schedule own(peak: float) { return if ‹step < 100› { peak } else { 0.0 } }",
  ],
  [
    "a time and a number added",
    "unit-mismatch",
    "schedule own(peak: float) { return peak * ‹(step + 1)› / length }",
  ],
  [
    "a time by tokens",
    "unit-mismatch",
    "schedule own(peak: float, after: tokens) { return if ‹step < after› { peak } else { 0.0 } }",
  ],
  [
    "a parameter that nothing reads",
    "never-read",
    "schedule own(peak: float, ‹floor›: ratio = 0%) { return peak * (step / length) }",
  ],
  [
    "a default without its unit",
    "bare-number",
    "schedule own(peak: float, warmup: span = ‹0.03›) { return peak * (step / warmup) }",
  ],
  [
    "a default of bytes",
    "unit-mismatch",
    "schedule own(peak: float, warmup: span = ‹3GiB›) { return peak * (step / warmup) }",
  ],
  ["a parameter called step", "defined-twice", "schedule own(‹step›: float) { return step }"],
  [
    "a parameter called length",
    "defined-twice",
    "schedule own(‹length›: span) { return step / length }",
  ],
  [
    "a let twice",
    "defined-twice",
    "schedule own(peak: float) { let t = step / length  let ‹t› = peak  return t }",
  ],
  [
    "a let that nothing reads",
    "never-read",
    "schedule own(peak: float) { let ‹t› = step / length  return peak }",
  ],
  [
    "a let of another type",
    "bare-number",
    "schedule own(peak: float) { let t: steps = ‹3›  return peak * (step / t) }",
  ],
  [
    "a requirement that is a number",
    "type-mismatch",
    "schedule own(peak: float) { require ‹peak›  return peak }",
  ],
  [
    "a reason that names nothing",
    "no-such-name",
    'schedule own(peak: float) { require peak > 0.0, "{‹peek›}"  return peak }',
  ],
  [
    "a name that is not there",
    "no-such-name",
    "schedule own(peak: float) { return peak * ‹grad› }",
  ],
  [
    "a tensor",
    "type-mismatch",
    "schedule own(peak: float) { let p = peak  return ‹p * f32(iota(3))› }",
  ],
  [
    "branches of two units",
    "branches-differ",
    "schedule own(peak: float) { return ‹if step < 3steps { peak } else { step }› }",
  ],
  [
    "a list for a parameter's type",
    "no-such-name",
    "schedule own(peaks: list[‹flaot›]) { return 1.0 }",
  ],

  // Optimizers
  [
    "no next weight",
    "missing-field",
    "optimizer ‹own›(rate: float = 1.0) { state m: float = 0.0  next m = rate * m + grad }",
  ],
  [
    "a state that never changes",
    "missing-field",
    own(`state ‹m›: float = 0.0  next weight = weight - learning_rate * (rate * grad + m)`),
  ],
  [
    "a state that nothing reads",
    "never-read",
    own(`state ‹m›: float = 0.0  next m = grad  ${next}`),
  ],
  [
    "a state twice",
    "defined-twice",
    own(`state m: float = 0.0  state ‹m›: float = 0.0  next m = m + grad  ${next}`),
  ],
  ["a state of ints", "type-mismatch", own(`state m: ‹int› = 0  next m = m + grad  ${next}`)],
  [
    "a state of axes",
    "type-mismatch",
    own(`state m: ‹float[3]› = 0.0  next m = m + grad  ${next}`),
  ],
  [
    "a first value of another type",
    "type-mismatch",
    own(`state m: float = ‹"zero"›  next m = m + grad  ${next}`),
  ],
  [
    "a first value that is a tensor",
    "type-mismatch",
    own(`state m: float = ‹grad›  next m = m + grad  ${next}`),
  ],
  [
    "a first value that reads the weight",
    "type-mismatch",
    own(`state m: float = 0.0 * ‹weight›  next m = m + grad  ${next}`),
  ],
  [
    "a first value that changes by step",
    "type-mismatch",
    own(`state m: float = ‹step› / 1steps  next m = m + grad  ${next}`),
  ],
  [
    "a state called grad",
    "defined-twice",
    own(`state ‹grad›: float = 0.0  next grad = grad  ${next}`),
  ],
  ["a state called next", "defined-twice", own(`state ‹next›: float = 0.0  ${next}`)],
  ["a next of nothing", "no-such-name", own(`next ‹v› = grad  ${next}`)],
  ["a next twice", "defined-twice", own(`${next}  next ‹weight› = weight`)],
  [
    "a next that is read too early",
    "no-such-field",
    own(
      `state m: float = 0.0  let a = next.‹m›  next m = m + grad  next weight = weight - learning_rate * rate * a`,
    ),
  ],
  [
    "a next that is not there",
    "no-such-field",
    own("next weight = weight - learning_rate * rate * next.‹v›"),
  ],
  [
    "a next that is a condition",
    "type-mismatch",
    own("next weight = ‹weight > learning_rate * rate * grad›"),
  ],
  ["a next that is text", "type-mismatch", own('let r = rate  next weight = ‹"{r}"›')],
  ["a next of ints", "type-mismatch", own("let r = rate  next weight = ‹int(r * grad)›")],
  ["a next weight that is a number", "type-mismatch", own("next weight = ‹rate›")],
  [
    "a next of a number of axes",
    "rank-mismatch",
    own("next weight = weight - rate * learning_rate * reduce(grad: ‹a b› -> a, by = sum)"),
  ],
  [
    "a let twice",
    "defined-twice",
    own(`let a = grad  let ‹a› = weight  next weight = weight - learning_rate * rate * a`),
  ],
  ["a let that nothing reads", "never-read", own(`let ‹a› = grad  ${next}`)],
  ["a let called as a parameter", "defined-twice", own(`let ‹rate› = 3.0  ${next}`)],
  [
    "a parameter called weight",
    "defined-twice",
    "optimizer own(‹weight›: float) { next weight = weight - learning_rate * grad }",
  ],
  [
    "a parameter called learning_rate",
    "defined-twice",
    "optimizer own(‹learning_rate›: float) { next weight = weight - learning_rate * grad }",
  ],
  [
    "a parameter that nothing reads",
    "never-read",
    "optimizer own(‹momentum›: float = 0.9) { next weight = weight - learning_rate * grad }",
  ],
  [
    "a step that is a number",
    "unit-mismatch",
    own("next weight = weight - learning_rate * rate * grad / ‹step›"),
  ],
  [
    "a step and a number added",
    "unit-mismatch",
    own("next weight = weight - learning_rate * rate * grad / pow(2.0, ‹step + 1›)"),
  ],
  [
    "an unknown rank compared with text",
    "type-mismatch",
    own(
      'next weight = weight - learning_rate * rate * (if ‹rank(weight) == "2"› { grad } else { -grad })',
    ),
  ],
  ["a requirement that is a number", "type-mismatch", own(`require ‹rate›  ${next}`)],
  [
    "a requirement that its own defaults break",
    "requirement-broken",
    own(`require ‹rate < 1.0›  ${next}`),
  ],
  ["a requirement of the gradient", "type-mismatch", own(`require ‹grad > 0.0›  ${next}`)],

  // Losses and metrics
  [
    "a loss of another shape",
    "size-mismatch",
    "fn own[B, T, V](logits: float[B, T, V], tokens: int[B, T]) -> mean { return cross_entropy(logits, ‹tokens[:, 1 : T]›) }",
  ],
  [
    "a loss that is a bare number",
    "type-mismatch",
    "fn own[B](x: float[B]) -> mean { return ‹reduce(x: b -> , by = mean)› }",
  ],
  [
    "means that are added",
    "type-mismatch",
    "fn own[B](x: float[B]) -> mean { return ‹mean(x) + mean(x)› }",
  ],
  [
    "a mean that is scaled by text",
    "type-mismatch",
    'fn own[B](x: float[B]) -> mean { return ‹mean(x) * "2"› }',
  ],
  [
    "a metric of another result",
    "type-mismatch",
    "metric own[B](x: float[B]) -> mean { return ‹x› }",
  ],
  [
    "a metric of a size of nothing",
    "axis-unknown-size",
    "metric own[B, ‹T›](x: float[B]) -> mean { return mean(x) }",
  ],
  [
    "a metric that reports no number",
    "type-mismatch",
    "metric own[B](x: float[B]) -> ‹float[B]› { return x }",
  ],
  [
    "a metric that does not add up over the parts of a dataset",
    "type-mismatch",
    "metric own[B](x: float[B]) -> ‹float› { return reduce(x: b -> , by = max) }",
  ],
  [
    "a metric that reads nothing",
    "missing-argument",
    "metric ‹own›() -> mean { return mean(iota(3)) }",
  ],
  [
    "a metric of a parameter that nothing reads",
    "never-read",
    "metric own[B](x: float[B], ‹y›: float[B]) -> mean { return mean(x) }",
  ],
  ["an own metric without a body", "not-that-kind", "extern metric ‹own›() -> float"],
];
