/** Rules that hold for every file and that neither the compiler nor the linter checks. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { projectFiles, sourcesUnder } from "../support/tree.ts";

const mostLines = 600;
/** Longer, because each is one table of like things. */
const longTables: readonly string[] = [];

const sources = sourcesUnder("compiler", "runtime", "test", "scripts", "bench", "editor");
const programs = projectFiles().filter(
  (path) => /^(stdlib|pipelines)\//.test(path) && path.endsWith(".ftp"),
);

describe("every source file", () => {
  test("opens with a comment that says its job", () => {
    const opens = (path: string) => /^(#!.*\n)?\/\*\*\s/.test(read(path));
    expect(sources.filter((path) => !opens(path))).toEqual([]);
  });

  test(`has at most ${mostLines} lines`, () => {
    const isLong = (path: string) => linesOf(path).length - 1 > mostLines;
    const isExcepted = (path: string) =>
      longTables.includes(path) || read(path).slice(0, 600).includes("machine-written");
    expect(sources.filter((path) => isLong(path) && !isExcepted(path))).toEqual([]);
  });

  test("leaves no check, no test and no work switched off", () => {
    // Biome's own exceptions are let through: it asks each for its reason.
    const off =
      /@ts-(ignore|expect-error|nocheck)|T[O]DO|FI[X]ME|\b(test|it|describe)\.(skip|only|todo)\b/;
    const found = sources.flatMap((path) =>
      linesOf(path).flatMap((line, at) =>
        off.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [],
      ),
    );
    expect(found).toEqual([]);
  });
});

test("every program of ours opens with a comment that says what it is for", () => {
  expect(programs.filter((path) => !/^\/\/\/? \S/.test(read(path)))).toEqual([]);
});

test("every dependency has its reason in CONTRIBUTING.md", () => {
  const { dependencies, devDependencies } = manifest;
  const rows = linesOf("CONTRIBUTING.md").filter((line) => line.startsWith("| `"));
  const names = Object.keys({ ...dependencies, ...devDependencies });
  expect(names.filter((name) => !rows.some((row) => row.includes(`\`${name}\``)))).toEqual([]);
});

test("continuous integration runs the test command of README.md", () => {
  expect(read("README.md")).toContain("\n```sh\nnpm test\n```\n");
  expect(read(".ci/run")).toMatch(/exec npm test$/m);
});

describe("addresses", () => {
  // In pieces, so that this file does not find itself.
  const hosts = [
    ["registry", "npmjs"],
    ["registry", "yarnpkg"],
    ["deb", "debian"],
    ["archive", "ubuntu"],
    ["files", "pythonhosted"],
  ].map((pieces) => pieces.join("."));

  test("of package registries and mirrors are the machine's business, and in no file", () => {
    const found = projectFiles().filter((path) => hosts.some((host) => read(path).includes(host)));
    expect(found).toEqual([]);
  });

  test("of downloads are not in the lock", () => {
    const lock: unknown = JSON.parse(read("package-lock.json"));
    expect(lock).toMatchObject({ lockfileVersion: 3 });
    expect(read("package-lock.json")).not.toContain('"resolved"');
  });
});

function read(path: string): string {
  return readFileSync(path, "utf8");
}

function linesOf(path: string): readonly string[] {
  return read(path).split("\n");
}
