/** `--json` and `--style`: results as data on stdout, diagnostics in full or a line each on stderr. */

import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { tinyFiles, tinyPipeline } from "../support/tiny-pipeline.ts";

async function run(...words: readonly string[]) {
  const wrong = tinyPipeline.replace("learning_rate", "learning_rat");
  const io = recordingIo(folderWith({ ...tinyFiles, "a.ftp": tinyPipeline, "wrong.ftp": wrong }));
  const code = await runCommandLine(words, io);
  return { code, ...io.written };
}

async function dataOf(...words: readonly string[]): Promise<unknown> {
  const { code, stdout } = await run(...words);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

test("a plan is its counts, steps, memory and programs", async () => {
  const plan = await dataOf("plan", "a.ftp", "--json");
  expect(plan).toMatchObject({
    data: { training: { rows: 4, windows: 4 } },
    trainings: [{ name: "sft", steps: 20, sequences: 2, epochs: 10 }],
    models: [{ trained: 224 }],
    memory: { owners: expect.arrayContaining([expect.objectContaining({ owner: "trained" })]) },
  });
});

describe("a level is data", () => {
  test("the syntax is a tree with places as offsets", async () => {
    const items = await dataOf("emit", "ast", "a.ftp", "--json");
    expect(items).toContainEqual(expect.objectContaining({ kind: "train", doc: "" }));
    expect(JSON.stringify(items)).not.toContain("A small model that learns");
  });

  test("a graph is its inputs, nodes and outputs", async () => {
    const graphs = await dataOf("emit", "graph", "a.ftp", "--json");
    expect(graphs).toContainEqual(
      expect.objectContaining({
        name: "sft.accumulate",
        nodes: expect.arrayContaining([expect.objectContaining({ op: "contract" })]),
      }),
    );
  });

  test("kernels are texts by name", async () => {
    const kernels = await dataOf("emit", "wgsl", "a.ftp", "--json");
    expect(JSON.stringify(kernels)).toContain("@compute");
  });
});

test("the page of a diagnostic has its code, its slug and its text", async () => {
  const page = await dataOf("explain", "FT501", "--json");
  expect(page).toMatchObject({ code: "FT501", slug: "no-such-layer" });
  expect(page).toHaveProperty("text", expect.stringContaining("Lora"));
});

test("the list of codes has each with its slug", async () => {
  expect(await dataOf("explain", "--json")).toContainEqual({
    code: "FT501",
    slug: "no-such-layer",
  });
});

describe("a short diagnostic is one line", () => {
  test.each([
    ["check", ["check", "wrong.ftp"]],
    ["plan", ["plan", "wrong.ftp"]],
    ["emit", ["emit", "graph", "wrong.ftp"]],
    ["run", ["run", "wrong.ftp"]],
    ["lock", ["lock", "wrong.ftp"]],
    ["diff", ["diff", "wrong.ftp", "a.ftp"]],
    ["preview", ["preview", "wrong.ftp", "training"]],
  ])("of %s", async (_, words) => {
    const { code, stderr } = await run(...words, "--style=short");
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.filter((line) => !/^\w+\.ftp:\d+:\d+: \w+\[FT\d+\]/.test(line))).toEqual([]);
    expect(stderr).toContain("FT103");
  });

  test("and in full it has the line of the program", async () => {
    const { stderr } = await run("plan", "wrong.ftp", "--style=full");
    expect(stderr).toMatch(/│ {3}learning_rat /);
  });
});
