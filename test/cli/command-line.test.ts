/** The command line as a shell sees it: what is written where, and the exit code of each kind of ending. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bug } from "../../compiler/bug.ts";
import { runCommandLine } from "../../compiler/cli.ts";
import {
  type Command,
  choice,
  command,
  count,
  exit,
  flag,
  many,
  optional,
  required,
  UsageError,
  value,
} from "../../compiler/commands/command.ts";
import { MachineError, planFault } from "../../runtime/errors.ts";
import { recordingIo } from "../support/io.ts";

/** Writes what it was given, as JSON. */
const echo = command({
  name: "echo",
  summary: "say what was read",
  parameters: {
    file: required("FILE", "a file"),
    step: optional("STEP", "a step"),
    rest: many("REST", "more"),
    out: value("-o, --out <PATH>", "where to"),
    rows: count("--rows <N>", "how many", 1),
    look: choice("--look <LOOK>", ["short", "full"], "how much"),
    json: flag("--json", "as JSON"),
  },
  async run(io, values) {
    io.stdout.write(JSON.stringify(values));
    return exit.done;
  },
});

async function run(...words: readonly string[]) {
  return runWith(echo, ...words);
}

async function runWith(record: Command, ...words: readonly string[]) {
  const io = recordingIo();
  const code = await runCommandLine(words, io, { [record.name]: async () => record });
  return { code, ...io.written };
}

/** A command that ends as `act` does. */
async function ending(act: () => never) {
  const fail = command({
    name: "fail",
    summary: "fail",
    parameters: {},
    run: async () => act(),
  });
  return runWith(fail, "fail");
}

describe("a command", () => {
  test("gets its arguments and options by name", async () => {
    const words = ["a.ftp", "sft", "x", "y", "-o", "p", "--rows", "3", "--look=full", "--json"];
    const { code, stdout } = await run("echo", ...words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      file: "a.ftp",
      step: "sft",
      rest: ["x", "y"],
      out: "p",
      rows: 3,
      look: "full",
      json: true,
    });
  });

  test("gets nothing for what was not written", async () => {
    const { stdout } = await run("echo", "a.ftp");
    expect(JSON.parse(stdout)).toEqual({ file: "a.ftp", rest: [], json: false });
  });
});

describe("a wrong command line ends with 2 and nothing on stdout", () => {
  test.each([
    ["a command that there is not", ["ecko", "a.ftp"], "Did you mean echo?"],
    ["an option that there is not", ["echo", "a.ftp", "--jsn"], "Did you mean --json?"],
    ["a missing argument", ["echo"], "missing required argument 'FILE'"],
    ["an option without its value", ["echo", "a.ftp", "--out"], "argument missing"],
    ["a number that is none", ["echo", "a.ftp", "--rows", "many"], 'this is "many"'],
    ["a number below the least", ["echo", "a.ftp", "--rows", "0"], "a whole number from 1"],
    ["a word that is not a choice", ["echo", "a.ftp", "--look", "x"], "one of short, full"],
    ["no command", [], "Usage: ftc"],
  ])("%s", async (_, words, text) => {
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(text);
  });

  test("what only the command can tell", async () => {
    const { code, stderr } = await ending(() => {
      throw new UsageError("two files cannot both be -");
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: "error: two files cannot both be -\n" });
  });
});

describe("asked for", () => {
  test("help lists the commands on stdout", async () => {
    const { code, stdout, stderr } = await run("--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/echo .*say what was read/);
  });

  test("help of a command lists its options", async () => {
    const { code, stdout } = await run("echo", "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/-o, --out <PATH> +where to/);
  });

  test("the version is that of package.json", async () => {
    const { code, stdout } = await run("--version");
    expect(code).toBe(0);
    expect(readFileSync("package.json", "utf8")).toContain(`"version": "${stdout.trim()}"`);
  });

  test.each(["-V", "--version"])("%s loads no command", async (option) => {
    const table = { echo: () => bug("the version needs no command") };
    expect(await runCommandLine([option], recordingIo(), table)).toBe(0);
  });
});

describe("a fault", () => {
  test("of the machine ends with 3 and says what would help", async () => {
    const { code, stderr } = await ending(() => {
      throw new MachineError("out/ cannot be written", ["free some space"]);
    });
    expect(code).toBe(3);
    expect(stderr).toBe("error: out/ cannot be written\n  help: free some space\n");
  });

  test.each([
    ["of ours", () => bug("two owners", "param %1")],
    ["in a plan", () => planFault("two owners", "param %1")],
    [
      "that nobody foresaw",
      () => {
        throw new TypeError("two owners, param %1");
      },
    ],
  ])("%s ends with 70, takes the blame and shows what a report needs", async (_, act) => {
    const { code, stderr } = await ending(act);
    expect(code).toBe(70);
    expect(stderr).toContain("error: two owners");
    expect(stderr).toContain("a fault of ftc, not of your program");
    expect(stderr).toContain("param %1");
    expect(stderr).toContain(`Node ${process.versions.node}`);
  });
});

test("the program ends with the exit code of its command", () => {
  const { status, stderr } = spawnSync(process.execPath, ["compiler/ftc.js", "dcotor"], {
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toContain("Did you mean doctor?");
});
