/** The extension: its grammar has the compiler's words, its manifest is well formed, and it is built whole. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { extname } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { itemWords, statementWords, units } from "../../compiler/syntax/tokens.ts";
import { suffixNames } from "../../compiler/types/unit.ts";
import { extension } from "../../editor/vscode/build.ts";
import configuration from "../../editor/vscode/language-configuration.json" with { type: "json" };
import manifest from "../../editor/vscode/package.json" with { type: "json" };
import grammar from "../../editor/vscode/syntaxes/ftp.tmLanguage.json" with { type: "json" };
import ours from "../../package.json" with { type: "json" };

const folder = "editor/vscode";
const { repository } = grammar;

/** The words of the first group that is a choice of words. */
function wordsOf(pattern: string): readonly string[] {
  return /\(([A-Za-z%|]+)\)/.exec(pattern)?.[1].split("|") ?? [];
}

describe("the grammar has the words of", () => {
  test("items", () => {
    expect(new Set(wordsOf(repository.item.match))).toEqual(new Set(itemWords));
  });

  test("statements, and the constants among them", () => {
    const found = [...wordsOf(repository.word.match), ...wordsOf(repository.constant.match)];
    expect(new Set(found)).toEqual(new Set(statementWords));
  });

  test("units", () => {
    const found = new Set(wordsOf(repository.quantity.match));
    expect(found).toEqual(units);
    for (const suffix of suffixNames) expect(found).toContain(suffix);
  });

  test("axes", () => {
    expect(wordsOf(repository.axes.match)).toEqual(["einsum", "rearrange", "repeat", "reduce"]);
  });
});

describe("the grammar", () => {
  const text = [...readdirSync("stdlib"), ""].flatMap((name) =>
    name.endsWith(".ftp") ? readFileSync(`stdlib/${name}`, "utf8").split("\n") : [],
  );

  test("has patterns that an engine can read", () => {
    const patterns = JSON.stringify(grammar).matchAll(/"(?:match|begin|end)":("(?:[^"\\]|\\.)*")/g);
    const read = [...patterns].map(([, source]) => new RegExp(JSON.parse(source)));
    expect(read.length).toBeGreaterThan(10);
  });

  test("knows every line of the standard library that begins an item", () => {
    const item = new RegExp(repository.item.match);
    const begins = text.filter((line) => /^[a-z]/.test(line));
    expect(begins.length).toBeGreaterThan(40);
    expect(begins.filter((line) => !item.test(line))).toEqual([]);
  });

  test.each([
    ["2048tok", "tok"],
    ["3%", "%"],
    ["10GiB", "GiB"],
    ["0.5epochs", "epochs"],
  ])("parts %s into a number and its unit", (written, unit) => {
    expect(new RegExp(repository.quantity.match).exec(written)?.[2]).toBe(unit);
  });

  test("takes a word that names a field for a name", () => {
    const word = new RegExp(repository.word.match);
    expect(word.test("  to     = 1")).toBe(false);
    expect(word.test("  return x")).toBe(true);
    expect(word.test("model.from")).toBe(false);
  });

  test("includes only what it has", () => {
    const included = JSON.stringify(grammar).matchAll(/"include":"#(\w+)"/g);
    for (const [, name] of included) expect(repository).toHaveProperty(name);
  });
});

describe("the manifest", () => {
  test("is of the compiler's version", () => {
    expect(manifest.version).toBe(ours.version);
  });

  test("asks for the editor that its types describe", () => {
    const types: { readonly version: string } = JSON.parse(
      readFileSync("node_modules/@types/vscode/package.json", "utf8"),
    );
    expect(manifest.engines.vscode.replace("^", "").split(".")[1]).toBe(
      types.version.split(".")[1],
    );
  });

  test("names files that are there, and one language throughout", () => {
    const [language] = manifest.contributes.languages;
    const [syntax] = manifest.contributes.grammars;
    for (const path of [language.configuration, syntax.path])
      expect(existsSync(`${folder}/${path}`)).toBe(true);
    expect(syntax.language).toBe(language.id);
    expect(syntax.scopeName).toBe(grammar.scopeName);
    expect(language.extensions).toEqual([".ftp"]);
  });

  test("has a name and a version as the editor asks for them, and words that it knows", () => {
    expect(`${manifest.publisher}.${manifest.name}`).toMatch(
      /^[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*$/,
    );
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(manifest.engines.vscode).toMatch(/^\^\d+\.\d+\.\d+$/);
    const categories = [
      "Programming Languages",
      "Snippets",
      "Linters",
      "Themes",
      "Debuggers",
      "Formatters",
    ];
    for (const category of manifest.categories) expect(categories).toContain(category);
    const settings = Object.keys(manifest.contributes.configuration.properties);
    const commands = manifest.contributes.commands.map(({ command }) => command);
    for (const id of [...settings, ...commands]) expect(id).toMatch(/^ftc\./);
  });

  test("starts nothing by itself in a folder that nobody trusts", () => {
    // Since 1.74 an editor wakes an extension for its languages and commands without being told.
    expect(manifest.activationEvents).toEqual([]);
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe(false);
  });

  test("closes the brackets that the language has", () => {
    expect(configuration.brackets).toEqual([
      ["{", "}"],
      ["[", "]"],
      ["(", ")"],
    ]);
  });
});

describe("the built extension", () => {
  test("holds what an editor looks for, and the client with all that it needs", async () => {
    const files = unzipSync(await extension());
    expect(Object.keys(files).sort()).toEqual([
      "[Content_Types].xml",
      "extension.vsixmanifest",
      "extension/LICENSE.txt",
      "extension/README.md",
      "extension/client.cjs",
      "extension/language-configuration.json",
      "extension/package.json",
      "extension/syntaxes/ftp.tmLanguage.json",
    ]);
    const shown = strFromU8(files["extension.vsixmanifest"]);
    expect(shown).toContain(`Id="ftc" Version="${manifest.version}" Publisher="ftc"`);
    expect(JSON.parse(strFromU8(files["extension/package.json"]))).toEqual(manifest);
    const asked = strFromU8(files["extension/client.cjs"]).matchAll(/require\("([^"]+)"\)/g);
    const outside = new Set([...asked].map(([, name]) => name.replace("node:", "")));
    expect([...outside].filter((name) => !isBuiltin(name) && name !== "vscode")).toEqual([]);
  });

  test("says the type of every file, and names none that it lacks", async () => {
    const files = unzipSync(await extension());
    const types = strFromU8(files["[Content_Types].xml"]);
    for (const name of Object.keys(files).filter((one) => one !== "[Content_Types].xml"))
      expect(types).toContain(`Extension="${extname(name)}"`);
    const shown = strFromU8(files["extension.vsixmanifest"]);
    const assets = [...shown.matchAll(/(?:Path="|<License>)([^"<]+)/g)].map(([, path]) => path);
    expect(assets).toHaveLength(4);
    for (const path of assets) expect(files).toHaveProperty([path]);
    const { main, contributes } = manifest;
    const named = [main, contributes.languages[0].configuration, contributes.grammars[0].path];
    for (const path of named) expect(files).toHaveProperty([`extension/${path.replace("./", "")}`]);
  });

  test("has a page whose links lead somewhere", async () => {
    const files = unzipSync(await extension());
    const page = strFromU8(files["extension/README.md"]);
    for (const [, link] of page.matchAll(/\]\((?!https:)([^)#]+)\)/g))
      expect(files).toHaveProperty([`extension/${link}`]);
  });

  test("is the same bytes each time", async () => {
    expect(await extension()).toEqual(await extension());
  });
});
