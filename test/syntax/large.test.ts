/**
 * Very much of one thing: what reads programs takes a time that grows with them. Each case took all of the stack,
 * or several times as long as it may, while there was something in it that grew faster; `npm run bench large` has all shapes.
 */

import { expect, test } from "vitest";
import { showDiagnostics } from "../../compiler/commands/show.ts";
import { renderAll } from "../../compiler/diagnostics/render.ts";
import { check } from "../../compiler/driver.ts";
import { format } from "../../compiler/format/format.ts";
import { sourceFile } from "../../compiler/source/file.ts";
import { recordingIo } from "../support/io.ts";
import { largeProgram, misspeltProgram, type Shape, shapes } from "../support/large-programs.ts";
import { loaded } from "../support/library.ts";

function checked(text: string) {
  return check(loaded(text), new Map()).diagnostics;
}

/** Of the processor's seconds, since other work on the machine is no fault: three times what is needed. */
const most = 5;

function soon<T>(run: () => T): T {
  const start = process.cpuUsage();
  const made = run();
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(most);
  return made;
}

test.each<[Shape, number]>([
  ["items, each made of the one before", 6_000],
  ["items, each made of the one after", 6_000],
  ["items in a circle", 6_000],
  ["fields of a record", 12_000],
  ["parameters of a function", 4_000],
  ["names that are nowhere", 10_000],
  ["names that are misspelt", 5_000],
  ["columns that are misspelt", 4_000],
  ["letters that mean nothing and are parted", 40_000],
  ["letters of a name", 100_000],
])("%s are checked, %i of them", (shape, count) => {
  soon(() => checked(shapes[shape](count)));
});

test.each<[Shape, number]>([
  ["elements of a list", 30_000],
  ["names of an import", 30_000],
  ["spaces of a string", 2_000_000],
])("%s are formatted, %i of them", (shape, count) => {
  soon(() => format(sourceFile("case.ftp", shapes[shape](count))));
});

test.each<[Shape, number]>([
  ["words on one line", 200_000],
  ["labels in one line", 20_000],
  ["letters of other alphabets", 400_000],
  ["parted quantities", 2_000],
])("the faults of %s are shown, of %i of them", (shape, count) => {
  const found = checked(shapes[shape](count));
  expect(soon(() => renderAll(found))).not.toBe("");
});

test("the large program has no fault, and each misspelt name of the other is told with the right one", () => {
  expect(checked(largeProgram(20_000))).toEqual([]);
  const found = checked(misspeltProgram(100_000, 30));
  expect(found.length).toBe(30);
  for (const { slug, fixes } of found) {
    expect(slug).toBe("no-such-name");
    expect(fixes[0]?.text).toMatch(/^attended_\d+$/);
  }
});

test("of thousands of faults a hundred are shown, errors first, and how many more there are", () => {
  const warned = "fn f(unread: int) -> int {\n  return 1\n}\n";
  const io = recordingIo(".");
  showDiagnostics(io, checked(`${warned}${shapes["names that are nowhere"](1_500)}`));
  const text = io.written.stderr;
  expect(text.match(/^error\[/gm)?.length).toBe(100);
  expect(text).not.toContain("warning[");
  expect(text).toContain("1,500 errors, 1 warning\n100 are shown;");
  expect(text).toContain("--style=short says the 1,401 others too");
});

test("in short style all faults are shown, a line each", () => {
  const io = { ...recordingIo("."), style: "short" as const };
  showDiagnostics(io, checked(shapes["names that are nowhere"](300)));
  expect(io.written.stderr.trimEnd().split("\n").length).toBe(300);
});
