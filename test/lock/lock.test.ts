/** Locks through the command line: what writes one, what it refuses, and the ways out. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeTinyLlama } from "../support/tiny-llama.ts";
import { experiment } from "./experiment.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the first plan", () => {
  test("writes a lock of every file that the pipeline reads", async () => {
    const made = await experiment();
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect({ code, stderr: stderr.trim().split("\n").at(-1) }).toEqual({
      code: 0,
      stderr: "wrote exp.ftp.lock",
    });
    const lock = await made.lock();
    expect(lock.data).toEqual({
      "rows.jsonl": {
        bytes: made.read("rows.jsonl").length,
        rows: 4,
        sha256: sha256(made.read("rows.jsonl")),
      },
    });
    expect(Object.keys(lock.models.model.files)).toEqual([
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(lock.modules.own).toBe(sha256(made.read("own.ftp")));
    expect(Object.keys(lock.modules)).toContain("std/nn");
    expect(lock.datasets.training.windows).toBe(4);
  });

  test("writes the same lock in another folder", async () => {
    const [one, other] = [await experiment(), await experiment()];
    await one.ftc("plan", "exp.ftp");
    await other.ftc("plan", "exp.ftp");
    expect(one.read("exp.ftp.lock")).toBe(other.read("exp.ftp.lock"));
  });

  test("writes nothing where the pipeline has a fault", async () => {
    const made = await experiment();
    made.edit("exp.ftp", "rank = 2", "rank = 4096");
    expect((await made.ftc("plan", "exp.ftp")).code).toBe(1);
    expect(existsSync(join(made.folder, "exp.ftp.lock"))).toBe(false);
  });

  test("leaves nothing else in the folder", async () => {
    const made = await experiment();
    const before = readdirSync(made.folder);
    await made.ftc("plan", "exp.ftp");
    expect(readdirSync(made.folder).sort()).toEqual([...before, "exp.ftp.lock"].sort());
  });
});

describe("a plan with a lock", () => {
  test("says nothing and writes nothing where all is as it was", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    const before = made.read("exp.ftp.lock");
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining(".lock") });
    expect(made.read("exp.ftp.lock")).toBe(before);
  });

  test("refuses rows that changed, at the place that names the file", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.edit("rows.jsonl", '"answer":"5"', '"answer":"6"');
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect(code).toBe(1);
    expect(stderr).toContain("error[FT802] rows.jsonl is not the file that was locked");
    expect(stderr).toContain('jsonl("rows.jsonl")');
    expect(stderr).toMatch(/locked: 4 rows, \d+ bytes, sha256 [0-9a-f]{12}\n/);
    expect(stderr).toContain("`ftc lock exp.ftp` accepts what is here");
  });

  test("tells of the file alone, and not of the windows that changed with it", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.edit("rows.jsonl", '"answer":"5"', '"answer":"6"');
    expect((await made.ftc("plan", "exp.ftp")).stderr.match(/error\[/g)).toHaveLength(1);
  });

  test("refuses weights that changed", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    await writeTinyLlama(join(made.folder, "model"), { title: "other weights" });
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect(code).toBe(1);
    expect(stderr).toContain("error[FT802] model is not the model that was locked");
    expect(stderr).toContain("model.safetensors, locked: ");
  });

  test("refuses a file more in the model's folder", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.write("model/chat_template.jinja", "{{ messages }}");
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect(code).toBe(1);
    expect(stderr).toContain("chat_template.jinja, locked: not there");
  });

  test("refuses another standard library", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.write(
      "exp.ftp.lock",
      made
        .read("exp.ftp.lock")
        .replace(/("std\/nn": )"....../, '$1"000000')
        .replace(/"compiler": "[^"]*"/, '"compiler": "ftc 0.0.1"'),
    );
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect(code).toBe(1);
    expect(stderr).toContain("error[FT802] std/nn is not the module that was locked");
    expect(stderr).toContain("The lock was written by ftc 0.0.1; this is ftc ");
  });

  test.each([
    ["other tokens of the same rows", /("tokens": )"....../, '$1"000000', "give other tokens"],
    ["another count of windows", /("windows": )/, "$11", "give other tokens"],
    ["another count of rows", /("rows": )/, "$11", "is not the file that was locked"],
  ])("refuses %s", async (_, written, edited, expected) => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.write("exp.ftp.lock", made.read("exp.ftp.lock").replace(written, edited));
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect(code).toBe(1);
    expect(stderr).toContain(expected);
  });

  test.each([
    ["a dataset made in another way", "exp.ftp", "length = 16tok", "length = 24tok", "training"],
    ["a module of one's own", "own.ftp", "/// How a row is", "/// How one is", "own"],
    [
      "a module more",
      "exp.ftp",
      "import own",
      "import std/metric.{perplexity}\nimport own",
      "std/metric",
    ],
  ])("takes up %s and says so", async (_, file, from, to, name) => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.edit(file, from, to);
    const { code, stderr } = await made.ftc("plan", "exp.ftp");
    expect(code).toBe(0);
    expect(stderr).toContain(`changed exp.ftp.lock: ${name}\n`);
    expect((await made.ftc("plan", "exp.ftp", "--locked")).code).toBe(0);
  });

  test("forgets a file that nothing reads any more", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.write("others.jsonl", made.read("rows.jsonl"));
    made.edit("exp.ftp", '"rows.jsonl"', '"others.jsonl"');
    expect((await made.ftc("plan", "exp.ftp")).code).toBe(0);
    expect(Object.keys((await made.lock()).data)).toEqual(["others.jsonl"]);
  });
});

describe("--locked", () => {
  test("refuses where there is no lock, and writes none", async () => {
    const made = await experiment();
    const { code, stderr } = await made.ftc("plan", "exp.ftp", "--locked");
    expect(code).toBe(1);
    expect(stderr).toContain("error[FT801] there is no exp.ftp.lock");
    expect(existsSync(join(made.folder, "exp.ftp.lock"))).toBe(false);
  });

  test.each([
    [
      "a dataset made in another way",
      "length = 16tok",
      "length = 24tok",
      "makes training in another way",
    ],
    [
      "a module more",
      "import own",
      "import std/metric.{perplexity}\nimport own",
      "std/metric is not in exp.ftp.lock",
    ],
    [
      "another file of rows",
      '"rows.jsonl"',
      '"./rows.jsonl"',
      "exp.ftp.lock holds rows.jsonl, which",
    ],
  ])("refuses %s", async (_, from, to, expected) => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    const before = made.read("exp.ftp.lock");
    made.edit("exp.ftp", from, to);
    const { code, stderr } = await made.ftc("plan", "exp.ftp", "--locked");
    expect(code).toBe(1);
    expect(stderr).toContain("error[FT801]");
    expect(stderr).toContain(expected);
    expect(made.read("exp.ftp.lock")).toBe(before);
  });
});

describe("--frozen", () => {
  test("knows weights by their size and does not hash them", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    await writeTinyLlama(join(made.folder, "model"), { title: "other weights" });
    expect((await made.ftc("plan", "exp.ftp", "--frozen")).code).toBe(0);
    expect((await made.ftc("plan", "exp.ftp", "--locked")).code).toBe(1);
  });

  test("refuses weights of another size", async () => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.edit("model/config.json", '"vocab_size"', '"unread": 1, "vocab_size"');
    const { code, stderr } = await made.ftc("plan", "exp.ftp", "--frozen");
    expect(code).toBe(1);
    expect(stderr).toContain("config.json, locked: ");
  });

  test("refuses where there is no lock", async () => {
    const made = await experiment();
    expect((await made.ftc("plan", "exp.ftp", "--frozen")).stderr).toContain("error[FT801]");
  });
});

describe("a lock that cannot be read", () => {
  test.each([
    ["cut off", (text: string) => text.slice(0, 100), "is not JSON: it was cut off or edited"],
    [
      "in the middle of a merge",
      (text: string) => text.replace("{", "{\n<<<<<<< ours"),
      "exp.ftp.lock:2:1",
    ],
    [
      "without a hash",
      (text: string) => text.replace(/,\s*"sha256": "[0-9a-f]*"/, ""),
      "data.rows.jsonl.sha256 is missing",
    ],
    [
      "of a later version",
      (text: string) => text.replace('"version": 1', '"version": 2'),
      "later ftc",
    ],
  ])("%s is told with its place, and by `ftc check` too", async (_, spoil, expected) => {
    const made = await experiment();
    await made.ftc("plan", "exp.ftp");
    made.write("exp.ftp.lock", spoil(made.read("exp.ftp.lock")));
    for (const command of ["plan", "check"]) {
      const { code, stderr } = await made.ftc(command, "exp.ftp");
      expect(code).toBe(1);
      expect(stderr).toContain("error[FT808] exp.ftp.lock ");
      expect(stderr).toContain(expected);
    }
  });

  test("is written anew by `ftc lock`", async () => {
    const made = await experiment();
    made.write("exp.ftp.lock", "{");
    const { code, stdout } = await made.ftc("lock", "exp.ftp");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^wrote exp\.ftp\.lock: \d+ modules, 1 model, 1 data file, 1 dataset\n$/,
      ),
    });
    expect((await made.ftc("plan", "exp.ftp", "--locked")).code).toBe(0);
  });
});

describe("ftc lock", () => {
  test("accepts a change and prints it", async () => {
    const made = await experiment();
    await made.ftc("lock", "exp.ftp");
    made.write("rows.jsonl", `${made.read("rows.jsonl")}{"question":"5","answer":"6"}\n`);
    const { code, stdout } = await made.ftc("lock", "exp.ftp");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^changed {2}rows\.jsonl\n {2}from 4 rows, .*\n {2}to {3}5 rows, /);
    expect((await made.ftc("plan", "exp.ftp", "--locked")).code).toBe(0);
  });

  test("says when there is nothing to change", async () => {
    const made = await experiment();
    await made.ftc("lock", "exp.ftp");
    expect((await made.ftc("lock", "exp.ftp")).stdout).toBe("exp.ftp.lock is up to date\n");
  });

  test("prints changes as JSON for machines", async () => {
    const made = await experiment();
    await made.ftc("lock", "exp.ftp");
    made.edit("own.ftp", "/// How a row is", "/// How one is");
    expect(JSON.parse((await made.ftc("lock", "exp.ftp", "--json")).stdout)).toMatchObject([
      { part: "modules", name: "own", kind: "changed" },
    ]);
  });

  test("writes nothing where the pipeline has a fault", async () => {
    const made = await experiment();
    rmSync(join(made.folder, "rows.jsonl"));
    const { code, stderr } = await made.ftc("lock", "exp.ftp");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("rows.jsonl") });
    expect(existsSync(join(made.folder, "exp.ftp.lock"))).toBe(false);
  });
});

test("`ftc check` neither hashes nor writes", async () => {
  const made = await experiment();
  await made.ftc("plan", "exp.ftp");
  made.edit("rows.jsonl", '"answer":"5"', '"answer":"6"');
  expect(await made.ftc("check", "exp.ftp")).toEqual({ code: 0, stdout: "", stderr: "" });
});
