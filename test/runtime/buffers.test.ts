/** Allocating a plan's buffers: what they hold at first, and what too little memory says. */

import { totalmem } from "node:os";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Buffers, requireMemory, showBytes } from "../../runtime/buffers.ts";
import { Device } from "../../runtime/device.ts";
import { MachineError, PlanFault } from "../../runtime/errors.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

describe("memory that is not there", () => {
  test("is refused before it is used, on a software adapter, with the largest arena", () => {
    const description = { ...device.description, isSoftware: true };
    const { maxBufferSize } = description.limits;
    const bytes = Math.min(maxBufferSize, 2 ** 30);
    const count = Math.ceil(totalmem() / bytes) + 1;
    const plans = Array.from({ length: count }, () => ({ arena: "saved", bytes: bytes - 4 }));
    const check = () => requireMemory(description, [{ arena: "weights", bytes }, ...plans]);
    expect(check).toThrow(MachineError);
    expect(check).toThrow(/its largest part is weights with/);
  });

  test("is reported with its arena and bytes when the driver has none", async () => {
    pretendNoMemory(device);
    const allocating = Buffers.allocate(device, [{ arena: "weights", bytes: 1024 }]);
    await expect(allocating).rejects.toThrow(MachineError);
    await expect(allocating).rejects.toThrow(
      "the GPU has no memory left while allocating 1 KiB for weights",
    );
  });
});

/** Error scopes report that memory ran out until the test ends: no adapter does so when asked to. */
function pretendNoMemory({ gpu }: Device): void {
  class GPUOutOfMemoryError {
    readonly message = "";
  }
  const original = gpu.popErrorScope;
  gpu.popErrorScope = async () => (await original.call(gpu)) ?? new GPUOutOfMemoryError();
  onTestFinished(() => {
    gpu.popErrorScope = original;
  });
}

describe("buffers", () => {
  test("refuse bytes that do not fit the slice", async () => {
    const buffers = await Buffers.allocate(device, [{ arena: "weights", bytes: 1024 }]);
    const slice = { buffer: 0, offset: 256, bytes: 8 };
    expect(() => buffers.write(slice, new Uint8Array(12))).toThrow(PlanFault);
    await expect(buffers.upload(slice, new Uint8Array(8), 4)).rejects.toThrow(
      "12 bytes do not fit a slice of 8",
    );
    buffers.free();
  });

  test.each([
    [12, "12 bytes"],
    [1536, "1.5 KiB"],
    [200 * 2 ** 20, "200 MiB"],
    [3.25 * 2 ** 30, "3.3 GiB"],
  ])("show %d bytes as %s", (bytes, text) => {
    expect(showBytes(bytes)).toBe(text);
  });
});
