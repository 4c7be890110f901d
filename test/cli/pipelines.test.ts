/** The shipped pipelines through the command line: they check and plan, and mistakes in them are told. */

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { readPlan } from "../../runtime/plan-file.ts";
import { recordingIo } from "../support/io.ts";
import { shipped } from "../support/shipped.ts";

const quickstart = readFileSync(join(shipped, "quickstart.ftp"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "ftc-"));
symlinkSync(join(shipped, "data"), join(folder, "data"));
symlinkSync(join(shipped, "models"), join(folder, "models"));
afterAll(() => rmSync(folder, { recursive: true }));

async function check(from: string, to: string): Promise<{ code: number; stderr: string }> {
  expect(quickstart).toContain(from);
  writeFileSync(join(folder, "case.ftp"), quickstart.replace(from, to));
  const io = recordingIo(folder);
  const code = await runCommandLine(["check", "case.ftp", "--style=short"], io);
  return { code, stderr: io.written.stderr };
}

test.each(["quickstart.ftp", "pretrain-tiny.ftp"])("%s checks without a fault", async (name) => {
  const io = recordingIo(shipped);
  expect(await runCommandLine(["check", name], io)).toBe(0);
  expect(io.written).toEqual({ stdout: "", stderr: "" });
});

test("the plan of the quickstart says its steps and its memory", async () => {
  // A plan writes a lock, so it is made of a copy.
  writeFileSync(join(folder, "quickstart.ftp"), quickstart);
  const io = recordingIo(folder);
  expect(await runCommandLine(["plan", "quickstart.ftp", "--verify"], io)).toBe(0);
  expect(io.written.stdout).toContain("lora: 149 steps of 4 sequences, 2.99 epochs");
  expect(io.written.stdout).toMatch(/memory in all/);
});

test("the plan of the quickstart reads back as it was written", async () => {
  writeFileSync(join(folder, "quickstart.ftp"), quickstart);
  const io = recordingIo(folder);
  expect(await runCommandLine(["plan", "quickstart.ftp", "-o", "plan.json"], io)).toBe(0);
  const { jobs, programs } = await readPlan(join(folder, "plan.json"));
  expect(jobs.map(({ name }) => name)).toEqual(["before", "lora", "quality"]);
  expect(Object.keys(programs)).toContain("lora.update");
});

test.each(["quickstart.ftp", "pretrain-tiny.ftp"])(
  "the lock of %s is of what is here",
  async (name) => {
    const io = recordingIo(shipped);
    expect(await runCommandLine(["plan", name, "--locked"], io)).toBe(0);
    expect(io.written.stderr).toBe("");
  },
);

test("the quickstart, run again, gives what is on record: nothing right before, most right after", {
  // Half a minute, and as much again where the driver has no kernel of it in its cache and the machine is busy.
  timeout: 400_000,
}, async () => {
  const io = recordingIo(shipped);
  expect(await runCommandLine(["verify", "quickstart.ftp"], io)).toBe(0);
  // With a plan of its own on this very device the record would be an old one.
  expect(io.written.stdout).toMatch(
    /the same as the record, .*(bit for bit|another (device|driver))/,
  );
  const share = (model: string): number =>
    Number(new RegExp(`^${model} +[\\d.]+ +([\\d.]+)$`, "m").exec(io.written.stdout)?.[1]);
  expect(share("base")).toBeLessThan(0.05);
  expect(share("clerk")).toBeGreaterThanOrEqual(0.8);
});

const mistakes: readonly [string, string, string, string][] = [
  ["a misspelt field", "learning_rate =", "learning_rat =", "error[FT103]"],
  ["a misspelt schedule", "cosine(peak", "cosin(peak", "error[FT101]"],
  ["a layer that is not there", "layers.*.mlp", "layers.*.mlpp", "error[FT501]"],
  ["a rank above the layer's width", "Lora(rank = 16", "Lora(rank = 4096", "error[FT503]"],
  ["a warmup without a unit", "warmup = 3%", "warmup = 0.03", "error[FT301]"],
  ["a batch in tokens", "batch         = 4seq", "batch         = 512tok", "error[FT303]"],
  ["a quantity in two words", "limit   = 48tok", "limit   = 48 tok", "error[FT004]"],
  ["a column that the record lacks", "{request}", "{question}", "error[FT4"],
  ["a checkpoint that is not there", "models/tiny", "models/tinny", "error[FT803]"],
];

test.each(mistakes)("%s is told before anything runs", async (_, from, to, expected) => {
  const { code, stderr } = await check(from, to);
  expect(stderr).toContain(expected);
  expect(code).toBe(1);
});
