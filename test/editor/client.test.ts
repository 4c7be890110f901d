/** The extension as an editor loads it: it finds the compiler, starts it, and shows what it says. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { extension } from "../../editor/vscode/build.ts";
import { findServer } from "../../editor/vscode/find-server.ts";
import { type Stub, vscodeStub } from "../support/vscode-stub.ts";

const checkout = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "ftc-editor-"));
let script = "";

beforeAll(async () => {
  script = strFromU8(unzipSync(await extension())["extension/client.cjs"]);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Extension {
  activate(context: object): Promise<void>;
  deactivate(): Promise<void>;
}

/** The shipped script, with the stub for the editor that it asks for. */
function loaded(stub: Stub): Extension {
  const outside = createRequire(import.meta.url);
  const made: { exports: Extension | undefined } = { exports: undefined };
  const required = (name: string) => (name === "vscode" ? stub.api : outside(name));
  new Function("module", "exports", "require", script)(made, {}, required);
  if (made.exports === undefined) throw new Error("the script exports nothing");
  return made.exports;
}

describe("the extension", () => {
  test("starts the server of a checkout around the open folder, and shows what it finds", async () => {
    const stub = vscodeStub(join(checkout, "pipelines"));
    const { activate, deactivate } = loaded(stub);
    await activate({ subscriptions: [] });
    expect(stub.errors).toEqual([]);
    expect(stub.registered).toContain("ftc.restart");
    const uri = "untitled:Untitled-1";
    stub.open(uri, "lett a = 1\n");
    await expect.poll(() => stub.shown.get(uri)?.length, { timeout: 10_000 }).toBe(1);
    expect(stub.shown.get(uri)?.[0].message).toContain("let");
    await deactivate();
  });

  test("says what to do where there is no compiler", async () => {
    const stub = vscodeStub(folder, join(folder, "nowhere/ftc.js"));
    const { activate, deactivate } = loaded(stub);
    await activate({ subscriptions: [] });
    expect(stub.errors).toEqual([expect.stringMatching(/setting ftc\.path is .*nothing is there/)]);
    await deactivate();
  });
});

describe("the compiler is found", () => {
  const node = join(folder, "bin/node");
  const env = { PATH: join(folder, "bin") };
  const find = (folders: readonly string[], setting = "") => findServer({ setting, folders, env });

  beforeAll(() => {
    mkdirSync(join(folder, "bin"));
    symlinkSync(process.execPath, node);
  });

  test("in a folder above the open one", () => {
    const script = join(checkout, "compiler/ftc.js");
    expect(find([join(checkout, "docs/reference")])).toEqual({
      command: node,
      args: [script, "lsp"],
    });
  });

  test("where a project has it installed", () => {
    const installed = join(folder, "project/node_modules/ftc/compiler/ftc.js");
    mkdirSync(join(installed, ".."), { recursive: true });
    writeFileSync(installed, "");
    expect(find([join(folder, "project")])).toMatchObject({ args: [installed, "lsp"] });
  });

  test("where the setting says", () => {
    const script = join(checkout, "compiler/ftc.js");
    expect(find([], script)).toEqual({ command: node, args: [script, "lsp"] });
  });

  test("nowhere, and that is said with the way out", () => {
    expect(find([folder])).toEqual({
      missing: expect.stringMatching(/`ftc` was not found.*Open a checkout.*ftc\.path/),
    });
    expect(findServer({ setting: "", folders: [checkout], env: {} })).toEqual({
      missing: expect.stringMatching(/needs Node\.js 20\.19.*no `node`/),
    });
  });
});
