/** Checking ends soon, however a program names what it defined before. */

import { describe, expect, test } from "vitest";
import { check } from "../../compiler/driver.ts";
import { type Library, loadProgram } from "../../compiler/names/module.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { loaded } from "../support/library.ts";

/** `let a1 = …a0…`, `let a2 = …a1…` and so on. */
function lets(count: number, next: (previous: string) => string): string {
  const lines = ["let a0 = 1"];
  for (let at = 1; at <= count; at++) lines.push(`let a${at} = ${next(`a${at - 1}`)}`);
  return lines.join("\n");
}

test("a value that names another twice is not evaluated twice as often", () => {
  const text = lets(60, (previous) => `${previous} + ${previous}`);
  expect(check(loaded(text), new Map()).diagnostics).toEqual([]);
});

test("a thousand values, each made of the one before it, are a thousand values", () => {
  const text = lets(1000, (previous) => `${previous} + 1`);
  expect(check(loaded(text), new Map()).diagnostics).toEqual([]);
});

test("functions that each require something of the next one's value are checked once each", () => {
  const next = (at: number) =>
    `fn f${at}(x: int) -> int {\n  let y = f${at + 1}(x)\n  require y > 0, "so"\n  return y\n}`;
  const functions = Array.from({ length: 40 }, (_, at) => next(at));
  const text = `${functions.join("\n")}\nfn f40(x: int) -> int {\n  return x\n}`;
  expect(check(loaded(text), new Map()).diagnostics).toEqual([]);
});

/** `count` items, each made of the next one by its number; the last is made of nothing. */
function chain(count: number, item: (at: number, next: number | undefined) => string): string {
  return Array.from({ length: count }, (_, at) =>
    item(at, at === count - 1 ? undefined : at + 1),
  ).join("\n");
}

const chains: readonly [string, (at: number, next: number | undefined) => string][] = [
  [
    "functions of numbers",
    (at, next) =>
      `fn n${at}(x: float) -> float { return ${next === undefined ? "x" : `n${next}(x) + 1.0`} }`,
  ],
  [
    "functions of tensors",
    (at, next) =>
      `fn n${at}[N](x: float[N]) -> float[N] { return ${next === undefined ? "x" : `n${next}(x)`} }`,
  ],
  ["records", (at, next) => `record n${at} { field: ${next === undefined ? "int" : `n${next}`} }`],
  [
    "blocks",
    (at, next) =>
      `block n${at}() {
  ${next === undefined ? "" : `let part = n${next}()`}
  forward[N](x: float[N]) -> float[N] { return ${next === undefined ? "x" : "part(x)"} }
}`,
  ],
  [
    "datasets",
    (at, next) =>
      next === undefined
        ? `import std/data.{text, take}\ndataset n${at} = text("a.txt")`
        : `dataset n${at} = n${next} |> take(count = 3)`,
  ],
];

describe.each(chains)("%s in each other", (_, item) => {
  test("are one fault where thousands are, and the rest is silent", () => {
    const { diagnostics } = check(loaded(chain(5000, item)), new Map());
    expect(diagnostics.map(({ slug }) => slug)).toEqual(["made-of-too-much"]);
  });

  test("are followed where there are forty", () => {
    expect(check(loaded(chain(40, item)), new Map()).diagnostics).toEqual([]);
  });
});

const doubling: readonly [string, (at: number, next: number | undefined) => string][] = [
  [
    "functions",
    (at, next) =>
      `fn n${at}(x: float) -> float { return ${next === undefined ? "x" : `n${next}(x) + n${next}(x)`} }`,
  ],
  [
    "records",
    (at, next) => {
      const type = next === undefined ? "int" : `n${next}`;
      return `record n${at} { one: ${type}  other: ${type} }`;
    },
  ],
  [
    "blocks",
    (at, next) =>
      `block n${at}() {
  ${next === undefined ? "" : `let one = n${next}()  let other = n${next}()`}
  forward[N](x: float[N]) -> float[N] { return ${next === undefined ? "x" : "one(other(x))"} }
}`,
  ],
];

test.each(doubling)("%s that are each made of two others are one fault", (_, item) => {
  const { diagnostics } = check(loaded(chain(40, item)), new Map());
  expect(diagnostics.map(({ title }) => title)).toEqual([
    "`n26` comes to 16,383 definitions in the end, and 10,000 are the most",
  ]);
});

test("a stack of a million is told, and nothing is made of it", () => {
  const text = `import std/nn.{Linear}
block Own() {
  let layers = stack(1000000, Linear[2, 2]())
  forward[N](x: float[N, 2]) -> float[N, 2] { return layers(x) }
}`;
  expect(check(loaded(text), new Map()).diagnostics.map(({ title }) => title)).toEqual([
    "this is a stack of 1,000,000 blocks in all, and 250,000 are the most",
  ]);
});

test("modules that import each other in thousands are one fault", () => {
  const library: Library = {
    read: (path) => {
      const at = Number(path.slice(1));
      const text = at === 3000 ? "let a = 1" : `import m${at + 1}\nlet a = m${at + 1}.a`;
      return sourceFile(path, text);
    },
    paths: () => [],
  };
  const program = loadProgram(sourceFile("m0", "import m1\nlet a = m1.a"), library);
  expect(check(program, new Map()).diagnostics.map(({ slug }) => slug)).toEqual([
    "made-of-too-much",
  ]);
});
