/** Attention and its gradients against the definition in double precision. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AttentionPart,
  type AttentionTile,
  attentionForward,
  attentionKeyValueGradient,
  attentionQueryGradient,
  chooseAttention,
} from "../../compiler/wgsl/templates/attention.ts";
import type { KernelTarget, KernelText } from "../../compiler/wgsl/templates/template.ts";
import { Device } from "../../runtime/device.ts";
import {
  type AttentionBuffer,
  type AttentionInputs,
  attentionBuffers,
  elementsOf,
  expectedAttention,
  type HeadName,
  type PlainAttention,
  plainAttention,
} from "./plain-attention.ts";
import { bufferOf, complaints, numbers, readFloats, ready, submit } from "./run.ts";

let clamped: Device;
let proved: Device;
let target: KernelTarget;
beforeAll(async () => {
  clamped = await Device.open();
  proved = await Device.open({ proved: true });
  target = {
    subgroupSize: clamped.description.subgroup.smallest,
    hasSubgroups: clamped.has("subgroups"),
    workgroupStorage: 16_384,
    maxInvocations: 256,
    software: true,
  };
});
afterAll(() => {
  clamped.close();
  proved.close();
});

const parts = ["forward", "query", "key-value"] as const;
const resultsOf = {
  forward: ["out", "lse"],
  query: ["queryGradient"],
  "key-value": ["keyGradient", "valueGradient"],
} as const satisfies Readonly<Record<AttentionPart, readonly ("lse" | HeadName)[]>>;

function kernelFor(plain: PlainAttention, part: AttentionPart, tile: AttentionTile): KernelText {
  const spec = plainAttention(plain, part);
  switch (part) {
    case "forward":
      return attentionForward(spec, tile);
    case "query":
      return attentionQueryGradient(spec, tile);
    case "key-value":
      return attentionKeyValueGradient(spec, tile);
    default:
      return part satisfies never;
  }
}

/** Segments of two packed texts, with padding behind. */
function packed(batch: number, positions: number): Int32Array {
  return Int32Array.from({ length: batch * positions }, (_, at) => {
    const place = (at % positions) / positions;
    if (place >= 0.9 && positions > 4) return -1;
    return place < 0.4 ? 0 : 1;
  });
}

function inputsOf(plain: PlainAttention): AttentionInputs {
  const heads = (name: HeadName, seed: number) => numbers(elementsOf(plain, name), seed);
  return {
    query: heads("query", 1),
    key: heads("key", 2),
    value: heads("value", 3),
    outGradient: heads("outGradient", 4),
    querySegment: packed(plain.batch, plain.queries),
    keySegment: packed(plain.batch, plain.keys),
  };
}

type Adapt = (tile: AttentionTile, part: AttentionPart) => AttentionTile;

interface Computed {
  readonly results: Readonly<Record<string, Float32Array>>;
  readonly faults: number;
}

/** Runs all three kernels; the backward ones read what the forward one wrote. */
async function compute(
  device: Device,
  plain: PlainAttention,
  inputs: AttentionInputs,
  adapt: Adapt,
): Promise<Computed> {
  const { batch, heads, queries } = plain;
  const empty = (count: number) => bufferOf(device, new Float32Array(count).fill(Number.NaN));
  const headBuffer = (name: HeadName) => empty(elementsOf(plain, name));
  const buffers: Readonly<Record<AttentionBuffer, GPUBuffer>> = {
    query: bufferOf(device, inputs.query),
    key: bufferOf(device, inputs.key),
    value: bufferOf(device, inputs.value),
    outGradient: bufferOf(device, inputs.outGradient),
    querySegment: bufferOf(device, inputs.querySegment),
    keySegment: bufferOf(device, inputs.keySegment),
    offset: bufferOf(device, Int32Array.of(plain.offset)),
    faults: bufferOf(device, new Int32Array(4)),
    out: headBuffer("out"),
    lse: empty(batch * heads * queries),
    queryGradient: headBuffer("queryGradient"),
    keyGradient: headBuffer("keyGradient"),
    valueGradient: headBuffer("valueGradient"),
  };
  const launches = parts.map((part) =>
    ready(device, {
      kernel: kernelFor(plain, part, adapt(chooseAttention(plain, part, target), part)),
      buffers: attentionBuffers(part, plain).map((name) => buffers[name]),
    }),
  );
  submit(device, await Promise.all(launches));
  const results: Record<string, Float32Array> = {};
  for (const name of parts.flatMap((part) => resultsOf[part])) {
    const count = name === "lse" ? batch * heads * queries : elementsOf(plain, name);
    results[name] = await readFloats(device, buffers[name], count);
  }
  const faults = await readFloats(device, buffers.faults, 1);
  for (const buffer of Object.values(buffers)) buffer.destroy();
  return { results, faults: new Int32Array(faults.buffer)[0] };
}

async function expectRight(plain: PlainAttention, adapt: Adapt = (tile) => tile) {
  const inputs = inputsOf(plain);
  const [one, free] = await Promise.all([
    compute(clamped, plain, inputs, adapt),
    compute(proved, plain, inputs, adapt),
  ]);
  expect(free.results).toEqual(one.results);
  const expected = expectedAttention(plain, inputs);
  for (const name of parts.flatMap((part) => resultsOf[part])) {
    const wanted = expected[name];
    // Sums of at most some hundred terms below 1, and exponentials of sums that are off by 1e-6.
    const isNear = (value: number, at: number) =>
      Math.abs(value - wanted[at]) <= 2e-5 * Math.max(1, Math.abs(wanted[at]));
    const wrong = Array.from(one.results[name], (value, at) => ({ at, value, wanted: wanted[at] }));
    expect({ name, wrong: wrong.filter(({ at, value }) => !isNear(value, at)) }).toEqual({
      name,
      wrong: [],
    });
  }
}

function attention(
  [batch, heads, groups, queries, keys, channels]: readonly number[],
  causal: boolean,
  offset = 0,
): PlainAttention {
  return { batch, heads, groups, queries, keys, channels, causal, offset, checked: false };
}

describe("attention and its gradients", () => {
  test.each([
    ["causal", attention([1, 2, 2, 40, 40, 16], true)],
    ["of grouped queries", attention([2, 4, 2, 19, 19, 8], true)],
    ["that sees everything", attention([1, 1, 1, 35, 67, 32], false)],
    ["of an odd number of channels", attention([1, 2, 1, 13, 13, 7], true)],
    ["of one query behind a cache", attention([2, 2, 1, 1, 45, 12], true, 30)],
    ["with an offset that hides all from the first", attention([1, 1, 1, 21, 21, 4], true, -5)],
    ["of one key and one channel", attention([1, 1, 1, 1, 1, 1], true)],
    ["of heads of several blocks", attention([1, 1, 1, 9, 9, 72], true)],
  ])("are right when %s", async (_, plain) => {
    await expectRight(plain);
  });

  test("are right of more rows than lanes", async () => {
    // A kernel of sixteen rows takes seconds to compile; what is special about it is the same in all three.
    const plain = attention([1, 1, 1, 37, 37, 8], true);
    await expectRight(plain, (tile, part) => (part === "forward" ? { ...tile, rows: 16 } : tile));
  });

  test("are right without subgroups", async () => {
    const tile = { rows: 2, lanes: 1, threads: 64 };
    await expectRight(attention([1, 2, 1, 70, 70, 8], true), () => tile);
  });

  test.each([
    ["of vectors", attention([1, 2, 1, 11, 13, 8], true)],
    ["of an odd number of channels", attention([1, 2, 1, 11, 13, 3], false)],
  ])("read nothing outside their tensors when %s", async (_, plain) => {
    const checked = { ...plain, checked: true };
    const adapt: Adapt = (tile) => ({ ...tile, rows: 2 });
    expect(await compute(proved, checked, inputsOf(plain), adapt)).toMatchObject({ faults: 0 });
  });
});

describe("the tile of attention", () => {
  const shape = attention([1, 8, 8, 512, 512, 64], true);

  test("takes fewer rows the more results it keeps", () => {
    const lavapipe = { ...target, hasSubgroups: true, subgroupSize: 8 };
    const large = { ...shape, batch: 4, queries: 1024, keys: 1024 };
    expect(chooseAttention(large, "forward", lavapipe)).toMatchObject({ rows: 16, lanes: 8 });
    expect(chooseAttention(large, "key-value", lavapipe)).toMatchObject({ rows: 8, lanes: 8 });
  });

  test("takes fewer rows for work that would not pay for compiling more", () => {
    const small = { ...shape, heads: 1, groups: 1, queries: 32, keys: 32, channels: 16 };
    expect(chooseAttention(small, "forward", target).rows).toBeLessThan(4);
  });

  test("takes no more rows than there are queries", () => {
    const one = { ...shape, queries: 1 };
    expect(chooseAttention(one, "forward", target)).toMatchObject({ rows: 1 });
  });

  test("is front-end-valid for subgroups of 32", async () => {
    const device = await Device.open({ backend: "null" });
    const gpu = { ...target, hasSubgroups: true, subgroupSize: 32, software: false };
    for (const part of parts) {
      const kernel = kernelFor(shape, part, chooseAttention(shape, part, gpu));
      expect(await complaints(device, kernel)).toEqual([]);
    }
    device.close();
  });
});
