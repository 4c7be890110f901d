/** Whatever the text, the parser returns, and the tree it returns holds together. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { render } from "../../compiler/diagnostics/render.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { printSyntax } from "../../compiler/syntax/print.ts";
import { verifySyntax } from "../../compiler/syntax/verify.ts";
import { soup } from "../support/programs.ts";

/** Parses, shows everything that was found, and checks the tree. */
function survives(text: string): void {
  const { file, diagnostics } = parse(sourceFile("soup.ftp", text));
  printSyntax(file);
  for (const diagnostic of diagnostics) render(diagnostic);
  expect(verifySyntax(file)).toEqual([]);
}

test("a soup of tokens is parsed without an exception, and spans nest", () => {
  fc.assert(fc.property(soup, survives), { numRuns: 600 });
});

test("a soup of letters is parsed without an exception, and spans nest", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 80 }), survives), { numRuns: 300 });
});

test("a soup in the middle of an item leaves the items around it alone", () => {
  const property = fc.property(soup, (text) => {
    const inside = text.replaceAll("\n", " ");
    const source = `let one = 1\n\nblock A() { ${inside}\n\nlet two = 2\n`;
    const { file } = parse(sourceFile("soup.ftp", source));
    const names = file.items.map((item) => ("name" in item ? item.name.text : ""));
    expect(names.at(0)).toBe("one");
    expect(names.at(-1)).toBe("two");
  });
  fc.assert(property, { numRuns: 300 });
});
