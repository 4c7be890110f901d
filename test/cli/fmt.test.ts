/** `ftc fmt`: which files it finds, what it writes, what it says and with what it ends. */

import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";

const loose = "let   a=1\n";
const tidy = "let a = 1\n";
const broken = "let   a=1\nblock {\n";

async function fmt(folder: string, ...words: readonly string[]) {
  const io = recordingIo(folder);
  const code = await runCommandLine(["fmt", ...words], io);
  return { code, ...io.written };
}

async function fmtInput(text: string, ...words: readonly string[]) {
  const io = recordingIo(folderWith(), text);
  const code = await runCommandLine(["fmt", "-", ...words], io);
  return { code, ...io.written };
}

describe("files", () => {
  test("that have another style are written and named", async () => {
    const folder = folderWith({ "loose.ftp": loose, "tidy.ftp": tidy });
    expect(await fmt(folder, "loose.ftp", "tidy.ftp")).toEqual({
      code: 0,
      stdout: "loose.ftp\n",
      stderr: "",
    });
    expect(readFileSync(join(folder, "loose.ftp"), "utf8")).toBe(tidy);
    expect(readdirSync(folder).sort()).toEqual(["loose.ftp", "tidy.ftp"]);
  });

  test("that have the style already are not touched", async () => {
    const folder = folderWith({ "tidy.ftp": tidy });
    const path = join(folder, "tidy.ftp");
    utimesSync(path, 1000, 1000);
    const before = statSync(path).ino;
    expect(await fmt(folder)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(statSync(path)).toMatchObject({ ino: before, mtimeMs: 1_000_000 });
  });

  test("are all those below, but for hidden and installed ones", async () => {
    const folder = folderWith({
      "a.ftp": loose,
      "b.txt": loose,
      "inner/deep/c.ftp": loose,
      "node_modules/d/d.ftp": loose,
      ".cache/e.ftp": loose,
    });
    expect((await fmt(folder)).stdout).toBe("a.ftp\ninner/deep/c.ftp\n");
    expect(readFileSync(join(folder, ".cache/e.ftp"), "utf8")).toBe(loose);
    expect(readFileSync(join(folder, "node_modules/d/d.ftp"), "utf8")).toBe(loose);
  });

  test("of a folder that is named are those below it, each once", async () => {
    const folder = folderWith({ "a.ftp": loose, "inner/b.ftp": loose });
    expect((await fmt(folder, "inner", "inner/b.ftp")).stdout).toBe("inner/b.ftp\n");
    expect(readFileSync(join(folder, "a.ftp"), "utf8")).toBe(loose);
  });

  test("keep their permissions, and links stay links", async () => {
    const folder = folderWith({ "real/a.ftp": loose });
    chmodSync(join(folder, "real/a.ftp"), 0o640);
    symlinkSync("real/a.ftp", join(folder, "link.ftp"));
    expect((await fmt(folder, "link.ftp")).stdout).toBe("link.ftp\n");
    expect(lstatSync(join(folder, "link.ftp")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "real/a.ftp"), "utf8")).toBe(tidy);
    expect(statSync(join(folder, "real/a.ftp")).mode & 0o777).toBe(0o640);
  });

  test("that do not parse are formatted item by item, and end with 1", async () => {
    const folder = folderWith({ "broken.ftp": broken, "loose.ftp": loose });
    const { code, stdout, stderr } = await fmt(folder, "--style=short");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "broken.ftp\nloose.ftp\n" });
    expect(stderr).toMatch(/^broken\.ftp:2:7: error\[FT\d+] [^\n]+\n$/);
    expect(readFileSync(join(folder, "broken.ftp"), "utf8")).toBe("let a = 1\nblock {\n");
  });

  test("that are not UTF-8 are left alone, and end with 1", async () => {
    const bytes = Buffer.from("// caf\xe9\nlet   a=1\n", "latin1");
    const folder = folderWith({ "old.ftp": bytes });
    const { code, stdout, stderr } = await fmt(folder, "--style=short");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("this file is not UTF-8 text");
    expect(readFileSync(join(folder, "old.ftp"))).toEqual(bytes);
  });

  test("that are not there end with 3", async () => {
    const { code, stderr } = await fmt(folderWith(), "a.ftp");
    expect(code).toBe(3);
    expect(stderr).toContain("reading a.ftp");
  });

  test("that are no programs are refused", async () => {
    const folder = folderWith({ "README.md": "# A\n\n\n" });
    const { code, stderr } = await fmt(folder, "README.md");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "error: README.md is no .ftp file\n" });
  });

  test("that nobody wrote yet are missed", async () => {
    expect(await fmt(folderWith())).toEqual({
      code: 0,
      stdout: "",
      stderr: "there is no .ftp file here\n",
    });
  });
});

describe("--check", () => {
  test("names what has another style, writes nothing and ends with 1", async () => {
    const folder = folderWith({ "loose.ftp": loose, "tidy.ftp": tidy });
    expect(await fmt(folder, "--check")).toEqual({
      code: 1,
      stdout: "loose.ftp\n",
      stderr: "1 file has another style; ftc fmt writes the one there is\n",
    });
    expect(readFileSync(join(folder, "loose.ftp"), "utf8")).toBe(loose);
  });

  test("is silent where all have the style", async () => {
    const folder = folderWith({ "tidy.ftp": tidy });
    expect(await fmt(folder, "--check")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("standard input", () => {
  test("is written to standard output in the style", async () => {
    expect(await fmtInput(loose)).toEqual({ code: 0, stdout: tidy, stderr: "" });
  });

  test("with a fault is written item by item, and ends with 1", async () => {
    const { code, stdout, stderr } = await fmtInput(broken, "--style=short");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "let a = 1\nblock {\n" });
    expect(stderr).toContain("-:2:7: error");
  });

  test("is only compared by --check", async () => {
    expect(await fmtInput(tidy, "--check")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await fmtInput(loose, "--check")).toMatchObject({ code: 1, stdout: "-\n" });
  });

  test("stands alone", async () => {
    const { code, stderr } = await fmt(folderWith({ "a.ftp": loose }), "-", "a.ftp");
    expect(code).toBe(2);
    expect(stderr).toBe("error: ftc fmt - reads standard input, and no files beside it\n");
  });
});
