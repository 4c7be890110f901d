/**
 * Every code has a page, and its programs do what the page says: the one has that fault first, the other has none. What
 * is said of the first is held in test/golden/pages, word for word.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { codeOf, codes, type Slug } from "../../compiler/diagnostics/codes.ts";
import { pageOf, slugOf } from "../../compiler/diagnostics/explain.ts";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { programOf, shown, type Version } from "../support/pages.ts";
import { sourcesUnder } from "../support/tree.ts";

const slugs = Object.keys(codes).flatMap((name) => slugOf(name) ?? []);
const golden = new URL("../golden/pages/", import.meta.url);

test.each(slugs)("%s is explained, by a program and the program mended", async (slug) => {
  const code = codeOf(slug);
  const text = pageOf(slug)?.text ?? `there is no explain/${code}.md`;
  expect(text).toMatch(new RegExp(`^# ${code} ${slug}\n\n`));
  expect(text).toMatch(/\n\*\*Why it is (an error|a warning|said)\.\*\* /);
  expect(text.length).toBeLessThan(3000);
  if (codes[slug] < 50) {
    // Of syntax a page may show a part of an item, so reading is all there is.
    const said = (version: Version) =>
      renderAll(parse(sourceFile("page.ftp", programOf(text, version))).diagnostics);
    expect(codesIn(said("passes"))).toEqual([]);
    return expectSaid(code, slug, said("fails"));
  }
  const { stderr, commands, code: ended } = await shown(text, "fails");
  expect([0, 1]).toContain(ended);
  // Mended, it is as far as the fault was found that there is none.
  const mended = await shown(text, "passes", commands);
  expect(codesIn(mended.stderr)).toEqual([]);
  expect(mended).toMatchObject({ code: 0 });
  expectSaid(code, slug, stderr.replace(/^wrote .*\n/m, ""));
});

function codesIn(text: string): string[] {
  return [...text.matchAll(/^(?:error|warning)\[(FT\d{3})\]/gm)].map(([, code]) => code);
}

/** The code first, and the text that is held. Of a merge that would lose something no part can be executed yet. */
function expectSaid(code: string, slug: Slug, text: string): void {
  const unready = codeOf("no-such-precision");
  const said = codesIn(text).filter((one) => slug !== "lossy-merge" || one !== unready);
  expect(said[0]).toBe(code);
  const file = new URL(`${code}.md`, golden);
  const found = `# ${code} ${slug}\n\n\`\`\`diagnostics\n${text.trimEnd()}\n\`\`\`\n`;
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(golden, { recursive: true });
    writeFileSync(file, found);
  } else expect(found).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
}

test("no page and no case is of a code that there is not", () => {
  const known = new Set(slugs.map((slug) => `${codeOf(slug)}.md`));
  const pages = new URL("../../compiler/diagnostics/explain/", import.meta.url);
  const strays = [...readdirSync(pages), ...readdirSync(golden)].filter((name) => !known.has(name));
  expect(strays).toEqual([]);
});

test("every code is said somewhere", () => {
  const sources = sourcesUnder("compiler", "runtime")
    .filter((path) => !path.endsWith("diagnostics/codes.ts") && path !== "runtime/data/fault.ts")
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  expect(slugs.filter((slug) => !sources.includes(`"${slug}"`))).toEqual([]);
});
