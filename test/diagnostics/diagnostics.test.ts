/** Codes, pages, suggestions, and diagnostics for machines. */

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { codeOf, codes } from "../../compiler/diagnostics/codes.ts";
import { error, replace } from "../../compiler/diagnostics/diagnostic.ts";
import { nearestCode, pageOf, slugOf } from "../../compiler/diagnostics/explain.ts";
import { toJson } from "../../compiler/diagnostics/json.ts";
import { nearest } from "../../compiler/diagnostics/suggest.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";

test("every code has one number", () => {
  const numbers = Object.values(codes);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test.each([
  ["adpat", ["import", "adapt", "adapter"], "adapt"],
  ["cosin", ["constant", "cosine"], "cosine"],
  ["learning_rat", ["length", "learning_rate"], "learning_rate"],
  ["TRUE", ["truth", "true"], "true"],
  ["ab", ["cd", "abc"], "abc"],
  ["x", ["y"], undefined],
  ["pipeline", ["import", "let"], undefined],
  ["same", ["same"], undefined],
])("%s is nearest to %j: %s", (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});

test("a diagnostic for machines has its code, its places by line and offset, and its edits", () => {
  const file = sourceFile("a.ftp", "let a\n= 32 seq\n");
  const span = { file, start: 8, end: 14 };
  const diagnostic = error("split-quantity", {
    at: span,
    title: "one word",
    fixes: [replace(span, "32seq"), { text: "or so" }],
  });
  const place = {
    path: "a.ftp",
    start: { line: 2, column: 3, offset: 8 },
    end: { line: 2, column: 9, offset: 14 },
  };
  expect(toJson(diagnostic)).toEqual({
    code: "FT004",
    slug: "split-quantity",
    severity: "error",
    title: "one word",
    primary: { span: place, text: "" },
    secondary: [],
    notes: [],
    fixes: [{ text: "32seq", edits: [{ span: place, text: "32seq" }] }, { text: "or so" }],
  });
});

test.each(["FT006", "ft006", "6", "no-such-item"])("%s names a page", (name) => {
  expect(slugOf(name)).toBe("no-such-item");
});

test("a misspelt code has a nearest one, and an unknown number has none", () => {
  expect(nearestCode("no-such-itm")).toBe("no-such-item");
  expect(slugOf("FT999")).toBeUndefined();
});

const syntaxPages = Object.keys(codes).flatMap((name) => {
  const slug = slugOf(name);
  return slug !== undefined && codes[slug] < 100 ? [slug] : [];
});

test.each(syntaxPages)(
  "the program of the page on %s has that fault, and mended it has none",
  (slug) => {
    const page = pageOf(slug);
    const slugsOf = (text = "") =>
      parse(sourceFile("page.ftp", text)).diagnostics.map((d) => d.slug);
    expect(new Set(slugsOf(page?.fails))).toEqual(new Set([slug]));
    expect(slugsOf(page?.passes)).toEqual([]);
    expect(page?.passes).not.toBe("");
  },
);

const pages = readdirSync(new URL("../../compiler/diagnostics/explain/", import.meta.url));

test.each(pages)(
  "the page %s says its code, a program that fails, and the program mended",
  (name) => {
    const slug = slugOf(name.replace(".md", ""));
    if (slug === undefined) throw new Error(`${name} explains no code`);
    const page = pageOf(slug);
    expect(page?.text).toMatch(new RegExp(`^# ${codeOf(slug)} ${slug}\n\n`));
    expect(page?.text).toContain("\n**Why");
    expect(page?.fails).not.toBe("");
    expect(page?.passes).not.toBe("");
  },
);
