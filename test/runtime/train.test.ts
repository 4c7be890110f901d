/** Training a regression by hand-written kernels: it converges, resumes and stops as it should. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Device } from "../../runtime/device.ts";
import { MachineError } from "../../runtime/errors.ts";
import { isEvaluation, type MetricsLine } from "../../runtime/metrics.ts";
import type { TensorData } from "../../runtime/tensor-data.ts";
import { runLinear } from "./run-linear.ts";

let device: Device;
let directory: string;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ftc-train-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const save = { to: "out", dtype: "f32", keep: "last", every: 8 } as const;

function withoutTime(lines: readonly MetricsLine[]): unknown {
  return lines.map((line) => (isEvaluation(line) ? line : { ...line, seconds: 0 }));
}

function checkpoints(): string[] {
  return readdirSync(join(directory, "checkpoints")).sort();
}

describe("training", () => {
  test("finds the line that the points are on", async () => {
    const { outcome, weight, lines } = await runLinear(device, { directory, job: { steps: 100 } });
    expect(outcome.kind).toBe("done");
    // The slower direction shrinks by some 10 % a step, so little is left of an error after 100.
    [2, -1, 0.5].forEach((value, at) => {
      expect(weight[at]).toBeCloseTo(value, 2);
    });
    const losses = lines.flatMap((line) => (isEvaluation(line) ? [] : [line.loss]));
    expect(losses).toHaveLength(100);
    expect(losses[99]).toBeLessThan(losses[0] / 1000);
  });

  test("gives the same bits twice", async () => {
    const first = await runLinear(device, { directory });
    const second = await runLinear(device, { directory });
    expect(second.weight).toEqual(first.weight);
    expect(withoutTime(second.lines)).toEqual(withoutTime(first.lines));
  });

  test("evaluates periodically and after the last step", async () => {
    const evaluate = { every: 15, dataset: "points", program: "fit.evaluate" };
    const { lines, outcome } = await runLinear(device, { directory, job: { evaluate } });
    expect(lines.filter(isEvaluation).map(({ step }) => step)).toEqual([15, 30, 40]);
    const last = lines.filter(isEvaluation)[2];
    expect(last.metrics.perplexity).toBe(Math.exp(last.metrics.loss));
    expect(outcome).toEqual({ kind: "done", best: { step: 40, loss: last.metrics.loss } });
  });

  test("writes a line of metrics a step", async () => {
    await runLinear(device, { directory, job: { steps: 2, evaluate: undefined } });
    const text = readFileSync(join(directory, "metrics.jsonl"), "utf8");
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(
      lines.map(({ step, learning_rate, tokens }) => ({ step, learning_rate, tokens })),
    ).toEqual([
      { step: 1, learning_rate: 0.1, tokens: 8 },
      { step: 2, learning_rate: 0.1, tokens: 16 },
    ]);
    expect(Object.keys(lines[0])).toEqual([
      "step",
      "loss",
      "learning_rate",
      "grad_norm",
      "tokens",
      "seconds",
    ]);
  });

  test("counts each point of an epoch once, whatever execution it falls into", async () => {
    const job = { sequences: 24, steps: 5, evaluate: undefined };
    const { lines } = await runLinear(device, { directory, job, rate: 0 });
    const losses = lines.flatMap((line) => (isEvaluation(line) ? [] : [line.loss]));
    // All points each time, in another order: equal but for rounding of 24 sums in single precision.
    for (const loss of losses) expect(loss).toBeCloseTo(losses[0], 5);
  });
});

describe("a loss that stops being a number", () => {
  test("ends the run with the step and the first tensor that is not finite", async () => {
    const running = runLinear(device, { directory, rate: 1e30 });
    await expect(running).rejects.toThrow(MachineError);
    await expect(running).rejects.toThrow(
      /the (loss|gradient) of step [2-9] is not a number: its weights are finite, and the first tensor that is not is what `gradient` gives, in 1 of 2 elements/,
    );
  });

  test("leaves the weights as they were before it", async () => {
    const weights: TensorData[] = [];
    for (const steps of [1, 9]) {
      const running = runLinear(device, {
        directory,
        rate: 1e30,
        job: { steps, evaluate: undefined },
        left: (weight) => weights.push(weight),
      });
      if (steps === 1) await running;
      else await expect(running).rejects.toThrow(/the loss of step 2 is not a number/);
    }
    expect(weights[1]).toEqual(weights[0]);
  });

  test("is laid to the weights where one was not finite before", async () => {
    const weight = [0, Number.POSITIVE_INFINITY, 0];
    const running = runLinear(device, { directory, weight });
    await expect(running).rejects.toThrow(
      "the loss of step 1 is not a number: of 1 tensors 1 were not finite before it, the first is line.weight",
    );
  });

  test("leaves the steps before it in the metrics", async () => {
    const running = runLinear(device, { directory, rate: 1e30 });
    const message = await running.catch((error: Error) => error.message);
    const step = Number(/step (\d+)/.exec(String(message))?.[1]);
    const text = readFileSync(join(directory, "metrics.jsonl"), "utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(step - 1);
  });
});

describe("a run that resumes", () => {
  test("after an interruption equals one that runs straight through, bit for bit", async () => {
    const straight = await runLinear(device, { directory, job: { save } });
    rmSync(join(directory, "checkpoints"), { recursive: true });
    const job = { save, evaluate: { every: 5, dataset: "points", program: "fit.evaluate" } };
    const whole = await runLinear(device, { directory, job });
    rmSync(join(directory, "checkpoints"), { recursive: true });
    const first = await runLinear(device, { directory, job, interruptAt: "step 10 " });
    expect(first.outcome.kind).toBe("interrupted");
    const rest = await runLinear(device, { directory, job, resume: true });
    expect(rest.outcome).toEqual(whole.outcome);
    expect(rest.weight).toEqual(straight.weight);
    expect(rest.momentum).toEqual(straight.momentum);
    expect(withoutTime(rest.lines)).toEqual(withoutTime(whole.lines));
  });

  test("evaluates first when the interruption came right before an evaluation", async () => {
    const evaluate = { every: 1, dataset: "points", program: "fit.evaluate" };
    const first = await runLinear(device, { directory, job: { evaluate }, interruptAt: "step 3 " });
    const { step } = first.outcome.kind === "interrupted" ? first.outcome : { step: 0 };
    expect(first.lines.filter(isEvaluation).map((line) => line.step)).not.toContain(step);
    const rest = await runLinear(device, { directory, job: { evaluate }, resume: true });
    const evaluated = rest.lines.filter(isEvaluation).map((line) => line.step);
    expect(evaluated).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
  });

  test("goes on from the last periodic checkpoint after a crash", async () => {
    const straight = await runLinear(device, { directory, job: { save } });
    rmSync(join(directory, "checkpoints"), { recursive: true });
    const crash = new Error("crash");
    const crashing = runLinear(device, {
      directory,
      job: { save },
      heard: (text) => {
        if (text.includes("step 20 ")) throw crash;
      },
    });
    await expect(crashing).rejects.toBe(crash);
    expect(checkpoints()).toEqual(["step-16"]);
    const rest = await runLinear(device, { directory, job: { save }, resume: true });
    expect(rest.weight).toEqual(straight.weight);
    expect(withoutTime(rest.lines)).toEqual(withoutTime(straight.lines));
  });

  test("goes on from the last periodic checkpoint after the GPU was lost", async () => {
    const straight = await runLinear(device, { directory, job: { save } });
    rmSync(join(directory, "checkpoints"), { recursive: true });
    const short = await Device.open();
    const losing = runLinear(short, {
      directory,
      job: { save },
      heard: (text) => {
        if (text.includes("step 20 ")) short.gpu.destroy();
      },
    });
    await expect(losing).rejects.toThrow(MachineError);
    await expect(losing).rejects.toThrow(/the GPU stopped while/);
    expect(checkpoints()).toEqual(["step-16"]);
    const rest = await runLinear(device, { directory, job: { save }, resume: true });
    expect(rest.weight).toEqual(straight.weight);
  });

  test("is refused the checkpoint of a run that is not the same", async () => {
    await runLinear(device, { directory, job: { save, steps: 8 } });
    const resumed = runLinear(device, {
      directory,
      job: { save, steps: 8, identity: "another line" },
      resume: true,
    });
    await expect(resumed).rejects.toThrow(/step-8 is of another run/);
  });
});

describe("keeping the best", () => {
  test("leaves the state of the evaluation with the lowest loss", async () => {
    // A rate so high that the loss grows from some step on.
    const evaluate = { every: 1, dataset: "points", program: "fit.evaluate" };
    const job = {
      steps: 12,
      evaluate,
      save: { to: "out", dtype: "f32", keep: "best", every: undefined },
    } as const;
    const { outcome, lines, weight } = await runLinear(device, { directory, job, rate: 1.05 });
    const losses = lines.filter(isEvaluation).map(({ metrics }) => metrics.loss);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(best).toBeLessThan(12);
    expect(outcome).toEqual({ kind: "done", best: { step: best, loss: losses[best - 1] } });
    expect(checkpoints()).toEqual(["step-12", `step-${best}`].sort());
    const short = await runLinear(device, {
      directory,
      job: { ...job, steps: best, save: undefined },
      rate: 1.05,
    });
    expect(weight).toEqual(short.weight);
  });
});
