/** Commands start from a bundle, which has to be the sources as they stand, and from code that V8 made before. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

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

const entry = join(copy, "compiler/ftc.js");
const cache = join(copy, "node_modules/.cache/ftc");

/** A command that reads, parses and checks, and the file of the code that it calls. */
const words = ["doc", "std/schedule"];
const codeName = /^doc\.\d+\.code$/;

function start(...words: readonly string[]) {
  return spawnSync(process.execPath, [entry, ...words], { encoding: "utf8", cwd: tmpdir() });
}

function ftc(...words: readonly string[]): string {
  const { stdout, stderr, status } = start(...words);
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
  const bundles = () => readdirSync(cache).length;
  ftc("--version");
  const before = bundles();
  ftc("--version");
  expect(bundles()).toBe(before);
  writeFileSync(join(copy, "node_modules/.package-lock.json"), "{}");
  ftc("--version");
  expect(bundles()).toBe(before + 1);
});

test("two that start at once without a bundle both run, and leave one", async () => {
  rmSync(cache, { recursive: true, force: true });
  const both = [0, 1].map(async () => {
    const child = spawn(process.execPath, [entry, ...words], { cwd: tmpdir(), stdio: "ignore" });
    const [status] = await once(child, "close");
    return status;
  });
  expect(await Promise.all(both)).toEqual([0, 0]);
  const [home, ...others] = readdirSync(cache);
  expect(others).toEqual([]);
  expect(readdirSync(join(cache, home)).sort()).toEqual([
    "cli.cjs",
    "cli.cjs.map",
    expect.stringMatching(codeName),
  ]);
});

test("where no bundle can be kept, each start makes its own", () => {
  rmSync(cache, { recursive: true, force: true });
  onTestFinished(() => rmSync(cache));
  writeFileSync(cache, "a file where a folder is wanted");
  expect(ftc(...words)).toContain("cosine");
});

test("a fault of ours shows the places of its sources, from a bundle just made and from one that was kept", () => {
  const file = join(copy, "compiler/commands/explain.ts");
  const text = readFileSync(file, "utf8");
  onTestFinished(() => writeFileSync(file, text));
  writeFileSync(
    file,
    text.replace(/ {2}async run\(.*\{\n/, '$&throw new Error("what a shame");\n'),
  );
  const line = readFileSync(file, "utf8").split("\n").indexOf('throw new Error("what a shame");');
  for (let time = 0; time < 2; time++) {
    const { stderr, status } = start("explain", "FT201");
    expect(status).toBe(70);
    expect(stderr).toContain("Error: what a shame\n    at ");
    expect(stderr).toContain(`(${file}:${line + 1}:7)\n`);
  }
});

describe("compiled code", () => {
  beforeAll(() => rmSync(cache, { recursive: true, force: true }));

  /** Its file, in the one bundle there is. */
  function keptCode(): string {
    ftc(...words);
    const [home] = readdirSync(cache);
    const names = readdirSync(join(cache, home)).filter((name) => name.endsWith(".code"));
    expect(names).toEqual([expect.stringMatching(codeName)]);
    return join(cache, home, names[0]);
  }

  test("is kept by the first run and used by the next", () => {
    const file = keptCode();
    const first = statSync(file).ino;
    ftc(...words);
    expect(statSync(file).ino).toBe(first);
  });

  test.each<[string, (code: Buffer) => Buffer]>([
    [
      "with a wrong byte",
      (code) => Buffer.from(code.with(code.length >> 1, 1 ^ code[code.length >> 1])),
    ],
    ["cut off", (code) => code.subarray(0, code.length >> 1)],
    ["empty", () => Buffer.alloc(0)],
    ["of another script", () => summed(new Script("0").createCachedData())],
  ])("that is %s is made anew", (_, harmed) => {
    const file = keptCode();
    const code = readFileSync(file);
    const other = `${file}.other`;
    writeFileSync(other, harmed(code));
    renameSync(other, file);
    const { ino } = statSync(file);
    expect(ftc(...words)).toContain("cosine");
    expect(statSync(file).ino).not.toBe(ino);
    expect(statSync(file).size).toBeGreaterThan(code.length / 2);
  });

  test("that cannot be kept is compiled every time", () => {
    const file = keptCode();
    onTestFinished(() => rmSync(file, { recursive: true }));
    rmSync(file);
    mkdirSync(file);
    expect(ftc(...words)).toContain("cosine");
    expect(keptCode()).toBe(file);
  });

  test("of a word that is no command is not kept", () => {
    expect(start("nosuchcommand").status).toBe(2);
    keptCode();
  });

  function summed(code: Buffer): Buffer {
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(code));
    return Buffer.concat([sum, code]);
  }
});
