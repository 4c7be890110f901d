/**
 * The plan's buffers on the device, and moving bytes in and out of them. All buffers exist before anything
 * runs, so a run that starts does not run out of memory later.
 */

import { totalmem } from "node:os";
import { bufferUsage, type Device, type DeviceDescription, mapMode } from "./device.ts";
import { MachineError, planFault } from "./errors.ts";
import type { BufferPlan, Slice } from "./plan.ts";

/** Bytes staged at a time, and under way at once: large enough for full speed, small beside any model. */
const stagingBytes = 64 * 2 ** 20;
const stagedAtOnce = 4 * stagingBytes;

/** Below this, Dawn's own staging ring is faster than a buffer of ours. */
const ringBytes = 2 ** 20;

export class Buffers {
  readonly #device: Device;
  readonly #buffers: readonly GPUBuffer[];
  #staged = 0;

  private constructor(device: Device, buffers: readonly GPUBuffer[]) {
    this.#device = device;
    this.#buffers = buffers;
  }

  /** Zero throughout. @throws MachineError that names the arena for which there is no memory. */
  static async allocate(device: Device, plans: readonly BufferPlan[]): Promise<Buffers> {
    const buffers: GPUBuffer[] = [];
    for (const { arena, bytes } of plans) {
      const doing = `allocating ${showBytes(bytes)} for ${arena}`;
      const usage = bufferUsage.STORAGE | bufferUsage.COPY_SRC | bufferUsage.COPY_DST;
      const create = () => device.gpu.createBuffer({ label: arena, size: bytes, usage });
      try {
        buffers.push(await device.guard(doing, create));
      } catch (error) {
        for (const buffer of buffers) buffer.destroy();
        throw error;
      }
    }
    return new Buffers(device, buffers);
  }

  buffer(index: number): GPUBuffer {
    return (
      this.#buffers[index] ?? planFault(`the plan uses buffer ${index} of ${this.#buffers.length}`)
    );
  }

  binding(slice: Slice): GPUBufferBinding {
    return { buffer: this.buffer(slice.buffer), offset: slice.offset, size: slice.bytes };
  }

  /** Queues a write of at most a few megabytes: batches and scalars. Bytes come in fours. */
  write(slice: Slice, bytes: Uint8Array): void {
    checkFit(slice, bytes.byteLength, 0);
    const { gpu } = this.#device;
    gpu.queue.writeBuffer(this.buffer(slice.buffer), slice.offset, bytes, 0, bytes.byteLength);
  }

  /** Writes any amount, `at` bytes into the slice. Waits only to bound what is staged on the host. */
  async upload(slice: Slice, bytes: Uint8Array, at = 0): Promise<void> {
    checkFit(slice, bytes.byteLength, at);
    const target = this.buffer(slice.buffer);
    const { gpu } = this.#device;
    for (let done = 0; done < bytes.byteLength; done += stagingBytes) {
      const piece = bytes.subarray(done, done + stagingBytes);
      if (piece.byteLength <= ringBytes) {
        gpu.queue.writeBuffer(target, slice.offset + at + done, piece, 0, piece.byteLength);
        continue;
      }
      const size = piece.byteLength;
      const staging = gpu.createBuffer({
        size,
        usage: bufferUsage.COPY_SRC,
        mappedAtCreation: true,
      });
      new Uint8Array(staging.getMappedRange()).set(piece);
      staging.unmap();
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(staging, 0, target, slice.offset + at + done, size);
      gpu.queue.submit([encoder.finish()]);
      staging.destroy();
      this.#staged += size;
      if (this.#staged >= stagedAtOnce) await this.settle();
    }
  }

  /** Waits until everything queued is done. */
  async settle(): Promise<void> {
    this.#staged = 0;
    await this.#device.answer("waiting for the GPU", this.#device.gpu.queue.onSubmittedWorkDone());
  }

  /**
   * The bytes of the slices as they are behind everything queued so far, each in memory of its own. The
   * copies are queued before this returns.
   */
  async read(doing: string, slices: readonly Slice[]): Promise<readonly Uint8Array[]> {
    const { gpu } = this.#device;
    const size = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    const staging = gpu.createBuffer({ size, usage: bufferUsage.MAP_READ | bufferUsage.COPY_DST });
    const encoder = gpu.createCommandEncoder();
    let offset = 0;
    for (const slice of slices) {
      encoder.copyBufferToBuffer(
        this.buffer(slice.buffer),
        slice.offset,
        staging,
        offset,
        slice.bytes,
      );
      offset += slice.bytes;
    }
    gpu.queue.submit([encoder.finish()]);
    await this.#device.answer(doing, staging.mapAsync(mapMode.READ));
    const mapped = new Uint8Array(staging.getMappedRange());
    let start = 0;
    const parts = slices.map((slice) => {
      const part = mapped.slice(start, start + slice.bytes);
      start += slice.bytes;
      return part;
    });
    staging.destroy();
    return parts;
  }

  /** Queues zeros. */
  clear(slices: readonly Slice[]): void {
    const { gpu } = this.#device;
    const encoder = gpu.createCommandEncoder();
    for (const slice of slices) {
      encoder.clearBuffer(this.buffer(slice.buffer), slice.offset, slice.bytes);
    }
    gpu.queue.submit([encoder.finish()]);
  }

  free(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}

/** As people read sizes: `1.5 GiB`. */
export function showBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : Number(size.toFixed(1))} ${units[unit]}`;
}

/** @throws MachineError that names what does not fit the device. */
export function requireMemory(
  { limits, device, isSoftware }: DeviceDescription,
  plans: readonly BufferPlan[],
): void {
  const limit = limits.maxBufferSize;
  const tooLarge = plans.find(({ bytes }) => bytes > limit);
  if (tooLarge !== undefined) {
    throw new MachineError(
      `${tooLarge.arena} needs one buffer of ${showBytes(tooLarge.bytes)} and ${device} allows ${showBytes(limit)}`,
      ["plan again for this device: `ftc plan` splits larger tensors"],
    );
  }
  // A software adapter promises any amount, and the system ends the process when it is used.
  const total = plans.reduce((sum, { bytes }) => sum + bytes, 0);
  if (isSoftware && total > totalmem()) {
    throw new MachineError(
      `the plan needs ${showBytes(total)} and this machine has ${showBytes(totalmem())}; its largest part is ${largest(plans)}`,
      ["`ftc plan --fit` says what would fit"],
    );
  }
}

function largest(plans: readonly BufferPlan[]): string {
  const first = plans.reduce((most, plan) => (plan.bytes > most.bytes ? plan : most));
  return `${first.arena} with ${showBytes(first.bytes)}`;
}

function checkFit(slice: Slice, bytes: number, at: number): void {
  if (at + bytes > slice.bytes) {
    planFault(`${at + bytes} bytes do not fit a slice of ${slice.bytes}`);
  }
}
