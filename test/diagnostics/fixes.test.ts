/** What a machine may apply: once the first way out is taken, what it was offered for is gone. */

import { expect, test } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { check } from "../../compiler/driver.ts";
import { applied } from "../support/applied.ts";
import { loaded } from "../support/library.ts";

function faults(source: string): readonly Diagnostic[] {
  return check(loaded(source), new Map()).diagnostics;
}

const cases: readonly [string, string][] = [
  [
    "a name that an imported module has",
    `
import std/schedule.{constant}

let rate = cosine(peak = 2e-4)
`,
  ],
  [
    "a misspelt name that an imported module has",
    `
import std/schedule.{constant}

let rate = cosin(peak = 2e-4)
`,
  ],
  [
    "a number without a unit",
    `
import std/schedule.{cosine}

let rate = cosine(peak = 2e-4, warmup = 0.03)
`,
  ],
  [
    "a size that a block does not prove",
    `
import std/nn.{Linear}

block Heads[D, H, K]() {
  let o_proj = Linear[H * K, D]()

  forward[..S](x: float[..S, D]) -> float[..S, D] {
    return o_proj(x)
  }
}
`,
  ],
  [
    "a size that a function does not prove",
    `
fn both[B, T, S, D](q: float[B, T, D], k: float[B, S, D]) -> float[B, T, D] {
  return q + k
}
`,
  ],
  [
    "a split that a function does not prove",
    `
fn gated[B, T, D, H](x: float[B, T, D], gate: float[H]) -> float[B, T, D] {
  let split = rearrange(x: b t (h k) -> b h t k, h = H)
  return rearrange(einsum(split: b h t k, gate: h -> b h t k): b h t k -> b t (h k))
}
`,
  ],
  [
    "a tensor that lacks the last axis",
    `
fn scaled[B, T, D](x: float[B, T, D], size: float[B, T]) -> float[B, T, D] {
  return x * size
}
`,
  ],
  [
    "a tensor whose last axis is 1",
    `
fn scaled[B, T, D](size: float[B, T, 1], x: float[B, T, D]) -> float[B, T, D] {
  return size * x
}
`,
  ],
  [
    "whole numbers where floats are meant",
    `
fn halves[B](x: int[B], y: f32[B]) -> f32[B] {
  return x * y
}
`,
  ],
  [
    "a column that a template misspells",
    `
record Pair { question: string  answer: string }

template qa for Pair {
  "Q: {qeustion}"
  learn { "{answer}" }
}
`,
  ],
];

test.each(cases)("%s", (_, source) => {
  const [fault] = faults(source);
  const edits = fault?.fixes[0]?.edits;
  if (edits === undefined) throw new Error(`nothing is offered for ${fault?.title ?? "no fault"}`);
  expect(faults(applied(source, edits)).map(({ title }) => title)).toEqual([]);
});
