/** Codes, suggestions, and diagnostics for machines. */

import { expect, test } from "vitest";
import { codes } from "../../compiler/diagnostics/codes.ts";
import { error, replace } from "../../compiler/diagnostics/diagnostic.ts";
import { nearestCode, slugOf } from "../../compiler/diagnostics/explain.ts";
import { toJson } from "../../compiler/diagnostics/json.ts";
import { nearest } from "../../compiler/diagnostics/suggest.ts";
import { sourceFile } from "../../compiler/source/file.ts";

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
