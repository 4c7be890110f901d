/** Texts at the edge of what a person would write, through parser, checker and formatter. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { format } from "../../compiler/format/format.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { damaged } from "../support/damaged.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { bytes, remarks, scripts, shipped, soup } from "../support/programs.ts";
import { survive } from "../support/survival.ts";

function formatted(text: string): string {
  return format(sourceFile("case.ftp", text)).text;
}

describe("parser, checker and formatter survive", () => {
  test("random bytes", () => fc.assert(fc.property(bytes, survive), { numRuns: 300 }));
  test("soups of words", () => fc.assert(fc.property(soup, survive), { numRuns: 300 }));
  test("letters of all alphabets", () =>
    fc.assert(fc.property(scripts, survive), { numRuns: 300 }));
  test("comments and line ends", () => fc.assert(fc.property(remarks, survive), { numRuns: 300 }));
  test("damaged programs", () => fc.assert(fc.property(damaged, survive), { numRuns: 15 }));
});

test.each([
  ["line ends of three kinds", "let a = 1\r\nlet   b = 2\n// one\rlet c = 3\n"],
  ["a byte order mark", "\uFEFFlet   a = 1"],
  ["a line end of old above what does not parse", "/// a\n// b\rlet  a = = 1\nlett\n"],
  ["a comment with a separator of lines that is none here", "// \u2028a\nlet  a = 1\n"],
  ["a backslash at the end of the file, in a string", 'let a = "\\'],
  ["a letter that means nothing between documentation and its item", "/// d\r \v\ntrain"],
  ["documentation above a blank line of old line ends", "/// d\r\rlet  a = 1"],
  ["a byte order mark on a later line, before the word of an item", "\n\uFEFFtrain t {"],
  ["nothing but space", " \n\t\r\n\n"],
  ["nothing but a comment", "\n\n  // alone"],
  ["emoji, marks and letters from right to left", 'let a = "👩‍👩‍👧 e\u0301 שלום" + "日本"'],
  ["a null byte", "let a = \u0000 1"],
  ["half a surrogate pair", 'let a = "\ud800"'],
  ["an import and no more", "import"],
  [
    "a dataset of rows that hold themselves",
    'import std/data.{jsonl}\n\nrecord R {\n  r: R\n}\n\ndataset rows: R = jsonl("rows.jsonl")',
  ],
  [
    "a template for rows that hold themselves",
    'record R {\n  r: R\n}\n\ntemplate t for R {\n  "{r}"\n}',
  ],
  ["a line of quotes and braces", `let a = ${'"{'.repeat(3000)}`],
  ["a string in braces in a string in braces", 'let a = "{"{"{"{"{b}"}"}"}"}"'],
  ["brackets that nest forty deep", `let a = ${"(".repeat(39)}1 + 2${")".repeat(39)}`],
  ["brackets that nest too deep", `let a = ${"[".repeat(900)}${"]".repeat(900)}`],
])("%s is survived", (_, text) => survive(text));

test("a byte order mark and missing line ends are mended", () => {
  expect(formatted("\uFEFFlet   a = 1")).toBe("let a = 1\n");
  expect(formatted(" \n\t\r\n\n")).toBe("");
  expect(formatted("let   a = 1\r\nlet b = 2\n")).toBe("let a = 1\nlet b = 2\n");
});

test("a large file takes a time in proportion", () => {
  const text = shipped.map((one) => one.text).join("\n");
  const large = text.repeat(Math.ceil(500_000 / text.length));
  expect(formatted(large).length).toBeGreaterThan(400_000);
  const faulty = "let a=1;\n".repeat(20_000);
  expect(formatted(faulty)).toBe(faulty);
});

test("modules that import each other are told, and formatted", async () => {
  const folder = folderWith({
    "a.ftp": "import b.{two}\n\nlet one = 1\n",
    "b.ftp": "import a.{one}\n\nlet   two=2\n",
  });
  const io = recordingIo(folder);
  expect(await runCommandLine(["check", "a.ftp", "--style=short"], io)).toBe(1);
  expect(io.written.stderr).toContain("imports this file, so neither can come first");
  expect(await runCommandLine(["fmt"], io)).toBe(0);
  expect(io.written.stdout).toBe("b.ftp\n");
});

test("a place in a message counts columns as the text has them, behind emoji too", async () => {
  const text = 'let a = "👩‍👩‍👧 e\u0301" + nobody\n';
  const io = recordingIo(folderWith({ "a.ftp": text }));
  expect(await runCommandLine(["check", "a.ftp", "--style=short"], io)).toBe(1);
  expect(io.written.stderr).toContain(`a.ftp:1:${text.indexOf("nobody") + 1}: error`);
});
