/** What a comment allows, it allows in every command that would say it; and only what has looked calls it unused. */

import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { folderWith, sharedFolder } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { tinyFiles, tinyPipeline } from "../support/tiny-pipeline.ts";

const pipeline = tinyPipeline.replace("[clerk]", "[sft.model]");
const few = "// ftc: allow FT416 — four rows are all that it takes to see that it runs";
const cut = "// ftc: allow rows-cut — the answers that are lost are not asked for";

function above(line: string, comment: string, text = pipeline): string {
  expect(text).toContain(`\n${line}`);
  return text.replace(`\n${line}`, `\n${comment}\n${line}`);
}

const short = pipeline.replace("pad(length = 32tok)", "pad(length = 12tok, over = cut)");
const folder = sharedFolder({
  ...tinyFiles,
  "plain.ftp": pipeline,
  "allowed.ftp": above("dataset training", few),
  "short.ftp": short,
  "allowed-short.ftp": above("dataset training", cut, short),
  "nothing.ftp": above("dataset training", cut),
  "elsewhere.ftp": above("train sft", few),
  "without-steps.ftp": above("dataset training", few).replace(/\ntrain [\s\S]*/, ""),
});

async function codesOf(...words: readonly string[]): Promise<string[]> {
  const io = recordingIo(folder);
  await runCommandLine([...words, "--style=short"], io);
  return [...io.written.stderr.matchAll(/(?:error|warning)\[(FT\d+)\]/g)].map(([, code]) => code);
}

describe("a warning about rows", () => {
  test.each([
    ["plan", "plain.ftp"],
    ["preview", "short.ftp", "training"],
  ])("is said by %s where nothing allows it", async (...words) => {
    expect(await codesOf(...words)).toHaveLength(1);
  });

  test.each([
    ["plan", "allowed.ftp"],
    ["run", "allowed.ftp"],
    ["lock", "allowed.ftp"],
    ["emit", "core", "allowed.ftp"],
    ["preview", "allowed-short.ftp", "training"],
  ])("is left out of %s where it is allowed", async (...words) => {
    expect(await codesOf(...words)).toEqual([]);
  });

  test("is left out of what is printed as JSON", async () => {
    expect(await codesOf("plan", "allowed.ftp", "--json")).toEqual([]);
  });
});

describe("a comment that allows what only rows can show", () => {
  test("is not called unused by a check, which reads no rows", async () => {
    expect(await codesOf("check", "nothing.ftp")).toEqual([]);
  });

  test("is called so by a plan, which has counted them", async () => {
    expect(await codesOf("plan", "nothing.ftp")).toEqual(["FT416", "FT051"]);
  });

  test("is not called so by a preview, which does not know what steps do with them", async () => {
    expect(await codesOf("preview", "allowed.ftp", "training")).toEqual([]);
  });

  test("is not called so where no step reads the rows", async () => {
    expect(await codesOf("lock", "without-steps.ftp")).toEqual([]);
  });

  test("is called so by a check where no rows are named", async () => {
    expect(await codesOf("check", "elsewhere.ftp")).toEqual(["FT051"]);
  });
});

test("a comment in a module allows what is found there", async () => {
  const layer = "fn halved(x: float, scale: float) -> float {\n  return x / 2.0\n}\n";
  const files = {
    "main.ftp": "import layer.{halved}\n\nlet half = halved(1.0, 2.0)\n",
    "layer.ftp": layer,
  };
  const said = async (module: string): Promise<string> => {
    const io = recordingIo(folderWith({ ...files, "layer.ftp": module }));
    await runCommandLine(["check", "main.ftp", "--style=short"], io);
    return io.written.stderr;
  };
  expect(await said(layer)).toContain("FT111");
  expect(await said(`// ftc: allow FT111 — every layer has one\n${layer}`)).toBe("");
});
