/** Running programs of a plan: inputs in, results out, and faults of either. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Device } from "../../runtime/device.ts";
import { MachineError, PlanFault } from "../../runtime/errors.ts";
import { Executor } from "../../runtime/execute.ts";
import type { Kernel, Plan } from "../../runtime/plan.ts";
import { linearPlan } from "./linear-plan.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

const batch = {
  x: Float32Array.of(1, 0, 0, 1, 1, 1, 2, 3),
  y: Float32Array.of(1, 2, 3, 4),
};

function withKernel(plan: Plan, name: string, change: (kernel: Kernel) => Kernel): Plan {
  const kernel = plan.kernels[name];
  if (kernel === undefined) throw new Error(`no kernel ${name}`);
  return { ...plan, kernels: { ...plan.kernels, [name]: change(kernel) } };
}

describe("an executor", () => {
  test("runs a program on a batch and reads its results", async () => {
    const executor = await Executor.open(device, linearPlan());
    await executor.write("w", Float32Array.of(1, 1, 0.5));
    await executor.prepare("fit.evaluate");
    executor.run("fit.evaluate", { batch, variables: {} });
    const results = await executor.results("fit.evaluate", ["loss.sum", "loss.count"]);
    // Errors 0.5, −0.5, −0.5, 1.5.
    expect(results).toEqual({ "loss.sum": Float32Array.of(3), "loss.count": Float32Array.of(4) });
    executor.close();
  });

  test("keeps what programs change from one execution to the next", async () => {
    const executor = await Executor.open(device, linearPlan());
    await executor.prepare("fit.accumulate");
    for (const _ of [0, 1]) executor.run("fit.accumulate", { batch, variables: { execution: 0 } });
    expect(await executor.read("losses")).toEqual(Float32Array.of(60, 8));
    executor.clear(["losses"]);
    expect(await executor.read("losses")).toEqual(Float32Array.of(0, 0));
    executor.close();
  });

  test("copies results before a later execution replaces them", async () => {
    const executor = await Executor.open(device, linearPlan());
    await executor.prepare("fit.evaluate");
    executor.run("fit.evaluate", { batch, variables: {} });
    const first = executor.results("fit.evaluate", ["loss.sum"]);
    executor.run("fit.evaluate", { batch: { ...batch, y: new Float32Array(4) }, variables: {} });
    const second = executor.results("fit.evaluate", ["loss.sum"]);
    expect(await first).toEqual({ "loss.sum": Float32Array.of(30) });
    expect(await second).toEqual({ "loss.sum": Float32Array.of(0) });
    executor.close();
  });

  test("uploads a tensor that is larger than one staging buffer", async () => {
    const elements = 17 * 2 ** 20;
    const slice = { buffer: 0, offset: 0, bytes: 4 * elements };
    const executor = await Executor.open(device, {
      ...linearPlan(),
      buffers: [{ arena: "weights", bytes: 4 * elements }],
      tensors: { big: { dtype: "u32", shape: [elements], slice, source: { kind: "zeros" } } },
      programs: {},
    });
    const values = Uint32Array.from({ length: elements }, (_, index) => index * 2654435761);
    await executor.write("big", values);
    const back = await executor.read("big");
    expect(Buffer.compare(Buffer.from(back.buffer), Buffer.from(values.buffer))).toBe(0);
    executor.close();
  });

  test("pads a half-precision tensor with an odd number of elements", async () => {
    const slice = { buffer: 0, offset: 0, bytes: 8 };
    const executor = await Executor.open(device, {
      ...linearPlan(),
      tensors: { h: { dtype: "f16", shape: [3], slice, source: { kind: "zeros" } } },
      programs: {},
    });
    await executor.write("h", Uint16Array.of(0x3c00, 0x4000, 0xc000));
    expect(await executor.read("h")).toEqual(Uint16Array.of(0x3c00, 0x4000, 0xc000));
    executor.close();
  });

  test("shows the line of a kernel that does not compile", async () => {
    const wrong = withKernel(linearPlan(), "update", (kernel) => ({
      ...kernel,
      wgsl: kernel.wgsl.replace("norm = sqrt(square)", "norm = squirt(square)"),
    }));
    const opening = Executor.open(device, wrong);
    await expect(opening).rejects.toThrow(PlanFault);
    await expect(opening).rejects.toThrow(/kernel update does not compile: .*squirt/);
    await expect(opening).rejects.toHaveProperty(
      "evidence",
      expect.stringMatching(/^> +17 \| {3}norm = squirt\(square\);$/m),
    );
  });

  test("compiles kernels of equal text once", async () => {
    const plan = linearPlan();
    const count = countCalls(device.gpu, "createShaderModule");
    const copies = Object.entries(plan.kernels).map(([name, kernel]) => [`${name}.copy`, kernel]);
    const doubled = { ...plan.kernels, ...Object.fromEntries(copies) };
    const executor = await Executor.open(device, { ...plan, kernels: doubled });
    expect(count.restore()).toBe(3);
    executor.close();
  });

  test("times every dispatch of a program", async () => {
    const executor = await Executor.open(device, linearPlan());
    const [time, ...others] = await executor.profile("fit.accumulate", {
      batch,
      variables: { execution: 0 },
    });
    expect(others).toEqual([]);
    expect(time).toMatchObject({ label: "gradient", kernel: "accumulate" });
    expect(time.nanoseconds).toBeGreaterThan(0);
    expect(await executor.read("losses")).toEqual(Float32Array.of(30, 4));
    executor.close();
  });

  test("refuses a column of the wrong length by its name", async () => {
    const executor = await Executor.open(device, linearPlan());
    await executor.prepare("fit.evaluate");
    const short = { ...batch, y: new Float32Array(3) };
    expect(() => executor.run("fit.evaluate", { batch: short, variables: {} })).toThrow(
      "column y of fit.evaluate is f32[4] and was given 3 elements of Float32Array",
    );
    executor.close();
  });

  test("refuses a plan that reads and writes one buffer in one dispatch", async () => {
    const plan = linearPlan();
    const oneBuffer = JSON.parse(JSON.stringify(plan.programs), (key, value) =>
      key === "buffer" ? 0 : value,
    );
    const executor = await Executor.open(device, { ...plan, programs: oneBuffer });
    await executor.prepare("fit.evaluate");
    executor.run("fit.evaluate", { batch, variables: {} });
    await expect(executor.results("fit.evaluate", ["loss.sum"])).rejects.toThrow(PlanFault);
  });
});

describe("a plan for another device", () => {
  test("is refused with everything that the device lacks", async () => {
    const plan = linearPlan();
    const features = ["shader-f64"];
    const limits = { maxStorageBuffersPerShaderStage: 1000 };
    const opening = Executor.open(device, { ...plan, requires: { features, limits, bytes: 0 } });
    await expect(opening).rejects.toThrow(MachineError);
    await expect(opening).rejects.toThrow(
      /has no shader-f64, offers \d+ of maxStorageBuffersPerShaderStage where 1000 is needed/,
    );
  });

  test("is refused with the arena that is too large", async () => {
    const buffers = [{ arena: "weights", bytes: 2 ** 45 }];
    const opening = Executor.open(device, { ...linearPlan(), buffers });
    await expect(opening).rejects.toThrow(/weights needs one buffer of 32 TiB/);
  });
});

function countCalls(gpu: GPUDevice, method: "createShaderModule"): { restore(): number } {
  const original = gpu[method];
  let calls = 0;
  gpu[method] = (descriptor) => {
    calls++;
    return original.call(gpu, descriptor);
  };
  return {
    restore() {
      gpu[method] = original;
      return calls;
    },
  };
}
