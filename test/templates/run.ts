/** Runs kernels of templates on a device, without a plan: buffers in, one array out. */

import { bug } from "../../compiler/bug.ts";
import type { KernelText } from "../../compiler/wgsl/templates/template.ts";
import { bufferUsage, type Device, mapMode } from "../../runtime/device.ts";
import { compileKernels } from "../../runtime/pipelines.ts";

/** A kernel and its buffers in the order of its bindings. */
export interface Launch {
  readonly kernel: KernelText;
  readonly buffers: readonly GPUBuffer[];
}

export interface ReadyLaunch {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

export type Numbers = Float32Array | Int32Array;

export function bufferOf(device: Device, data: Numbers): GPUBuffer {
  const buffer = device.gpu.createBuffer({
    // A binding must hold one element of its type, and that of a vector is 16 bytes.
    size: Math.max(16, Math.ceil(data.byteLength / 16) * 16),
    usage: bufferUsage.STORAGE | bufferUsage.COPY_SRC,
    mappedAtCreation: true,
  });
  new Uint8Array(buffer.getMappedRange()).set(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  buffer.unmap();
  return buffer;
}

export async function ready(device: Device, { kernel, buffers }: Launch): Promise<ReadyLaunch> {
  const pipelines = await compileKernels(device, { main: kernel });
  const pipeline = pipelines.get("main") ?? bug("a kernel that was compiled is not there");
  const bindings = await device.guard("binding buffers", () =>
    device.gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  return { pipeline, bindings, grid: kernel.grid };
}

export function submit(device: Device, launches: readonly ReadyLaunch[]): void {
  const encoder = device.gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const { pipeline, bindings, grid } of launches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...grid);
  }
  pass.end();
  device.gpu.queue.submit([encoder.finish()]);
}

export async function readFloats(
  device: Device,
  source: GPUBuffer,
  count: number,
): Promise<Float32Array> {
  const size = count * 4;
  const usage = bufferUsage.COPY_DST | bufferUsage.MAP_READ;
  const staging = device.gpu.createBuffer({ size, usage });
  const encoder = device.gpu.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, staging, 0, size);
  device.gpu.queue.submit([encoder.finish()]);
  await device.answer("reading a result", staging.mapAsync(mapMode.READ));
  const numbers = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return numbers;
}

/** Numbers in [−1, 1) by a fixed sequence, so that a failure happens again. */
export function numbers(count: number, seed = 1): Float32Array<ArrayBuffer> {
  let state = seed * 2_654_435_761;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  });
}

/** What a device's front end has against a text. Pipelines are not made: `null` allows few buffers. */
export async function complaints(device: Device, { wgsl }: KernelText): Promise<readonly string[]> {
  const module = device.gpu.createShaderModule({ code: wgsl });
  const { messages } = await module.getCompilationInfo();
  return messages.map(({ message }) => message);
}
