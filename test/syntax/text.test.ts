/** Line ends, tabs, emoji, depth, and where nodes begin and end. */

import { expect, test } from "vitest";
import { sourceFile, textOf } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { verifySyntax } from "../../compiler/syntax/verify.ts";
import { expressionsIn, nodesAt } from "../../compiler/syntax/walk.ts";
import { samples } from "./samples.ts";

function parsed(text: string) {
  return parse(sourceFile("case.ftp", text));
}

test("an empty file has no items and no fault", () => {
  expect(parsed("").file.items).toEqual([]);
  expect(parsed("").diagnostics).toEqual([]);
  expect(parsed(" \n\n").diagnostics).toEqual([]);
});

test("a file of comments has no items and no fault", () => {
  const { file, diagnostics } = parsed("// one\n/// two");
  expect(file.comments.map(({ text, documents }) => [text, documents])).toEqual([
    ["one", false],
    ["two", true],
  ]);
  expect(diagnostics).toEqual([]);
});

test.each(samples)("$path means the same with Windows line ends", ({ text }) => {
  const { file, diagnostics } = parsed(text.replaceAll("\n", "\r\n"));
  expect(diagnostics).toEqual([]);
  expect(printSyntax(file)).toBe(printSyntax(parsed(text).file));
});

test.each(samples)("$path means the same with tabs", ({ text }) => {
  const { file, diagnostics } = parsed(text.replaceAll("  ", "\t"));
  expect(diagnostics).toEqual([]);
  expect(printSyntax(file)).toBe(printSyntax(parsed(text).file));
});

test("a byte order mark before the first item is passed over", () => {
  const { file, diagnostics } = parsed("\uFEFFlet one = 1");
  expect(diagnostics).toEqual([]);
  expect(file.items.length).toBe(1);
});

test("an unclosed string on the last line without a line end is one fault", () => {
  expect(parsed('let a = "b').diagnostics.map(({ slug }) => slug)).toEqual(["unclosed-string"]);
});

test("emoji in strings and comments keep every span in its place", () => {
  const { file } = parsed('// 🦙\nlet a = "🦙 {b} 👩‍👩‍👧 {c.d}" + e\n');
  const names = expressionsIn(file.items[0]).filter(({ kind }) => kind === "name");
  expect(names.map(({ span }) => textOf(span))).toEqual(["b", "c", "e"]);
});

test("a node's span is the text that it was written as, with its parentheses", () => {
  const { file } = parsed("let a = (1 + 2) * x.y[0](3) |> f(g)");
  const texts = expressionsIn(file.items[0]).map(({ span }) => textOf(span));
  expect(texts).toEqual([
    "(1 + 2) * x.y[0](3) |> f(g)",
    "(1 + 2) * x.y[0](3)",
    "(1 + 2)",
    "1",
    "2",
    "x.y[0](3)",
    "x.y",
    "x",
    "0",
    "3",
    "f(g)",
    "f",
    "g",
  ]);
});

test("the nodes at an offset run from the item to the name", () => {
  const text = "let a = f(b.c)";
  const kinds = nodesAt(parsed(text).file, text.indexOf("c)")).map(({ kind }) => kind ?? "part");
  expect(kinds).toEqual(["let", "call", "part", "member", "part"]);
});

test.each([
  ["parentheses", (n: number) => `${"(".repeat(n)}1${")".repeat(n)}`],
  ["open parentheses", (n: number) => "(".repeat(n)],
  ["lists", (n: number) => `${"[".repeat(n)}${"]".repeat(n)}`],
  ["calls of calls", (n: number) => `f${"()".repeat(n)}`],
  ["signs", (n: number) => `${"- ".repeat(n)}1`],
  ["operators", (n: number) => `1${" + 1".repeat(n)}`],
  ["members", (n: number) => `a${".b".repeat(n)}`],
  ["pipes", (n: number) => `a${" |> b".repeat(n)}`],
  ["choices", (n: number) => `${"if a { 1 } else ".repeat(n)}{ 2 }`],
  ["strings in strings", (n: number) => `${'"{'.repeat(n)}1${'}"'.repeat(n)}`],
])("%s that nest too deep are one fault, and others are read", (_, nest) => {
  const deep = parsed(`let a = ${nest(5000)}\nlet b = 1`);
  expect(deep.diagnostics.map(({ title }) => title)).toEqual(["this nests too deep to be read"]);
  expect(deep.file.items.at(-1)).toMatchObject({ name: { text: "b" } });
});

test("what a person would nest is not too deep", () => {
  const sum = Array.from({ length: 300 }, (_, term) => `x${term}`).join(" + ");
  const brackets = `${"(".repeat(30)}${sum.slice(0, 100)}${")".repeat(30)}`;
  const lines = Array.from({ length: 500 }, (_, line) => `  let x${line} = f(a.b.c + 1)(d)`);
  const body = `fn f(x: int) -> int {\n${lines.join("\n")}\n  return x\n}`;
  const { file, diagnostics } = parsed(`let a = ${sum}\nlet b = ${brackets}\n${body}\n`);
  expect(diagnostics).toEqual([]);
  expect(verifySyntax(file)).toEqual([]);
});

test("an item word is a name when it does not begin its line", () => {
  const { file, diagnostics } = parsed(
    "train sft {\n  model = train\n  export = let.record(fn = enum)\n}",
  );
  expect(diagnostics).toEqual([]);
  expect(file.items.length).toBe(1);
});

test("a number with an exponent is no quantity, and one with a unit after it is", () => {
  const [list] = expressionsIn(parsed("let a = [1e-5, 2e4tok, 2epochs]").file.items[0]);
  expect(list).toMatchObject({
    items: [
      { kind: "number", value: 1e-5, integral: false },
      { kind: "quantity", value: 2e4, unit: "tok" },
      { kind: "quantity", value: 2, unit: "epochs" },
    ],
  });
});
