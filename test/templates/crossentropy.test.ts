/** Cross-entropy and its gradient against the definition in double precision. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  chooseCrossEntropy,
  crossEntropyForward,
  crossEntropyGradient,
  type RowTile,
} from "../../compiler/wgsl/templates/crossentropy.ts";
import type {
  CrossEntropyForwardSpec,
  CrossEntropyGradientSpec,
  KernelTarget,
} from "../../compiler/wgsl/templates/template.ts";
import { Device } from "../../runtime/device.ts";
import { bufferOf, numbers, readFloats, ready, submit } from "./run.ts";

let clamped: Device;
let proved: Device;
beforeAll(async () => {
  clamped = await Device.open();
  proved = await Device.open({ proved: true });
});
afterAll(() => {
  clamped.close();
  proved.close();
});

interface Rows {
  readonly rows: number;
  readonly classes: number;
  /** Whether logits and gradients are declared as vectors. */
  readonly wide: boolean;
}

function specOf(
  { rows, classes, wide }: Rows,
  part: "forward" | "gradient",
): CrossEntropyForwardSpec & CrossEntropyGradientSpec {
  const array = wide ? "array<vec4<f32>>" : "array<f32>";
  const bindings = {
    forward: [
      "logits: read array",
      "label: read array<i32>",
      "learns: read array<i32>",
      "loss: read_write array<f32>",
      "lse: read_write array<f32>",
    ],
    gradient: [
      "logits: read array",
      "label: read array<i32>",
      "learns: read array<i32>",
      "lse: read array<f32>",
      "dLoss: read array<f32>",
      "dLogits: read_write array",
    ],
  }[part];
  const text = bindings.map((line, at) => {
    const [name, access, type] = line.split(/:? /);
    return `@group(0) @binding(${at}) var<storage, ${access}> ${name}: ${type === "array" ? array : type};`;
  });
  const index = (row: string, column: string) => `(${row} * ${classes}u + ${column})`;
  const element = (name: string, row: string, column: string) =>
    wide
      ? `${name}[${index(row, column)} / 4u][${index(row, column)} % 4u]`
      : `${name}[${index(row, column)}]`;
  return {
    rows,
    classes,
    logit: (row, column) => element("logits", row, column),
    label: (row) => `label[${row}]`,
    learns: (row) => `(learns[${row}] != 0i)`,
    lse: (row) => `lse[${row}]`,
    lossGradient: (row) => `dLoss[${row}]`,
    storeLoss: (row, value) => `loss[${row}] = ${value};`,
    storeLse: (row, value) => `lse[${row}] = ${value};`,
    storeGradient: (row, column, value) => `${element("dLogits", row, column)} = ${value};`,
    ...(wide
      ? {
          logitVector: (row: string, column: string) => `logits[${index(row, column)} / 4u]`,
          storeGradientVector: (row: string, column: string, value: string) =>
            `dLogits[${index(row, column)} / 4u] = ${value};`,
        }
      : {}),
    declarations: { enables: [], text: text.join("\n") },
  };
}

interface Case {
  readonly logits: Float32Array;
  readonly label: Int32Array;
  readonly learns: Int32Array;
  readonly dLoss: Float32Array;
}

/** Every third row learns nothing and has a label that is none. */
function caseOf({ rows, classes }: Rows, spread: number): Case {
  return {
    logits: numbers(rows * classes, 1).map((x) => x * spread),
    label: Int32Array.from({ length: rows }, (_, row) =>
      row % 3 === 2 ? -100 : (row * 7) % classes,
    ),
    learns: Int32Array.from({ length: rows }, (_, row) => (row % 3 === 2 ? 0 : 1)),
    dLoss: numbers(rows, 2),
  };
}

interface Computed {
  readonly loss: Float32Array;
  readonly lse: Float32Array;
  readonly dLogits: Float32Array;
}

async function compute(device: Device, shape: Rows, tile: RowTile, data: Case): Promise<Computed> {
  const { rows, classes } = shape;
  const [logits, label, learns, dLoss] = [data.logits, data.label, data.learns, data.dLoss].map(
    (numbers) => bufferOf(device, numbers),
  );
  const empty = (count: number) => bufferOf(device, new Float32Array(count).fill(Number.NaN));
  const [loss, lse, dLogits] = [empty(rows), empty(rows), empty(rows * classes)];
  const launches = [
    ready(device, {
      kernel: crossEntropyForward(specOf(shape, "forward"), tile),
      buffers: [logits, label, learns, loss, lse],
    }),
    ready(device, {
      kernel: crossEntropyGradient(specOf(shape, "gradient"), tile),
      buffers: [logits, label, learns, lse, dLoss, dLogits],
    }),
  ];
  submit(device, await Promise.all(launches));
  const results = {
    loss: await readFloats(device, loss, rows),
    lse: await readFloats(device, lse, rows),
    dLogits: await readFloats(device, dLogits, rows * classes),
  };
  for (const buffer of [logits, label, learns, dLoss, loss, lse, dLogits]) buffer.destroy();
  return results;
}

function expected({ rows, classes }: Rows, { logits, label, learns, dLoss }: Case) {
  const loss = new Float64Array(rows);
  const lse = new Float64Array(rows);
  const dLogits = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row += 1) {
    const mine = Array.from(logits.subarray(row * classes, (row + 1) * classes));
    const most = Math.max(...mine);
    lse[row] = most + Math.log(mine.reduce((sum, x) => sum + Math.exp(x - most), 0));
    if (learns[row] === 0) continue;
    loss[row] = lse[row] - mine[label[row]];
    mine.forEach((x, column) => {
      const hit = column === label[row] ? 1 : 0;
      dLogits[row * classes + column] = (Math.exp(x - lse[row]) - hit) * dLoss[row];
    });
  }
  return { loss, lse, dLogits };
}

async function expectRight(shape: Rows, tile: RowTile, spread = 5) {
  const data = caseOf(shape, spread);
  const [one, free] = await Promise.all([
    compute(clamped, shape, tile, data),
    compute(proved, shape, tile, data),
  ]);
  expect(free).toEqual(one);
  const wanted = expected(shape, data);
  for (const name of ["loss", "lse", "dLogits"] as const) {
    // Driver exponentials and logarithms are good to a few units in the last place of their arguments.
    const isNear = (value: number, at: number) =>
      Math.abs(value - wanted[name][at]) <= 4e-6 * Math.max(1, spread, Math.abs(wanted[name][at]));
    const wrong = Array.from(one[name], (value, at) => ({ at, value, wanted: wanted[name][at] }));
    expect({ name, wrong: wrong.filter(({ at, value }) => !isNear(value, at)) }).toEqual({
      name,
      wrong: [],
    });
  }
}

describe.each([
  ["a subgroup", { threads: 8, isSubgroup: true }],
  ["a workgroup", { threads: 32, isSubgroup: false }],
] as const)("by %s, cross-entropy and its gradient", (_, tile) => {
  test.each([
    ["of vectors of classes", { rows: 7, classes: 136, wide: true }],
    ["of a prime number of classes", { rows: 5, classes: 71, wide: false }],
    ["of fewer classes than threads", { rows: 3, classes: 3, wide: false }],
    ["of one class", { rows: 1, classes: 1, wide: false }],
  ])("are right %s", async (_, shape) => {
    await expectRight(shape, tile);
  });
});

test("logits far apart neither overflow nor vanish", async () => {
  const tile = { threads: 8, isSubgroup: true };
  await expectRight({ rows: 6, classes: 40, wide: true }, tile, 3000);
});

test("more rows than one dimension of a grid has are spread over two", () => {
  const spec = specOf({ rows: 70_000, classes: 8, wide: true }, "forward");
  const { grid, wgsl } = crossEntropyForward(spec, { threads: 8, isSubgroup: true });
  expect(grid[0] * grid[1]).toBeGreaterThanOrEqual(70_000);
  expect(wgsl).toContain("if (t_row >= 70000u) { return; }");
});

test("a row is a subgroup's on a software adapter and a workgroup's elsewhere", () => {
  const spec = specOf({ rows: 1, classes: 32_000, wide: true }, "forward");
  const target: KernelTarget = {
    subgroupSize: 8,
    hasSubgroups: true,
    workgroupStorage: 16_384,
    maxInvocations: 256,
    software: true,
  };
  expect(chooseCrossEntropy(spec, target)).toEqual({ threads: 8, isSubgroup: true });
  const hardware = { ...target, software: false };
  expect(chooseCrossEntropy(spec, hardware)).toEqual({ threads: 256, isSubgroup: false });
});
