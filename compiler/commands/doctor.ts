/** `ftc doctor`: what this machine has for a run, and what it lacks. Exit code 3 where a run cannot happen. */

import { adapterNames, Device, type DeviceDescription } from "../../runtime/device.ts";
import { MachineError } from "../../runtime/errors.ts";
import { adviceFor, thisSystem } from "../../scripts/driver.mjs";
import { command, exit, flag, type Output, value, writeJson } from "./command.ts";

export const doctor = command({
  name: "doctor",
  summary: "say which GPU, driver and Node.js a run would use, and what is missing",
  parameters: {
    device: value("--device <NAME>", "part of the name of the GPU to use"),
    json: flag("--json", "print JSON"),
  },
  async run(io, { device: name, json }) {
    if ((await adapterNames()).length === 0) {
      throw new MachineError("WebGPU finds nothing to compute on here", [adviceFor(thisSystem())]);
    }
    const device = await Device.open({ name });
    device.close();
    const machine = { node: process.versions.node, ...device.description };
    if (json) writeJson(io.stdout, machine);
    else writeReport(io.stdout, machine);
    return exit.done;
  },
});

function writeReport(output: Output, machine: DeviceDescription & { readonly node: string }): void {
  for (const [name, text] of rowsOf(machine)) output.write(`${name.padEnd(11)}${text}\n`);
  output.write(
    machine.isSoftware
      ? "\nRuns work here, on the CPU: correct, and slow.\n"
      : "\nRuns work here.\n",
  );
}

function rowsOf(
  machine: DeviceDescription & { readonly node: string },
): readonly (readonly [string, string])[] {
  const { limits, subgroup } = machine;
  return [
    ["GPU", [machine.device, machine.vendor, machine.architecture].filter(Boolean).join(", ")],
    ["driver", `${machine.driver} (${machine.backend})`],
    ["Node.js", machine.node],
    ["features", machine.features.join(", ") || "none"],
    [
      "subgroup",
      subgroup.smallest === subgroup.largest
        ? `${subgroup.largest} threads`
        : `${subgroup.smallest} to ${subgroup.largest} threads`,
    ],
    [
      "matrices",
      machine.matrices
        .map((m) => `${m.M}×${m.N}×${m.K} ${m.componentType} to ${m.resultComponentType}`)
        .join(", ") || "none",
    ],
    [
      "buffer",
      `${bytes(limits.maxBufferSize)}, of which a kernel sees ${bytes(limits.maxStorageBufferBindingSize)} at once`,
    ],
    [
      "kernel",
      `${limits.maxStorageBuffersPerShaderStage} buffers, ${limits.maxComputeInvocationsPerWorkgroup} threads and ${bytes(limits.maxComputeWorkgroupStorageSize)} a workgroup, ${limits.maxComputeWorkgroupsPerDimension} workgroups a dimension`,
    ],
  ];
}

function bytes(count: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;
  const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), units.length - 1);
  const scaled = count / 1024 ** power;
  return `${Number(scaled.toFixed(2))} ${units[power]}`;
}
