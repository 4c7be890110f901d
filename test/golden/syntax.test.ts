/** Golden cases of the syntax: what is read, and what is said of what cannot be. */

import { describe, expect } from "vitest";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { type ParseResult, parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { verifySyntax } from "../../compiler/syntax/verify.ts";
import { goldenCases } from "../support/golden.ts";

describe("syntax", () => {
  goldenCases(new URL("./syntax/", import.meta.url), {
    diagnostics: (source) => renderAll(parsed(source).diagnostics),
    ast: (source) => printSyntax(parsed(source).file),
  });
});

function parsed(source: string): ParseResult {
  const result = parse(sourceFile("case.ftp", source));
  expect(verifySyntax(result.file)).toEqual([]);
  return result;
}
