/**
 * How long each dispatch of a program takes on the device. Timestamps exist at the edges of passes only, so
 * every dispatch gets a pass of its own: the sum is a little more than the program takes in one pass.
 */

import { bufferUsage, type Device, mapMode } from "./device.ts";
import { MachineError } from "./errors.ts";
import type { Dispatch } from "./plan.ts";

export interface DispatchTime {
  readonly label: string;
  readonly kernel: string;
  readonly nanoseconds: number;
}

/** A dispatch that is ready to be encoded. */
export interface BoundDispatch {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
}

/** WebGPU's limit is 4096 queries a set, and a dispatch takes two. */
const dispatchesAtOnce = 2048;
const stampBytes = 8;

/** Runs the dispatches and times them. @throws MachineError where the device has no timestamps */
export async function timeDispatches(
  device: Device,
  dispatches: readonly BoundDispatch[],
): Promise<readonly DispatchTime[]> {
  if (!device.has("timestamp-query")) {
    throw new MachineError(`${device.description.device} does not measure time`);
  }
  const times: DispatchTime[] = [];
  for (let first = 0; first < dispatches.length; first += dispatchesAtOnce) {
    times.push(...(await timed(device, dispatches.slice(first, first + dispatchesAtOnce))));
  }
  return times;
}

async function timed(
  device: Device,
  dispatches: readonly BoundDispatch[],
): Promise<readonly DispatchTime[]> {
  const { gpu } = device;
  const count = 2 * dispatches.length;
  const size = count * stampBytes;
  const stamps = gpu.createQuerySet({ type: "timestamp", count });
  const resolved = gpu.createBuffer({
    size,
    usage: bufferUsage.QUERY_RESOLVE | bufferUsage.COPY_SRC,
  });
  const staging = gpu.createBuffer({ size, usage: bufferUsage.MAP_READ | bufferUsage.COPY_DST });
  const encoder = gpu.createCommandEncoder({ label: "profile" });
  for (const [index, { dispatch, pipeline, bindings }] of dispatches.entries()) {
    const pass = encoder.beginComputePass({
      timestampWrites: {
        querySet: stamps,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...dispatch.grid);
    pass.end();
  }
  encoder.resolveQuerySet(stamps, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
  gpu.queue.submit([encoder.finish()]);
  await device.answer("timing dispatches", staging.mapAsync(mapMode.READ));
  const ticks = new BigUint64Array(staging.getMappedRange().slice(0));
  for (const used of [staging, resolved]) used.destroy();
  stamps.destroy();
  return dispatches.map(({ dispatch: { label, kernel } }, index) => ({
    label,
    kernel,
    nanoseconds: Number(ticks[2 * index + 1] - ticks[2 * index]),
  }));
}
