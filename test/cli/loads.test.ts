/**
 * What `ftc check` loads before it reads a file. Every module costs each start, whatever the machine is busy with,
 * so what is held here is their list and not the milliseconds of `npm run bench start`.
 */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";

const starts = ["compiler/cli.ts", "compiler/commands/check.ts"];

/** Folders that checking has to do with. The rest is for plans, runs, editors and the manual. */
const ownFolders = [
  "compiler",
  ...["commands", "core", "diagnostics", "names", "ops", "source", "syntax", "tensor", "types"].map(
    (name) => `compiler/${name}`,
  ),
  "runtime",
  "runtime/weights",
];

/** With room for what checking may come to need, and none for a part that it does not. */
const most = 175;

let files: readonly string[];
let packages: readonly string[];

beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL("../../", import.meta.url)),
    entryPoints: ["compiler/cli.ts"],
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const found = new Set(starts);
  const outside = new Set<string>();
  // A set hands out what is added while it is gone through.
  for (const file of found) {
    for (const { path, kind, external } of metafile.inputs[file].imports) {
      if (kind !== "import-statement") continue;
      (external ? outside : found).add(path);
    }
  }
  files = [...found].sort();
  packages = [...outside].filter((name) => !name.startsWith("node:")).sort();
});

describe("ftc check loads", () => {
  test("no package but for the command line, the syntax, the lock and colours", () => {
    expect(packages).toEqual(["ajv", "chevrotain", "commander", "picocolors"]);
  });

  test("no part of ftc that checking has nothing to do with", () => {
    const folderOf = (file: string) => file.slice(0, file.lastIndexOf("/"));
    expect(files.filter((file) => !ownFolders.includes(folderOf(file)))).toEqual([]);
    const runtime = files.filter((file) => /^runtime\/[^/]+$/.test(file));
    expect(runtime).toEqual([
      "runtime/complaint.ts",
      "runtime/count.ts",
      "runtime/errors.ts",
      "runtime/half.ts",
      "runtime/json.ts",
      "runtime/lock.schema.json",
      "runtime/lock.ts",
      "runtime/schema.ts",
    ]);
    const commands = files.filter((file) => file.startsWith("compiler/commands/"));
    expect(commands).toEqual([
      "compiler/commands/check.ts",
      "compiler/commands/command.ts",
      "compiler/commands/library.ts",
      "compiler/commands/load.ts",
      "compiler/commands/lock-file.ts",
      "compiler/commands/show.ts",
      "compiler/commands/version.ts",
    ]);
  });

  test(`at most ${most} modules`, () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.length).toBeLessThanOrEqual(most);
  });
});
