/** Opening a device: its limits, its faults, and what it says of itself. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { adapterNames, Device, limitNames } from "../../runtime/device.ts";
import { MachineError, PlanFault } from "../../runtime/errors.ts";
import { folderWith } from "../support/folder.ts";

async function opened(): Promise<Device> {
  const device = await Device.open();
  onTestFinished(() => device.close());
  return device;
}

const tooLarge = { size: 2 ** 45, usage: 8 };

describe("a device", () => {
  test("has the limits that its adapter offers, not WebGPU's defaults", async () => {
    const { gpu, description } = await opened();
    for (const name of limitNames) expect(gpu.limits[name]).toBe(description.limits[name]);
  });

  test("is found by a part of its name", async () => {
    const [name] = await adapterNames();
    const device = await Device.open({ name: name.slice(0, 5) });
    device.close();
  });

  test("that is not there is refused with the names of those that are", async () => {
    const [name] = await adapterNames();
    const opening = Device.open({ name: "Voodoo2" });
    await expect(opening).rejects.toThrow(MachineError);
    await expect(opening).rejects.toThrow('no GPU\'s name contains "Voodoo2"');
    await expect(opening).rejects.toHaveProperty("hints", [expect.stringContaining(name)]);
  });

  test("says what was being done when it refuses a call", async () => {
    const device = await opened();
    const guarded = device.guard("allocating too much", () => device.gpu.createBuffer(tooLarge));
    await expect(guarded).rejects.toThrow(PlanFault);
    await expect(guarded).rejects.toThrow("the device refused a call while allocating too much");
  });

  test("reports an error that came while nobody waited", async () => {
    const device = await opened();
    device.begin("preparing in silence");
    device.gpu.createBuffer(tooLarge);
    await expect(device.answer("waiting", device.gpu.queue.onSubmittedWorkDone())).rejects.toThrow(
      "refused a call while preparing in silence",
    );
  });

  test("reports its loss to whoever waits", async () => {
    const device = await opened();
    const never = device.answer("waiting for an answer", new Promise(() => {}));
    device.gpu.destroy();
    await expect(never).rejects.toThrow(MachineError);
    await expect(never).rejects.toThrow("the GPU stopped while waiting for an answer");
  });

  test("closes twice as once", async () => {
    const device = await opened();
    device.close();
    expect(() => device.close()).not.toThrow();
  });

  // Only what can be put back, and only on Linux; see quiet.ts.
  test.runIf(process.platform === "linux").each([
    ["a pipe", '"$0" --import tsx "$1" 2>&1 >/dev/null | cat'],
    ["a file that is appended to", '"$0" --import tsx "$1" 2>>"$2" && cat "$2"'],
  ])("opens without a word of Dawn's on standard error: %s", (_, command) => {
    const script = fileURLToPath(new URL("open-device.ts", import.meta.url));
    const log = join(folderWith(), "log");
    const said = execFileSync("sh", ["-c", command, process.execPath, script, log]);
    expect(said.toString()).toBe("opened\n");
  });
});
