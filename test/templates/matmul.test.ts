/** Every matmul variant against a loop in double precision, on shapes that leave edges everywhere. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  chooseMatmul,
  type MatmulChoice,
  matmulKernels,
  scratchElements,
} from "../../compiler/wgsl/templates/matmul.ts";
import type { KernelTarget } from "../../compiler/wgsl/templates/template.ts";
import { Device } from "../../runtime/device.ts";
import { buffersOf, expectedProduct, type PlainMatmul, plainSpec } from "./plain-matmul.ts";
import { bufferOf, complaints, numbers, readFloats, ready, submit } from "./run.ts";

let clamped: Device;
let proved: Device;
let lanes: number;
beforeAll(async () => {
  clamped = await Device.open();
  proved = await Device.open({ proved: true });
  lanes = clamped.description.subgroup.smallest;
});
afterAll(() => {
  clamped.close();
  proved.close();
});

interface Product {
  readonly out: Float32Array;
  /** Indices outside a matrix, where the kernel checks them. */
  readonly faults: number;
}

async function multiply(
  device: Device,
  plain: PlainMatmul,
  choice: MatmulChoice,
  left: Float32Array,
  right: Float32Array,
): Promise<Product> {
  const { batch, m, n } = plain;
  const buffers: Readonly<Record<string, GPUBuffer>> = {
    left: bufferOf(device, left),
    right: bufferOf(device, right),
    out: bufferOf(device, new Float32Array(batch * m * n).fill(Number.NaN)),
    scratch: bufferOf(device, new Float32Array(scratchElements(plain, choice))),
    faults: bufferOf(device, new Int32Array(4)),
  };
  const launches = matmulKernels(plainSpec(plain), choice).map((kernel) =>
    ready(device, {
      kernel,
      buffers: buffersOf(kernel.stage, plain.checked).map((name) => buffers[name]),
    }),
  );
  submit(device, await Promise.all(launches));
  const out = await readFloats(device, buffers.out, batch * m * n);
  const faults = await readFloats(device, buffers.faults, 1);
  for (const buffer of Object.values(buffers)) buffer.destroy();
  return { out, faults: new Int32Array(faults.buffer)[0] };
}

async function expectRight(choice: MatmulChoice, shape: Omit<PlainMatmul, "checked">) {
  const { batch, m, n, k } = shape;
  const left = numbers(batch * m * k, 1);
  const right = numbers(batch * k * n, 2);
  const plain = { ...shape, checked: false };
  // At once, since each device compiles on a thread of its own.
  const [{ out }, free] = await Promise.all([
    multiply(clamped, plain, choice, left, right),
    multiply(proved, { ...shape, checked: true }, choice, left, right),
  ]);
  const { product, magnitude } = expectedProduct(plain, left, right);
  // A sum of k products in any order is off by at most about k roundings of its terms' magnitude.
  const wrong = Array.from(out, (value, at) => ({ at, value, wanted: product[at] })).filter(
    ({ at, value, wanted }) => !(Math.abs(value - wanted) <= k * 2 ** -23 * magnitude[at]),
  );
  expect(wrong).toEqual([]);
  expect(free.faults).toBe(0);
  expect(free.out).toEqual(out);
}

function shape(
  layout: "NN" | "NT" | "TN" | "TT",
  m: number,
  n: number,
  k: number,
  batch = 1,
): Omit<PlainMatmul, "checked"> {
  const [leftTransposed, rightTransposed] = [layout[0] === "T", layout[1] === "T"];
  return { batch, m, n, k, leftTransposed, rightTransposed };
}

describe("by subgroup broadcasts", () => {
  const choice = (rows: number, parts = 1, transposed = false) =>
    ({ kind: "broadcast", rows, parts, transposed }) as const;

  // Few rows a tile where that shows as much: a kernel of sixteen takes most of a second to compile.
  test.each([
    ["of whole tiles", shape("NN", 32, 64, 8), choice(16)],
    ["of whole tiles, right transposed", shape("NT", 8, 64, 8), choice(4)],
    ["of whole tiles, left transposed", shape("TN", 8, 64, 8), choice(8)],
    ["of primes", shape("NN", 11, 41, 7), choice(4)],
    ["of primes, both transposed", shape("TT", 11, 41, 7), choice(4)],
    ["of vectors with edges", shape("NN", 20, 36, 12), choice(16)],
    ["of vectors with edges, both transposed", shape("TT", 12, 36, 12), choice(8)],
    ["of tiles that begin between multiples of four", shape("TN", 8, 20, 12), choice(2)],
    ["of one element", shape("NN", 1, 1, 1), choice(1)],
    ["of a batch, k below a vector", shape("NN", 5, 3, 2, 2), choice(4)],
    ["of few columns, transposed", shape("NN", 67, 3, 9), choice(4, 1, true)],
    ["of k in parts", shape("NN", 3, 20, 203, 2), choice(2, 3)],
    ["of k in parts, some empty, transposed", shape("TN", 33, 2, 10), choice(2, 4, true)],
  ])("a matmul %s is right", async (_, product, chosen) => {
    await expectRight({ ...chosen, lanes }, product);
  });
});

test("broadcasts among 32 lanes are front-end-valid", async () => {
  const device = await Device.open({ backend: "null" });
  const target = { batch: 2, m: 100, n: 300, k: 77 };
  for (const transposed of [false, true]) {
    const plain = {
      ...target,
      leftTransposed: transposed,
      rightTransposed: transposed,
      checked: false,
    };
    const choice = { kind: "broadcast", rows: 16, lanes: 32, parts: 2, transposed } as const;
    for (const kernel of matmulKernels(plainSpec(plain), choice)) {
      expect(await complaints(device, kernel)).toEqual([]);
    }
  }
  device.close();
});

describe("by tiles in workgroup memory", () => {
  const choice = (edge: 64 | 128, parts = 1): MatmulChoice => ({
    kind: "tile",
    edge,
    // A deeper turn is the same text more often, and lavapipe takes long to compile what has barriers.
    depth: 4,
    parts,
    transposed: false,
  });

  test.each([
    ["of primes, both transposed", shape("TT", 67, 71, 83, 2), choice(64)],
    ["of vectors with edges", shape("NN", 68, 36, 92), choice(64)],
    ["of k in parts", shape("TN", 5, 9, 211), choice(64, 3)],
    ["of large tiles", shape("NT", 128, 256, 80), choice(128)],
  ])("a matmul %s is right", async (_, product, chosen) => {
    await expectRight(chosen, product);
  });
});

describe("the choice", () => {
  const software: KernelTarget = {
    subgroupSize: 8,
    hasSubgroups: true,
    workgroupStorage: 32_768,
    maxInvocations: 1024,
    software: true,
  };
  const hardware = { ...software, software: false, subgroupSize: 32 };

  test("on a software adapter is broadcasts of sixteen rows for a large matmul", () => {
    expect(chooseMatmul({ batch: 1, m: 512, n: 512, k: 512 }, software)).toEqual({
      kind: "broadcast",
      rows: 16,
      lanes: 8,
      transposed: false,
      parts: 1,
    });
  });

  test("lays the longer side along the lanes", () => {
    const choice = chooseMatmul({ batch: 1, m: 8192, n: 8, k: 512 }, software);
    expect(choice).toMatchObject({ rows: 8, transposed: true });
  });

  test("does without subgroups where there are none", () => {
    const target = { ...software, hasSubgroups: false, subgroupSize: 0 };
    expect(chooseMatmul({ batch: 1, m: 64, n: 64, k: 64 }, target)).toMatchObject({ kind: "tile" });
  });

  test("fills a large GPU with parts of k when the output is small", () => {
    const choice = chooseMatmul({ batch: 1, m: 16, n: 2048, k: 8192 }, hardware);
    expect(choice).toEqual({ kind: "tile", edge: 64, depth: 16, transposed: false, parts: 4 });
    expect(scratchElements({ batch: 1, m: 16, n: 2048, k: 8192 }, choice)).toBe(4 * 16 * 2048);
  });

  test("takes larger tiles when there are enough of them", () => {
    const choice = chooseMatmul({ batch: 1, m: 4096, n: 4096, k: 512 }, hardware);
    expect(choice).toMatchObject({ kind: "tile", edge: 128, parts: 1 });
  });
});
