/**
 * A hand-written model that writes on: the next token is the sum of all tokens of its row so far and of the
 * last one's position, modulo the vocabulary. It sees only what a real model would: cached tokens whose
 * segment is 0, up to its own slot.
 */

import type { GeneratePlan, Plan, Program, Slice } from "../../runtime/plan.ts";

export const vocabulary = 10;

function adder(rows: number, context: number, chunk: number): string {
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> tokens: array<i32>;
@group(0) @binding(1) var<storage, read> position: array<i32>;
@group(0) @binding(2) var<storage, read> segment: array<i32>;
@group(0) @binding(3) var<storage, read> offset: i32;
@group(0) @binding(4) var<storage, read_write> cached_tokens: array<i32>;
@group(0) @binding(5) var<storage, read_write> cached_segments: array<i32>;
@group(0) @binding(6) var<storage, read_write> logits: array<f32>;

@compute @workgroup_size(1) fn main() {
  for (var row = 0; row < ${rows}; row++) {
    for (var column = 0; column < ${chunk}; column++) {
      cached_tokens[row * ${context} + offset + column] = tokens[row * ${chunk} + column];
      cached_segments[row * ${context} + offset + column] = segment[row * ${chunk} + column];
    }
    var sum = 0;
    for (var slot = 0; slot < offset + ${chunk}; slot++) {
      if (cached_segments[row * ${context} + slot] == 0) {
        sum += cached_tokens[row * ${context} + slot];
      }
    }
    sum += position[row * ${chunk} + ${chunk - 1}];
    for (var id = 0; id < ${vocabulary}; id++) {
      logits[row * ${vocabulary} + id] = select(0.0, 1.0, id == sum % ${vocabulary});
    }
  }
}`;
}

export interface AdderOptions {
  readonly rows: number;
  readonly context: number;
  /** The widest first; the last is 1. */
  readonly chunks: readonly number[];
}

export function adderPlan({ rows, context, chunks }: AdderOptions): {
  readonly plan: Plan;
  readonly generate: GeneratePlan;
} {
  const room = 4096;
  const cache = (place: number): Slice => ({ buffer: 0, offset: place, bytes: 4 * rows * context });
  const cachedTokens = cache(0);
  const cachedSegments = cache(room);
  const logits: Slice = { buffer: 0, offset: 2 * room, bytes: 4 * rows * vocabulary };
  const offset: Slice = { buffer: 1, offset: 3 * room, bytes: 4 };
  const program = (chunk: number): Program => {
    const column = (place: number) =>
      ({
        dtype: "i32",
        shape: [rows, chunk],
        slice: { buffer: 1, offset: place * room, bytes: 4 * rows * chunk },
      }) as const;
    const [tokens, position, segment] = [column(0), column(1), column(2)];
    return {
      batch: { tokens, position, segment },
      scalars: { offset: { dtype: "i32", slice: offset, value: { variable: "offset" } } },
      dispatches: [
        {
          kernel: `adder.${chunk}`,
          bindings: [
            tokens.slice,
            position.slice,
            segment.slice,
            offset,
            cachedTokens,
            cachedSegments,
            logits,
          ],
          grid: [1, 1, 1],
          writes: [
            { binding: 4, dtype: "i32", elements: rows * context },
            { binding: 5, dtype: "i32", elements: rows * context },
            { binding: 6, dtype: "f32", elements: rows * vocabulary },
          ],
          label: "adder",
        },
      ],
      results: { logits: { dtype: "f32", shape: [rows, vocabulary], slice: logits } },
    };
  };
  const generate: GeneratePlan = {
    rows,
    programs: chunks.map((chunk) => ({ chunk, program: `adder.${chunk}` })),
    context,
    vocabulary,
    caches: ["cached_segments"],
  };
  const tensor = { dtype: "i32", shape: [rows, context] } as const;
  const plan: Plan = {
    format: "ftc-plan",
    version: 1,
    compiler: "0.1.0",
    source: "adder.ftp",
    requires: { features: [], limits: {}, bytes: 8 * room },
    kernels: Object.fromEntries(
      chunks.map((chunk) => [
        `adder.${chunk}`,
        { wgsl: adder(rows, context, chunk), workgroup: [1, 1, 1] },
      ]),
    ),
    buffers: [
      { arena: "caches", bytes: 4 * room },
      { arena: "batch", bytes: 4 * room },
    ],
    tensors: {
      cached_tokens: { ...tensor, slice: cachedTokens, source: { kind: "zeros" } },
      cached_segments: { ...tensor, slice: cachedSegments, source: { kind: "fill", value: -1 } },
    },
    programs: Object.fromEntries(chunks.map((chunk) => [`adder.${chunk}`, program(chunk)])),
    models: {},
    datasets: {},
    jobs: [],
  };
  return { plan, generate };
}

/** What the model writes after `prompt`, by the definition. */
export function adderAnswer(prompt: readonly number[], count: number): number[] {
  const text = [...prompt];
  while (text.length < prompt.length + count) {
    text.push(text.reduce((sum, token) => sum + token, text.length - 1) % vocabulary);
  }
  return text.slice(prompt.length);
}
