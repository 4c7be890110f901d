/** `ftc emit` and `ftc plan --verify`: every level of the shipped pipelines prints, and all verifiers accept them. */

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { task } from "../faults/task.ts";
import { recordingIo } from "../support/io.ts";
import { shipped } from "../support/shipped.ts";

/** A copy, since a plan writes a lock. */
const folder = mkdtempSync(join(tmpdir(), "ftc-"));
cpSync(shipped, folder, {
  recursive: true,
  filter: (path) => basename(path) !== "out",
});
afterAll(() => rmSync(folder, { recursive: true }));

async function ftc(cwd: string, ...words: readonly string[]) {
  const io = recordingIo(cwd);
  const code = await runCommandLine(words, io);
  return { code, ...io.written };
}

test.each(["quickstart.ftp", "pretrain-tiny.ftp"])(
  "%s passes the verifiers of models, graphs, kernels and plans",
  async (name) => {
    const { code, stderr } = await ftc(folder, "plan", name, "--verify");
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
  },
);

describe("a level", () => {
  test.each([
    ["ast", /^import\n {2}path: std\n/],
    ["core", /^model base, a Reader from "model"\n {2}embed\.weight /],
    ["graph", /^graph fit\.accumulate\n/],
    ["graph@dead", /^graph fit\.accumulate\n/],
    ["kernels", /^kernels fit\.accumulate\n(map|rows|contract) /],
    ["plan", /^\{\n {2}"format": "ftc-plan"/],
    ["wgsl", /^\/\/ k0\n/],
  ])("%s prints, twice the same", async (level, starts) => {
    const { folder: place } = task();
    const first = await ftc(place, "emit", level, "task.ftp");
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(starts) });
    expect((await ftc(place, "emit", level, "task.ftp")).stdout).toBe(first.stdout);
  });

  test.each(["core", "graph", "kernels", "plan", "wgsl"])("%s prints as JSON", async (level) => {
    const { stdout } = await ftc(task().folder, "emit", level, "task.ftp", "--json");
    expect(() => JSON.parse(stdout)).not.toThrow();
  });

  test("that there is not ends with 2 and lists those there are", async () => {
    const { code, stderr } = await ftc(task().folder, "emit", "kernel", "task.ftp");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "error: there is no level kernel; levels are ast, core, graph, kernels, plan, wgsl\n",
    });
  });
});
