/** `--json` and `--style`: results as data on stdout, diagnostics on stderr as data, a line each, or in full. */

import { describe, expect, test } from "vitest";
import { allCommands, runCommandLine } from "../../compiler/cli.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { tinyFiles, tinyPipeline } from "../support/tiny-pipeline.ts";

const record = {
  format: "ftc-record",
  version: 1,
  plan: "0",
  device: { class: "none", driver: "none" },
  trainings: {},
  evaluations: {},
};

async function run(...words: readonly string[]) {
  const wrong = tinyPipeline.replace("learning_rate", "learning_rat");
  const io = recordingIo(
    folderWith({
      ...tinyFiles,
      "a.ftp": tinyPipeline,
      "wrong.ftp": wrong,
      "wrong.ftp.record": JSON.stringify(record),
      "broken.ftp": "fn half(x: float) -> float {\n",
    }),
  );
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

/** What makes each command say that a program is wrong; undefined for one that says so of no program. */
const wrongly: Readonly<Record<string, readonly string[] | undefined>> = {
  check: ["wrong.ftp"],
  fmt: ["broken.ftp"],
  preview: ["wrong.ftp", "training"],
  plan: ["wrong.ftp"],
  run: ["wrong.ftp"],
  lock: ["wrong.ftp"],
  generate: ["wrong.ftp", "--prompt", "Q:"],
  chat: ["wrong.ftp"],
  merge: ["wrong.ftp", "--out", "merged"],
  emit: ["graph", "wrong.ftp"],
  verify: ["wrong.ftp"],
  diff: ["a.ftp", "wrong.ftp"],
  doc: undefined,
  explain: undefined,
  lsp: undefined,
  doctor: undefined,
};

const diagnosing = Object.entries(wrongly).flatMap(([name, words]) =>
  words === undefined ? [] : [[name, [name, ...words]] as const],
);

test("the table has every command", async () => {
  const names = (await allCommands()).map(({ name }) => name);
  expect(Object.keys(wrongly).sort()).toEqual([...names].sort());
});

/** Nothing, one value, or one a line. */
function isData(text: string): boolean {
  const parts = /^\{.*\}$/m.test(text) ? text.trimEnd().split("\n") : [text || "null"];
  return parts.every((part) => JSON.parse(part) !== undefined);
}

describe("a diagnostic", () => {
  test.each(diagnosing)("of %s is an object a line with --json", async (name, words) => {
    const { code, stdout, stderr } = await run(...words, "--json");
    expect(code).toBe(1);
    const lines = stderr.split("\n").filter((line) => line !== "");
    // Of a check they are what was asked for.
    const found: unknown =
      name === "check" ? JSON.parse(stdout) : lines.map((line) => JSON.parse(line));
    expect(found).toContainEqual(
      expect.objectContaining({
        code: name === "fmt" ? "FT001" : "FT103",
        severity: "error",
        primary: expect.objectContaining({
          span: expect.objectContaining({ path: words.find((word) => /wrong|broken/.test(word)) }),
        }),
      }),
    );
    if (name === "check") expect(stderr).toBe("");
    else expect(stdout).toSatisfy(isData);
  });

  test.each(diagnosing)("of %s is a line with --style=short", async (name, words) => {
    const { code, stderr } = await run(...words, "--style=short");
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.filter((line) => !/^\w+\.ftp:\d+:\d+: \w+\[FT\d+\]/.test(line))).toEqual([]);
    expect(stderr).toContain(name === "fmt" ? "FT001" : "FT103");
  });

  test.each(diagnosing)("of %s is not asked for in two ways at once", async (_, words) => {
    const { code, stderr } = await run(...words, "--json", "--style=short");
    expect(code).toBe(2);
    expect(stderr).toContain("--json");
  });

  test("in full has the line of the program", async () => {
    const { stderr } = await run("plan", "wrong.ftp", "--style=full");
    expect(stderr).toMatch(/│ {3}learning_rat /);
  });

  test("that is a warning leaves a result to be printed", async () => {
    const { code, stdout, stderr } = await run("plan", "a.ftp", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty("data");
    const [first] = stderr.split("\n");
    expect(JSON.parse(first)).toMatchObject({ severity: "warning" });
  });
});
