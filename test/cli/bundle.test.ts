/** Commands start from a bundle, which has to be the sources as they stand. */

import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "ftc-bundle-"));
afterAll(() => rmSync(copy, { recursive: true }));

for (const name of ["compiler", "runtime", "scripts", "stdlib", "package.json"])
  cpSync(join(project, name), join(copy, name), { recursive: true });
mkdirSync(join(copy, "node_modules"));
const ownToCopy = [".cache", ".package-lock.json"];
for (const name of readdirSync(join(project, "node_modules")))
  if (!ownToCopy.includes(name))
    symlinkSync(join(project, "node_modules", name), join(copy, "node_modules", name));

function ftc(...words: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(copy, "compiler/ftc.js"), ...words],
    { encoding: "utf8", cwd: tmpdir() },
  );
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout;
}

test("what runs is what is in the files, before and after they change", () => {
  expect(ftc("--version")).not.toContain("9.9.9");
  writeFileSync(
    join(copy, "compiler/commands/version.ts"),
    'export function version(): string {\n  return "9.9.9";\n}\n',
  );
  expect(ftc("--version")).toContain("9.9.9");
});

test("a bundle finds the standard library and the pages beside its sources", () => {
  expect(ftc("doc", "std/schedule")).toContain("cosine");
  expect(ftc("explain", "FT201")).toContain("size-mismatch");
});

test("packages that were installed anew are bundled anew", () => {
  const bundles = () => readdirSync(join(copy, "node_modules/.cache/ftc")).length;
  ftc("--version");
  const before = bundles();
  ftc("--version");
  expect(bundles()).toBe(before);
  writeFileSync(join(copy, "node_modules/.package-lock.json"), "{}");
  ftc("--version");
  expect(bundles()).toBe(before + 1);
});
