/** `ftc doctor` on this machine, and on one without a driver. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { recordingIo } from "../support/io.ts";

test("doctor names the GPU, the driver and the limits of this machine", async () => {
  const io = recordingIo();
  expect(await runCommandLine(["doctor"], io)).toBe(0);
  const names = io.written.stdout.split("\n").map((line) => line.split(" ")[0]);
  expect(names.slice(0, 8)).toEqual([
    "GPU",
    "driver",
    "Node.js",
    "features",
    "subgroup",
    "matrices",
    "buffer",
    "kernel",
  ]);
  expect(io.written.stdout).toMatch(/\nRuns work here/);
});

test("doctor --json has the limits as numbers", async () => {
  const io = recordingIo();
  expect(await runCommandLine(["doctor", "--json"], io)).toBe(0);
  expect(JSON.parse(io.written.stdout)).toMatchObject({
    node: process.versions.node,
    limits: { maxStorageBufferBindingSize: expect.any(Number) },
  });
});

test("doctor --device with a name that no GPU has lists what there is", async () => {
  const io = recordingIo();
  expect(await runCommandLine(["doctor", "--device", "nothing-like-it"], io)).toBe(3);
  expect(io.written.stderr).toContain('no GPU\'s name contains "nothing-like-it"');
  expect(io.written.stderr).toContain("help: there is ");
});

// Only Vulkan's loader can be told to find no driver.
test.runIf(process.platform === "linux")(
  "doctor without a driver ends with 3 and says what to install",
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["compiler/ftc.js", "doctor"], {
      encoding: "utf8",
      env: { ...process.env, VK_DRIVER_FILES: "/nonexistent" },
    });
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toMatch(/error: WebGPU finds nothing to compute on here\n {2}help: \S/);
  },
);
