/** The nearest name is the one that a plain search finds, however the names are kept and however many there are. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { NameIndex, nearest } from "../../compiler/diagnostics/suggest.ts";

/** What `nearest` says, by the definition alone. */
function plainNearest(name: string, candidates: readonly string[]): string | undefined {
  const others = candidates.filter((candidate) => candidate !== name);
  const alike = others.filter((other) => other.toLowerCase() === name.toLowerCase());
  const equal = (other: string) => [...other].filter((letter, at) => letter === name[at]).length;
  if (alike.length > 0)
    return alike.find((other) => equal(other) === Math.max(...alike.map(equal)));
  const near = others
    .map((other) => ({ other, slips: slipsBetween(name, other) }))
    .filter(({ other, slips }) => slips <= Math.floor(Math.max(name.length, other.length) / 3));
  const fewest = Math.min(...near.map(({ slips }) => slips));
  return near.find(({ slips }) => slips === fewest)?.other;
}

function slipsBetween(from: string, to: string): number {
  const rows: number[][] = [];
  for (let row = 0; row <= from.length; row++) {
    rows.push([]);
    for (let column = 0; column <= to.length; column++) {
      const ways = row === 0 ? [column] : column === 0 ? [row] : [];
      if (row > 0 && column > 0) {
        const same = from[row - 1] === to[column - 1];
        ways.push(rows[row - 1][column] + 1, rows[row][column - 1] + 1);
        ways.push(rows[row - 1][column - 1] + (same ? 0 : 1));
        if (
          row > 1 &&
          column > 1 &&
          from[row - 1] === to[column - 2] &&
          from[row - 2] === to[column - 1]
        )
          ways.push(rows[row - 2][column - 2] + 1);
      }
      rows[row].push(Math.min(...ways));
    }
  }
  return rows[from.length][to.length];
}

/** Few letters, so that names are often near to one another. */
const name = fc.string({ unit: fc.constantFrom("a", "b", "B", "_"), maxLength: 14 });
const names = fc.array(name, { maxLength: 40 });

test("a list is searched as by the definition", () => {
  fc.assert(
    fc.property(name, names, (asked, all) => {
      expect(nearest(asked, all)).toBe(plainNearest(asked, all));
    }),
    { numRuns: 2000 },
  );
});

test("an index is searched as by the definition", () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), names, (asked, all) => {
      const index = new NameIndex(all);
      for (const one of asked) expect(nearest(one, index)).toBe(plainNearest(one, all));
    }),
    { numRuns: 2000 },
  );
});

test("several groups are searched as one list of them all", () => {
  fc.assert(
    fc.property(name, names, names, (asked, first, second) => {
      expect(nearest(asked, first, new NameIndex(second))).toBe(
        plainNearest(asked, [...first, ...second]),
      );
    }),
    { numRuns: 1000 },
  );
});

test("among many names that begin alike, the one that a slip leads away from is found", () => {
  const all = Array.from({ length: 20_000 }, (_, at) => `some_value_${at}`);
  const index = new NameIndex(all);
  for (let at = 10_000; at < 11_400; at++) expect(nearest(`some_valeu_${at}`, index)).toBe(all[at]);
});

test("thousands of names that are nowhere near end in a time that many names do not multiply", () => {
  const letters = (at: number) =>
    String.fromCharCode(...[1, 7, 31, 53].map((by) => 97 + ((at * by) % 26)));
  const all = Array.from({ length: 20_000 }, (_, at) => `${letters(at)}_${at}_${letters(at + 5)}`);
  const index = new NameIndex(all);
  for (let at = 0; at < 2_000; at++) nearest(`${letters(at)}__nowhere__${at}`, index);
}, 15_000);

test("a name of a million letters is no slip of the hand", () => {
  expect(nearest("a".repeat(1_000_000), ["a".repeat(1_000_001)])).toBeUndefined();
});

test("of names that differ in case alone, the one of most equal letters is meant", () => {
  expect(nearest("LoRA", ["lora", "Lora"])).toBe("Lora");
  expect(nearest("LoRA", new NameIndex(["lora", "Lora"]))).toBe("Lora");
});
