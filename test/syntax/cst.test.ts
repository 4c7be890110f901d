/** The grammar has no ambiguity, and the types of its output are those written in cst.ts. */

import { readFileSync, writeFileSync } from "node:fs";
import { generateCstDts } from "chevrotain";
import { expect, test } from "vitest";
import { Grammar } from "../../compiler/syntax/grammar.ts";

const path = new URL("../../compiler/syntax/cst.ts", import.meta.url);
const grammar = new Grammar();

const header = `/**
 * The shape of what grammar.ts parses. Machine-written from the grammar; a test keeps the two equal,
 * and \`UPDATE_GOLDEN=1\` writes it again.
 */
// biome-ignore-all format: machine-written

`;

test("the types of the parser's output are those of the grammar", () => {
  const types = generateCstDts(grammar.getGAstProductions(), { includeVisitorInterface: false });
  const text = `${header}${types.replace("ICstVisitor, ", "").trimEnd()}\n`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("the grammar has no ambiguity", () => {
  expect(() => new Grammar({ skipValidations: false })).not.toThrow();
});
