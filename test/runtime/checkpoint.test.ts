/** Checkpoints of a training: whole or not there, and only those of the same run. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunCheckpoints, type RunState } from "../../runtime/checkpoint.ts";
import { MachineError } from "../../runtime/errors.ts";
import type { PersistentTensor } from "../../runtime/plan.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ftc-checkpoint-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A device's memory on the host: three single-precision numbers and three of half precision. */
class Memory {
  readonly bytes: Readonly<Record<string, Uint8Array>>;
  /** Reading this tensor fails. */
  broken = "";

  constructor(fill: number) {
    this.bytes = { w: new Uint8Array(12).fill(fill), h: new Uint8Array(6).fill(fill) };
  }

  tensor(name: string): PersistentTensor {
    const dtype = name === "w" ? "f32" : "f16";
    const slice = { buffer: 0, offset: 0, bytes: 256 };
    return { dtype, shape: [3], slice, source: { kind: "zeros" } };
  }

  async *pieces(name: string): AsyncGenerator<Uint8Array> {
    if (name === this.broken) throw new Error("the device is lost");
    yield this.bytes[name];
  }

  async writeBytes(name: string, offset: number, bytes: Uint8Array): Promise<void> {
    this.bytes[name].set(bytes, offset);
  }
}

const state = (step: number, best?: number): RunState => ({
  step,
  tokens: 100 * step,
  seconds: step / 2,
  evaluated: step,
  best: best === undefined ? undefined : { step: best, loss: 1.5 },
});

const tensors = ["w", "h"];
const open = () => new RunCheckpoints(directory, "identity");
const listed = () => readdirSync(directory).sort();

describe("a run's checkpoints", () => {
  test("give back the counters and every byte", async () => {
    await open().save(new Memory(7), tensors, state(50, 50));
    const after = new Memory(0);
    expect(await open().latest()).toEqual(state(50, 50));
    await open().restore(after, tensors, 50);
    expect(after.bytes).toEqual(new Memory(7).bytes);
  });

  test("are none in a folder that is not there", async () => {
    expect(await new RunCheckpoints(join(directory, "none"), "identity").latest()).toBeUndefined();
  });

  test("keep the last and the best, and nothing else", async () => {
    for (const step of [9, 10, 11, 12]) {
      await open().save(new Memory(step), tensors, state(step, Math.min(step, 10)));
    }
    expect(listed()).toEqual(["step-10", "step-12"]);
    expect((await open().latest())?.step).toBe(12);
  });

  test("are whole or not there when writing fails halfway", async () => {
    await open().save(new Memory(1), tensors, state(1));
    const memory = new Memory(2);
    memory.broken = "h";
    await expect(open().save(memory, tensors, state(2))).rejects.toThrow(MachineError);
    expect((await open().latest())?.step).toBe(1);
    const after = new Memory(0);
    await open().restore(after, tensors, 1);
    expect(after.bytes).toEqual(new Memory(1).bytes);
    await open().save(new Memory(3), tensors, state(3));
    expect(listed()).toEqual(["step-3"]);
  });

  test("replace one of the same step", async () => {
    await open().save(new Memory(1), tensors, state(4));
    await open().save(new Memory(2), tensors, state(4));
    expect(listed()).toEqual(["step-4"]);
    const after = new Memory(0);
    await open().restore(after, tensors, 4);
    expect(after.bytes).toEqual(new Memory(2).bytes);
  });

  test("of another run are refused", async () => {
    await open().save(new Memory(1), tensors, state(3));
    await expect(new RunCheckpoints(directory, "other").latest()).rejects.toThrow(
      /step-3 is of another run/,
    );
  });

  test("with a counter that is no number are refused by its name", async () => {
    const folder = await open().save(new Memory(1), tensors, state(3));
    writeFileSync(join(folder, "run.json"), '{"run": "identity", "step": 3, "tokens": "many"}');
    await expect(open().latest()).rejects.toThrow(/"tokens" of run.json is not a number/);
  });
});
