/** What changes under an editor's hands: modules, checkpoints, files on the disk. Nothing of before is said again. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hover } from "vscode-languageserver";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";
import { putBase } from "../support/shipped.ts";

const folder = sharedFolder();
let editor: Editor;

beforeAll(async () => {
  putBase(folder);
  editor = await Editor.start(folder);
});
afterAll(async () => {
  expect(editor.log).toEqual([]);
  await editor.stop();
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
