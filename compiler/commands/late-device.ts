/** A GPU that is opened when it is first asked for: a program that is wrong is told so where there is none. */

import { Device, type DeviceOptions } from "../../runtime/device.ts";

export class LateDevice {
  readonly #options: DeviceOptions;
  #device: Device | undefined;

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** @throws MachineError without a suitable adapter. */
  async open(): Promise<Device> {
    this.#device ??= await Device.open(this.#options);
    return this.#device;
  }

  /** Frees the GPU, if it was opened. */
  close(): void {
    this.#device?.close();
  }
}
