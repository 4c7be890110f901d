/**
 * `npm run bench gemm`: f32 matmuls of ours and of jax-js on one adapter, in turns, without compiling.
 * Both results are checked before they are timed.
 */

import { chooseMatmul, matmulKernels } from "../compiler/wgsl/templates/matmul.ts";
import { Device } from "../runtime/device.ts";
import { patiently } from "../runtime/patience.ts";
import { buffersOf, type PlainMatmul, plainSpec } from "../test/templates/plain-matmul.ts";
import { bufferOf, numbers, readFloats, ready, submit } from "../test/templates/run.ts";
import { type Contestant, interleave, ratesOf } from "./interleave.ts";
import { type JaxMatmul, jaxMatmul, openJax } from "./jax.ts";
import { print, targetOf } from "./report.ts";

const rounds = 15;

const shapes: readonly PlainMatmul[] = [
  plain(256, 256, 256),
  plain(512, 512, 512),
  plain(1024, 1024, 1024),
  plain(512, 2048, 512, "right"),
  plain(512, 512, 2048, "left"),
];

export async function benchGemm(): Promise<void> {
  const device = await Device.open();
  await openJax();
  const rows: string[][] = [];
  for (const shape of shapes) {
    const { m, n, k } = shape;
    const left = numbers(m * k, 1);
    const right = numbers(k * n, 2);
    const ours = await ourMatmul(device, shape, left, right);
    const theirs = await jaxMatmul(
      {
        data: left,
        shape: shape.leftTransposed ? [k, m] : [m, k],
        isTransposed: shape.leftTransposed,
      },
      {
        data: right,
        shape: shape.rightTransposed ? [n, k] : [k, n],
        isTransposed: shape.rightTransposed,
      },
    );
    await check(shape, ours, left, right);
    await check(shape, theirs, left, right);
    const [mine, other] = (await interleave([ours, theirs], rounds)).map((measured) =>
      ratesOf(measured, 2e-9 * m * n * k),
    );
    if (mine === undefined || other === undefined) throw new Error("two were measured");
    const layout = `${shape.leftTransposed ? "T" : "N"}${shape.rightTransposed ? "T" : "N"}`;
    rows.push([
      `${m} × ${n} × ${k} ${layout}`,
      ...[mine, other].flatMap(({ least, median, most }) =>
        [least, median, most].map((rate) => rate.toFixed(1)),
      ),
      `${(mine.median / other.median).toFixed(2)}×`,
    ]);
  }
  print(
    `f32 matmul, GFLOP/s of ${rounds} samples in turns, ${device.description.device}`,
    ["m × n × k", "ftc min", "median", "max", "jax-js min", "median", "max", "ratio of medians"],
    rows,
  );
  device.close();
}

function plain(m: number, n: number, k: number, transposed?: "left" | "right"): PlainMatmul {
  return {
    batch: 1,
    m,
    n,
    k,
    leftTransposed: transposed === "left",
    rightTransposed: transposed === "right",
    checked: false,
  };
}

interface Matmul extends Contestant {
  readonly result: () => Promise<Float32Array>;
}

async function ourMatmul(
  device: Device,
  shape: PlainMatmul,
  left: Float32Array,
  right: Float32Array,
): Promise<Matmul> {
  const choice = chooseMatmul(shape, targetOf(device));
  const out = bufferOf(device, new Float32Array(shape.m * shape.n));
  const buffers: Readonly<Record<string, GPUBuffer>> = {
    left: bufferOf(device, left),
    right: bufferOf(device, right),
    out,
    scratch: bufferOf(device, new Float32Array(choice.parts * shape.m * shape.n)),
  };
  const launches = await Promise.all(
    matmulKernels(plainSpec(shape), choice).map((kernel) =>
      ready(device, {
        kernel,
        buffers: buffersOf(kernel.stage, false).map((name) => buffers[name]),
      }),
    ),
  );
  return {
    name: "ftc",
    run: async () => {
      submit(device, launches);
      await patiently(device.gpu.queue.onSubmittedWorkDone());
    },
    result: () => {
      submit(device, launches);
      return readFloats(device, out, shape.m * shape.n);
    },
  };
}

/** A few elements against a sum in double precision. */
async function check(
  { m, n, k, leftTransposed, rightTransposed }: PlainMatmul,
  { name, result }: Matmul | JaxMatmul,
  left: Float32Array,
  right: Float32Array,
): Promise<void> {
  const out = await result();
  for (let sample = 0; sample < 50; sample += 1) {
    const [row, column] = [(sample * 37) % m, (sample * 61) % n];
    let sum = 0;
    for (let step = 0; step < k; step += 1) {
      const l = left[leftTransposed ? step * m + row : row * k + step] ?? Number.NaN;
      const r = right[rightTransposed ? column * k + step : step * n + column] ?? Number.NaN;
      sum += l * r;
    }
    const got = out[row * n + column] ?? Number.NaN;
    // Terms are below 1 and each adds at most a rounding.
    if (!(Math.abs(got - sum) <= k * 2 ** -23)) {
      throw new Error(`${name}: element ${row}, ${column} is ${got} and not ${sum}`);
    }
  }
}
