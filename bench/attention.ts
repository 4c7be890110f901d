/** `npm run bench attention`: our attention kernels alone, so that a slower one shows. */

import {
  attentionForward,
  attentionKeyValueGradient,
  attentionQueryGradient,
  chooseAttention,
} from "../compiler/wgsl/templates/attention.ts";
import { Device } from "../runtime/device.ts";
import { patiently } from "../runtime/patience.ts";
import {
  type AttentionBuffer,
  attentionBuffers,
  elementsOf,
  type HeadName,
  type PlainAttention,
  plainAttention,
} from "../test/templates/plain-attention.ts";
import { bufferOf, numbers, ready, submit } from "../test/templates/run.ts";
import { interleave, ratesOf } from "./interleave.ts";
import { print, targetOf } from "./report.ts";

const rounds = 9;

const shapes: readonly PlainAttention[] = [
  plain(8, 2, 512, 64),
  plain(4, 4, 512, 32),
  plain(4, 1, 1024, 128),
];

/** Products of queries × keys × channels in each kernel. */
const kernels = [
  { part: "forward", products: 2, build: attentionForward },
  { part: "query", products: 3, build: attentionQueryGradient },
  { part: "key-value", products: 4, build: attentionKeyValueGradient },
] as const;

export async function benchAttention(): Promise<void> {
  const device = await Device.open();
  const rows: string[][] = [];
  for (const shape of shapes) {
    const { heads, groups, queries, channels } = shape;
    const buffers = buffersOf(device, shape);
    const rates: string[] = [];
    for (const { part, products, build } of kernels) {
      const spec = plainAttention(shape, part);
      const kernel = build(spec, chooseAttention(shape, part, targetOf(device)));
      const launch = await ready(device, {
        kernel,
        buffers: attentionBuffers(part, shape).map((name) => buffers[name]),
      });
      const [measured] = await interleave(
        [
          {
            name: part,
            run: async () => {
              submit(device, [launch]);
              await patiently(device.gpu.queue.onSubmittedWorkDone());
            },
          },
        ],
        rounds,
      );
      if (measured === undefined) throw new Error("one was measured");
      // Causality hides half of the scores; their work is not counted, though tiles on the edge do some.
      const work = 1e-9 * products * heads * queries * queries * channels;
      const { least, median, most } = ratesOf(measured, work);
      rates.push(...[least, median, most].map((rate) => rate.toFixed(1)));
    }
    rows.push([`${heads} / ${groups} heads, ${queries} × ${channels}`, ...rates]);
    for (const buffer of Object.values(buffers)) buffer.destroy();
  }
  print(
    `causal attention, GFLOP/s of ${rounds} samples, ${device.description.device}`,
    ["", ...kernels.flatMap(({ part }) => [`${part} min`, "median", "max"])],
    rows,
  );
  device.close();
}

function plain(heads: number, groups: number, positions: number, channels: number): PlainAttention {
  return {
    batch: 1,
    heads,
    groups,
    queries: positions,
    keys: positions,
    channels,
    causal: true,
    offset: 0,
    checked: false,
  };
}

function buffersOf(
  device: Device,
  shape: PlainAttention,
): Readonly<Record<AttentionBuffer, GPUBuffer>> {
  const head = (name: HeadName) => bufferOf(device, numbers(elementsOf(shape, name)));
  return {
    query: head("query"),
    key: head("key"),
    value: head("value"),
    out: head("out"),
    outGradient: head("outGradient"),
    queryGradient: head("queryGradient"),
    keyGradient: head("keyGradient"),
    valueGradient: head("valueGradient"),
    lse: bufferOf(device, numbers(shape.batch * shape.heads * shape.queries)),
    querySegment: bufferOf(device, new Int32Array(shape.batch * shape.queries)),
    keySegment: bufferOf(device, new Int32Array(shape.batch * shape.keys)),
    offset: bufferOf(device, Int32Array.of(shape.offset)),
    faults: bufferOf(device, new Int32Array(4)),
  };
}
