/** What changes under an editor's hands: modules, checkpoints, files on the disk. Nothing of before is said again. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hover } from "vscode-languageserver";
import { Editor } from "../support/language-client.ts";

const tiny = fileURLToPath(new URL("../../pipelines/models/tiny/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ftc-lsp-"));
let editor: Editor;

beforeAll(async () => {
  mkdirSync(join(folder, "models"));
  cpSync(tiny, join(folder, "models/tiny"), { recursive: true });
  editor = await Editor.start(folder);
});
afterAll(async () => {
  expect(editor.log).toEqual([]);
  await editor.stop();
  rmSync(folder, { recursive: true });
});

async function hovered(name: string, letters: string): Promise<string> {
  const found = await editor.at<Hover | null>("hover", name, letters);
  const contents = found?.contents;
  return typeof contents === "object" && "value" in contents ? contents.value : "";
}

const filesChanged = () =>
  editor.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });

test("a value is that of the module as it is now, in a file that stays as it was", async () => {
  await editor.open("shared.ftp", "let rate = 2\n");
  await editor.open("user.ftp", "import shared.{rate}\nlet twice = 2 * rate\n");
  expect(await hovered("user.ftp", "2 * rat")).toContain("int = 2");
  await editor.type("shared.ftp", "2", "3");
  expect(await hovered("user.ftp", "2 * rat")).toContain("int = 3");
  await editor.type("shared.ftp", "= 3", "= ");
  await editor.type("shared.ftp", "= ", "= 1.5");
  expect(await hovered("user.ftp", "2 * rat")).toContain("float = 1.5");
});

test("the layers of a checkpoint are those of the disk", async () => {
  const config = join(folder, "models/tiny/config.json");
  const before = readFileSync(config, "utf8");
  await editor.open(
    "model.ftp",
    'import std/llama.{Llama}\nmodel base = Llama from "models/tiny"\n',
  );
  expect(await hovered("model.ftp", "model bas")).toContain("parameters in");
  writeFileSync(config, before.replace(/"rms_norm_eps": [^,]*/, '"rms_norm_eps": "none"'));
  await filesChanged();
  expect(await hovered("model.ftp", "model bas")).not.toContain("parameters in");
  writeFileSync(config, before);
  await filesChanged();
  expect(await hovered("model.ftp", "model bas")).toContain("parameters in");
});
