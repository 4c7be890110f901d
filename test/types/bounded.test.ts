/** Checking ends soon, however a program names what it defined before. */

import { expect, test } from "vitest";
import { check } from "../../compiler/driver.ts";
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
  const functions = Array.from({ length: 60 }, (_, at) => next(at));
  const text = `${functions.join("\n")}\nfn f60(x: int) -> int {\n  return x\n}`;
  expect(check(loaded(text), new Map()).diagnostics).toEqual([]);
});
