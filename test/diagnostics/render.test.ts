/** How diagnostics look: carets in their columns, frames by file, long lines, colour. */

import { expect, test } from "vitest";
import { widthOf } from "../../compiler/diagnostics/columns.ts";
import { error, replace, warning } from "../../compiler/diagnostics/diagnostic.ts";
import { render, renderAll } from "../../compiler/diagnostics/render.ts";
import { type SourceFile, type Span, sourceFile } from "../../compiler/source/file.ts";

/** The place of a text in a file. */
function at(file: SourceFile, text: string): Span {
  const start = file.text.indexOf(text);
  return { file, start, end: start + text.length };
}

function file(text: string, path = "case.ftp"): SourceFile {
  return sourceFile(path, text);
}

test("a title, the line, carets, a note, and the ways out", () => {
  const source = file("train sft {\n  warmup = 0.03\n}\n");
  const diagnostic = error("bare-number", {
    at: at(source, "0.03"),
    title: "0.03 of what?",
    label: "a span has a unit",
    notes: ["Three per cent, or three steps?"],
    fixes: [replace(at(source, "0.03"), "3%"), { text: "200steps, 1Mtok, 0.1epochs" }],
  });
  expect(render(diagnostic)).toMatchInlineSnapshot(`
    "error[FT301] 0.03 of what?
      ┌─ case.ftp:2:12
    2 │   warmup = 0.03
      │            ^^^^ a span has a unit
        Three per cent, or three steps?
        try ✎ 3%
        or    200steps, 1Mtok, 0.1epochs"
  `);
});

test("two labels on a line stand below each other, the last one beside the carets", () => {
  const source = file("    return wide * fix\n");
  const diagnostic = error("broadcast-refused", {
    at: at(source, "fix"),
    title: "float[B, T, 1] does not stretch to float[B, T, D]",
    label: "float[B, T, 1]",
    secondary: [{ span: at(source, "wide"), text: "float[B, T, D]" }],
  });
  expect(render(diagnostic)).toMatchInlineSnapshot(`
    "error[FT208] float[B, T, 1] does not stretch to float[B, T, D]
      ┌─ case.ftp:1:19
    1 │     return wide * fix
      │            ----   ^^^ float[B, T, 1]
      │            float[B, T, D]"
  `);
});

test("lines that are far apart have a dot between them, and the gutter fits the longest number", () => {
  const source = file(`${"let a = 1\n".repeat(8)}let first = 1\nlet b = 2\nlet last = 3\n`);
  const diagnostic = error("defined-twice", {
    at: at(source, "last"),
    title: "twice",
    secondary: [{ span: at(source, "first"), text: "here first" }],
  });
  expect(render(diagnostic)).toMatchInlineSnapshot(`
    "error[FT104] twice
       ┌─ case.ftp:11:5
     9 │ let first = 1
       │     ----- here first
       ·
    11 │ let last = 3
       │     ^^^^"
  `);
});

test("another file has a frame of its own, after that of the primary place", () => {
  const source = file("let a = 17\n");
  const other = file("x\nrequire heads\n", "std/llama.ftp");
  const diagnostic = error("requirement-broken", {
    at: at(source, "17"),
    title: "heads do not divide",
    secondary: [{ span: at(other, "heads"), text: "asked here" }],
    notes: ["It can be 1, 2, 4 or 8."],
  });
  expect(render(diagnostic)).toMatchInlineSnapshot(`
    "error[FT212] heads do not divide
      ┌─ case.ftp:1:9
    1 │ let a = 17
      │         ^^
      ┌─ std/llama.ftp:2:9
    2 │ require heads
      │         ----- asked here
        It can be 1, 2, 4 or 8."
  `);
});

test("carets stand under what follows tabs, wide letters, emoji and combining marks", () => {
  const source = file('\t"日本 🦙 e\u0301" + fault\n');
  const lines = render(error("syntax", { at: at(source, "fault"), title: "here" })).split("\n");
  // A tab is 4 columns, each of the two ideographs and the llama 2, and the e with its accent 1.
  expect(lines[3]).toBe(`  │ ${" ".repeat(4 + 1 + 4 + 1 + 2 + 1 + 1 + 1 + 3)}^^^^^`);
});

test("control characters of the source do not reach the terminal", () => {
  const source = file('let a = "\u001b[31m\u202e" + b\n');
  const shown = render(error("syntax", { at: at(source, "b"), title: "here" }));
  expect(shown).not.toContain("\u001b");
  expect(shown).not.toContain("\u202e");
  expect(shown).toContain("␛[31m");
});

test("an empty place gets one caret, at the end of the line too", () => {
  const source = file("let a =\n");
  const end = { file: source, start: 7, end: 7 };
  expect(render(error("syntax", { at: end, title: "cut short" })).split("\n")[3]).toBe(
    "  │        ^",
  );
});

test("a place over several lines is marked on its first, without its line end", () => {
  const source = file("block A() {\r\n  param b\r\n}\r\n");
  const span = { file: source, start: 0, end: source.text.length };
  const lines = render(error("syntax", { at: span, title: "all of it" })).split("\n");
  expect(lines.slice(2)).toEqual(["1 │ block A() {", `  │ ${"^".repeat(11)}`]);
});

test("a place inside of another keeps its own sign", () => {
  const source = file("f(a, b)\n");
  const diagnostic = error("syntax", {
    at: at(source, "b"),
    title: "inside",
    secondary: [{ span: at(source, "f(a, b)"), text: "the call" }],
  });
  expect(render(diagnostic).split("\n").slice(3)).toEqual(["  │ -----^-", "  │ the call"]);
});

test("a long line is cut around what is marked", () => {
  const source = file(`let a = "${"x".repeat(300)}" + fault + "${"y".repeat(300)}"\n`);
  const lines = render(error("syntax", { at: at(source, "fault"), title: "far out" })).split("\n");
  expect(lines[2].length).toBeLessThan(150);
  expect(lines[2].slice(lines[3].indexOf("^"), lines[3].lastIndexOf("^") + 1)).toBe("fault");
  expect(lines[2]).toMatch(/^1 │ …x.*…$/);
});

test("the short style is one line that editors can follow", () => {
  const source = file("\nlet a = b\n");
  const fault = error("no-such-name", { at: at(source, "b"), title: "no b" });
  const doubt = warning("few-examples", { at: at(source, "a"), title: "few" });
  expect(renderAll([fault, doubt], { colour: false, style: "short" })).toBe(
    "case.ftp:2:9: error[FT101] no b\ncase.ftp:2:5: warning[FT416] few",
  );
});

test("colour adds nothing but colour", () => {
  const source = file("let a = b\n");
  const diagnostic = error("no-such-name", {
    at: at(source, "b"),
    title: "no b",
    fixes: [{ text: "c" }],
  });
  const coloured = render(diagnostic, { colour: true, style: "full" });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour
  expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(render(diagnostic));
  expect(coloured).not.toBe(render(diagnostic));
});

test("a mark behind a family of emoji on a long line stands under what it means", () => {
  const source = file(`${"x".repeat(150)} "👩‍👩‍👧 e\u0301 日本" * wrong`);
  const drawn = render(error("no-such-name", { at: at(source, "wrong"), title: "unknown" }));
  const [, , line, carets] = drawn.split("\n");
  expect(line.endsWith("wrong")).toBe(true);
  expect(widthOf(carets)).toBe(widthOf(line));
});

test("on a narrow terminal nothing is wider than it, and carets keep their place", () => {
  const source = file(`let answer = ${"first + ".repeat(12)}wrong + ${"last + ".repeat(12)}end\n`);
  const diagnostic = error("no-such-name", {
    at: at(source, "wrong"),
    title: "nothing that this module knows is called `wrong`",
    notes: ["It is neither an item of this module nor one that it imports."],
    fixes: [{ text: "import it from the module that has it, or give its own definition here" }],
  });
  for (const columns of [40, 200]) {
    const lines = render(diagnostic, { colour: false, style: "full", columns }).split("\n");
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
    const row = lines.findIndex((line) => line.includes("^^^^^"));
    expect(lines[row - 1].slice(lines[row].indexOf("^"))).toMatch(/^wrong/);
  }
});

test("a page whose width nobody knows gets titles and notes in one line", () => {
  const source = file("let a = b\n");
  const title = `nothing here is called ${"b".repeat(300)}`;
  expect(render(error("no-such-name", { at: at(source, "b"), title })).split("\n")[0]).toContain(
    title,
  );
});
