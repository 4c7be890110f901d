/** Which way imports go, type imports too: the table is that of ARCHITECTURE.md. No file is in a cycle. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { expect, test } from "vitest";
import { sourcesUnder } from "./support/tree.ts";

const upToTypes = ["source", "diagnostics", "syntax", "names", "tensor", "ops", "types"];
const upToWgsl = [...upToTypes, "core", "graph", "kernels", "wgsl"];

/** What a folder of the compiler may import beside itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  source: [],
  diagnostics: ["source"],
  syntax: ["source", "diagnostics"],
  format: ["source", "diagnostics", "syntax"],
  names: ["source", "diagnostics", "syntax"],
  tensor: ["source"],
  ops: ["source", "tensor"],
  types: upToTypes,
  core: upToTypes,
  graph: [...upToTypes, "core"],
  kernels: [...upToTypes, "core", "graph"],
  wgsl: [...upToTypes, "core", "graph", "kernels"],
  plan: upToWgsl,
};
/** Our own faults may be found anywhere in the compiler. */
const forAll = "compiler/bug.ts";
/** The formats that the compiler writes and the runtime reads: a dataset is a value of its own long before a plan. */
const formats: Readonly<Record<string, readonly string[]>> = {
  types: ["runtime/data/plan.ts"],
  plan: ["runtime/plan.ts", "runtime/data/plan.ts"],
};

type Imports = ReadonlyMap<string, readonly string[]>;

test("imports go one way", () => {
  expect(wrongWays(importsOf(sourcesUnder("compiler", "runtime")))).toEqual([]);
});

test("no file imports itself through others", () => {
  expect(cycle(importsOf(sourcesUnder("compiler", "runtime")))).toEqual([]);
});

test.each([
  ["compiler/ops/op.ts", "compiler/graph/graph.ts"],
  ["compiler/types/row.ts", "runtime/plan.ts"],
  ["compiler/core/model.ts", "runtime/data/plan.ts"],
  ["compiler/types/expr.ts", "compiler/lsp/session.ts"],
  ["compiler/graph/lower.ts", "runtime/device.ts"],
  ["runtime/train.ts", "compiler/bug.ts"],
])("%s must not import %s", (file, imported) => {
  expect(wrongWays(new Map([[file, [imported]]]))).toHaveLength(1);
});

test("a cycle is shown file by file", () => {
  const imports = new Map([
    ["a.ts", ["b.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["b.ts"]],
  ]);
  expect(cycle(imports)).toEqual(["b.ts", "c.ts", "b.ts"]);
});

function wrongWays(imports: Imports): string[] {
  return [...imports].flatMap(([file, imported]) =>
    imported.filter((other) => !isRightWay(file, other)).map((other) => `${file} imports ${other}`),
  );
}

function isRightWay(file: string, imported: string): boolean {
  const [part, folder] = file.split("/");
  const [otherPart, otherFolder] = imported.split("/");
  if (part === "runtime") return otherPart === "runtime";
  // What is not in the table (driver, commands, lsp, cli) stands above all of it.
  const allowed = mayImport[folder];
  if (allowed === undefined || imported === forAll) return true;
  if (otherPart === "runtime") return formats[folder]?.includes(imported) === true;
  return otherFolder === folder || allowed.includes(otherFolder);
}

function importsOf(files: readonly string[]): Imports {
  return new Map(
    files.map((file) => {
      const found = readFileSync(file, "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
      return [file, [...found].map(([, path]) => join(dirname(file), path))];
    }),
  );
}

/** The files of the first cycle, the one it begins with once more at its end. */
function cycle(imports: Imports): readonly string[] {
  const done = new Set<string>();
  function from(file: string, above: readonly string[]): readonly string[] {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (done.has(file)) return [];
    done.add(file);
    for (const next of imports.get(file) ?? []) {
      const found = from(next, [...above, file]);
      if (found.length > 0) return found;
    }
    return [];
  }
  for (const file of imports.keys()) {
    const found = from(file, []);
    if (found.length > 0) return found;
  }
  return [];
}
