/** The manual and the README: their programs compile, their generated pages are fresh, their links lead somewhere. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { describe, expect, test } from "vitest";
import { libraryDocs } from "../../compiler/commands/doc.ts";
import { stepFields } from "../../compiler/core/step-fields.ts";
import { generatedPages } from "../../compiler/doc/write.ts";
import { itemWords } from "../../compiler/syntax/tokens.ts";
import { suffixNames } from "../../compiler/types/unit.ts";
import { examplesIn, faultsOf } from "../support/manual.ts";

const folder = "docs/reference";
const pages = [
  "README.md",
  ...readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`),
];

const examples = pages.flatMap(examplesIn);

describe("a program of the manual", () => {
  test.each(examples.map((example) => [example.place, example] as const))(
    "%s",
    (_, { source, wrong }) => {
      const faults = faultsOf(source);
      if (wrong === undefined) expect(faults.map(({ text }) => text).join("\n\n")).toBe("");
      else expect(new Set(faults.map(({ code }) => code))).toEqual(new Set([wrong]));
    },
  );

  test("has none without its info string read", () => {
    expect(examples.length).toBeGreaterThan(30);
  });
});

test("generated pages are what `npm run docs` writes", async () => {
  for (const [name, text] of Object.entries(await generatedPages()))
    expect(readFileSync(`${folder}/${name}`, "utf8"), `${name} wants \`npm run docs\``).toBe(text);
});

describe("the manual names", () => {
  const text = (name: string): string => readFileSync(`${folder}/${name}`, "utf8");

  test("every function of the language in a page that people wrote", () => {
    const written = pages
      .filter((path) => !text(path.split("/").at(-1) ?? "").includes("machine-written"))
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    const [language] = libraryDocs();
    const missing = language.entries.filter(
      ({ name }) => !new RegExp(`\\b${name}\\b`).test(written),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test("every reader and transform", () => {
    const data = libraryDocs().find(({ path }) => path === "std/data");
    const names = data?.entries.filter(({ kind }) => kind === "transform") ?? [];
    expect(names.filter(({ name }) => !text("data.md").includes(`${name}(`))).toEqual([]);
  });

  test("every word that begins an item", () => {
    expect(itemWords.filter((word) => !text("lexical.md").includes(word))).toEqual([]);
  });

  test("every field of every step", () => {
    const fields = Object.values(stepFields).flat();
    expect(fields.filter((name) => !text("steps.md").includes(`| \`${name}\``))).toEqual([]);
  });

  test("every unit", () => {
    expect(
      suffixNames.filter((name) => !new RegExp(`\\d${name}\``).test(text("units.md"))),
    ).toEqual([]);
  });
});

test("links between its pages lead to pages", () => {
  const broken = pages.flatMap((path) =>
    [...withoutCode(readFileSync(path, "utf8")).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map(([, to]) => to)
      .filter((to) => !existsSync(join(dirname(path), to)))
      .map((to) => `${path}: ${to}`),
  );
  expect(broken).toEqual([]);
});

function withoutCode(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
}
