/** What can go wrong while a pipeline runs: what it says, how it ends, and what is on the disk afterwards. */

import { existsSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFtc } from "./process.ts";
import { safetensors, type Task, task, taskToKeep, weights } from "./task.ts";

/** A driver that computes on the CPU compiles each kernel in a good part of a second when it first sees it. */
const firstCompilation = 120_000;

const adapter = "out/fit/adapter_model.safetensors";
const finalNames = ["adapter_config.json", "adapter_model.safetensors"];

function saved(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => finalNames.includes(name));
}

/** Nothing stays that was being written, or says that a run goes on. */
function drafts({ path }: Task): string[] {
  const all = readdirSync(path("."), { recursive: true, encoding: "utf8" });
  return all.filter((name) => /\.part|\.running/.test(name));
}

/** Lines of metrics but for their times. */
function metrics({ path }: Task): string[] {
  const text = readFileSync(path("out/fit/metrics.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/,"seconds":[^}]*/, ""));
}

/** The task after a run straight through, once short and once long enough to be ended on the way. */
let done: Task;
let straight: Task;
beforeAll(async () => {
  done = taskToKeep();
  straight = taskToKeep();
  lengthen(straight);
  await done.ftc("run", "task.ftp");
  await straight.ftc("run", "task.ftp");
}, firstCompilation);
afterAll(() => {
  for (const { folder } of [done, straight]) rmSync(folder, { recursive: true });
});

function lengthen({ edit }: Task): void {
  edit("6steps", "200steps");
  edit('save          = "out/fit"', 'save = last(to = "out/fit", every = 20steps)');
}

function expectEqualRuns(one: Task, other: Task): void {
  expect(readFileSync(one.path(adapter))).toEqual(readFileSync(other.path(adapter)));
  expect(metrics(one)).toEqual(metrics(other));
}

test("a sound task ends with 0, saves its adapter and leaves no draft", async () => {
  const { code, stdout, stderr } = await task().ftc("run", "task.ftp");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "fit: out/fit\n" });
  expect(stderr).toContain("fit  step 6/6");
  expect(saved(done.path("out/fit"))).toEqual(finalNames);
  expect(drafts(done)).toEqual([]);
});

test.each([
  ["fti", "did you mean fit?"],
  ["evaluation", "it has fit"],
])("%s, a step that the pipeline lacks, ends the command with 2", async (name, way) => {
  const { code, stdout, stderr } = await task().ftc("run", "task.ftp", name);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(`task.ftp has no step ${name}; ${way}`);
});

describe("a loss that is not a number", () => {
  test("ends the run with 3, its step and its first tensor, and saves nothing", async () => {
    const steep = task();
    steep.edit("learning_rate = 0.01", "learning_rate = 1e30");
    const { code, stdout, stderr } = await steep.ftc("run", "task.ftp");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(
      /error: the loss of step 2 is not a number: its weights are finite, and the first tensor that is not is what `contract in layers\.1: einsum\(low: .*\)` gives, in 2,048 of 2,048 elements/,
    );
    expect(stderr).toContain("help: lower the learning rate, which was 1e+30");
    expect(saved(steep.path("out/fit"))).toEqual([]);
    expect(drafts(steep)).toEqual([]);
  });

  test("that comes from the checkpoint is laid to it", async () => {
    const poisoned = task();
    const broken = weights();
    broken.get("layers.1.weight")?.data.fill(Number.NaN, 7, 8);
    poisoned.write("model/model.safetensors", safetensors(broken));
    const { code, stderr } = await poisoned.ftc("run", "task.ftp");
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /the loss of step 1 is not a number: layers\.1\.weight, which is frozen,/,
    );
  });
});

describe("a run goes on with --resume to the same bits after", {
  timeout: firstCompilation,
}, () => {
  test("Ctrl-C, which saves and ends with 130", async () => {
    const stopped = task();
    lengthen(stopped);
    const run = startFtc(stopped.folder, "run", "task.ftp");
    await run.until("fit  step 1/");
    run.signal("SIGINT");
    expect(await run.ended).toBe(130);
    expect(run.stderr()).toContain("finishing the step at hand");
    expect(run.stderr()).toContain("`ftc run task.ftp --resume` goes on from there");
    expect(run.stdout()).toBe("");
    expect(saved(stopped.path("out/fit"))).toEqual([]);
    expect(drafts(stopped)).toEqual([]);
    const resumed = await stopped.ftc("run", "task.ftp", "--resume");
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/fit goes on after step \d+/);
    expectEqualRuns(stopped, straight);
  });

  test("a kill between two checkpoints", async () => {
    const killed = task();
    lengthen(killed);
    const run = startFtc(killed.folder, "run", "task.ftp");
    await run.folder(killed.path("out/fit/checkpoints"), /^step-/);
    run.signal("SIGKILL");
    await run.ended;
    expect(saved(killed.path("out/fit"))).toEqual([]);
    const resumed = await killed.ftc("run", "task.ftp", "--resume");
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/fit goes on after step \d*[02468]0\n/);
    expectEqualRuns(killed, straight);
    expect(drafts(killed)).toEqual([]);
  });

  test("a kill in the middle of a checkpoint and of a line", async () => {
    const killed = task(done);
    rmSync(killed.path("out/fit/adapter_config.json"));
    killed.write("out/fit/checkpoints/.step-6.4194304.part/state.safetensors", "half");
    killed.write("out/fit/metrics.jsonl", `${metrics(done).join("\n")}\n{"step":7,"lo`);
    const resumed = await killed.ftc("run", "task.ftp", "--resume");
    expect(resumed.code).toBe(0);
    expectEqualRuns(killed, done);
  });
});

describe("a broken checkpoint ends --resume with 3 and says which folder to delete:", () => {
  test.each<[string, (folder: string) => void, RegExp]>([
    [
      "its tensors cut short",
      (folder) => truncateSync(join(folder, "state.safetensors"), 900),
      /is broken: .*state\.safetensors is no whole safetensors file/,
    ],
    [
      "its tensors missing",
      (folder) => rmSync(join(folder, "state.safetensors")),
      /is broken: there is no .*state\.safetensors/,
    ],
    [
      "its counters cut short",
      (folder) => truncateSync(join(folder, "run.json"), 40),
      /is broken: reading .*run\.json: .* JSON/,
    ],
    [
      "its counters missing",
      (folder) => rmSync(join(folder, "run.json")),
      /is broken: it has no run\.json/,
    ],
  ])("%s", async (_, breaks, says) => {
    const broken = task(done);
    breaks(broken.path("out/fit/checkpoints/step-6"));
    const { code, stdout, stderr } = await broken.ftc("run", "task.ftp", "--resume");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(new RegExp(`error: the checkpoint .*step-6 ${says.source}`));
    expect(stderr).toContain("help: delete that folder");
    expect(readFileSync(broken.path(adapter))).toEqual(readFileSync(done.path(adapter)));
  });
});

test("--resume refuses the checkpoint of another run", async () => {
  const changed = task(done);
  changed.edit("seed          = 3", "seed          = 4");
  const { code, stderr } = await changed.ftc("run", "task.ftp", "--resume");
  expect(code).toBe(3);
  expect(stderr).toMatch(/error: the checkpoint .*step-6 is of another run/);
});

describe("a folder to save to", () => {
  test("that goes through a file ends the run with 3 before it trains", async () => {
    const blocked = task();
    blocked.write("out", "not a folder");
    const { code, stderr } = await blocked.ftc("run", "task.ftp");
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: writing to .*out\/fit: its path goes through a file/m);
    expect(stderr).not.toContain("step 1/");
  });

  test("that another run writes to is left to it", async () => {
    const late = task();
    late.write("out/fit/.running", `${process.ppid} on ${hostname()}\n`);
    const { code, stderr } = await late.ftc("run", "task.ftp");
    expect(code).toBe(3);
    expect(stderr).toContain(`another run is writing to ${late.path("out/fit")}`);
    expect(existsSync(late.path("out/fit/.running"))).toBe(true);
  });

  test("that a killed run claimed is free again", async () => {
    const later = task();
    later.write("out/fit/.running", `4194304 on ${hostname()}\n`);
    expect(await later.ftc("run", "task.ftp")).toMatchObject({ code: 0 });
    expect(drafts(later)).toEqual([]);
  });

  test("that two steps name is refused before anything runs", async () => {
    const twice = task();
    twice.edit(
      "train fit {",
      'export again {\n  model = tuned\n  to    = "./out/fit/"\n}\n\ntrain fit {',
    );
    const { code, stderr } = await twice.ftc("check", "task.ftp");
    expect(code).toBe(1);
    expect(stderr).toContain('error[FT608] fit writes to "out/fit", and so does again');
  });
});

// Only Vulkan's loader can be told to find no driver.
describe.runIf(process.platform === "linux")("where no driver is installed", () => {
  const env = { VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };

  test("a run ends with 3 and says in one sentence what to install", async () => {
    const { folder } = task();
    const run = startFtc(folder, { env }, "run", "task.ftp");
    expect(await run.ended).toBe(3);
    expect(run.stderr()).toMatch(
      /^error: no GPU that vulkan can use was found\n {2}help: install .*\n$/m,
    );
  });

  test("a program that is wrong is told so all the same", async () => {
    const wrong = task();
    wrong.edit("on layers.*", "on layers.*.q_proj");
    const run = startFtc(wrong.folder, { env }, "run", "task.ftp");
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain("no layer matches this pattern");
  });
});
