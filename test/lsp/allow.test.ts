/** What a comment allows is not shown by an editor either, which offers to write the comment and leaves its reason open. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CodeAction } from "vscode-languageserver";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";

const unread = "fn halved(\n  x: float,\n  scale: float\n) -> float {\n  return x / 2.0\n}\n";
const quickstart = readFileSync("pipelines/quickstart.ftp", "utf8");
const folder = sharedFolder();
let editor: Editor;

beforeAll(async () => {
  editor = await Editor.start(folder, { HF_HUB_CACHE: folder });
});
afterAll(async () => {
  expect(await editor.stop()).toBe(0);
});

async function codesIn(name: string, text: string): Promise<unknown[]> {
  await editor.open(name, text);
  return (await editor.diagnostics(name)).map(({ code }) => code);
}

test("a warning that is allowed is not shown", async () => {
  expect(await codesIn("a.ftp", unread)).toEqual(["FT111"]);
  expect(await codesIn("b.ftp", `// ftc: allow FT111 — the layers give it\n${unread}`)).toEqual([]);
});

test("a model that is not here makes no comment unused, since its steps are not read", async () => {
  const comment = "// ftc: allow FT609 — the model before the training is the measure";
  const far = quickstart
    .replace('"models/tiny"', '"hf:nobody/nothing"')
    .replace("\nevaluate", `\n${comment}\nevaluate`);
  expect(far).toContain("nobody");
  expect(far).toContain(comment);
  await editor.open("far.ftp", far);
  const shown = await editor.diagnostics("far.ftp");
  expect(shown).toMatchObject([{ severity: 3 }]);
});

test("a quick fix allows a warning, and leaves the reason to be said", async () => {
  await editor.open("fix.ftp", unread);
  const at = { line: 2, character: 3 };
  const actions = await editor.about<CodeAction[]>("codeAction", "fix.ftp", {
    range: { start: at, end: at },
    context: { diagnostics: [] },
  });
  expect(actions).toMatchObject([
    { title: "allow FT111 here, and say why", kind: "quickfix", isPreferred: false },
  ]);
  const [edit] = actions[0].edit?.changes?.[editor.uri("fix.ftp")] ?? [];
  const start = { line: 2, character: 0 };
  expect(edit).toEqual({
    range: { start, end: start },
    newText: "  // ftc: allow FT111 — why\n",
  });
  const mended = unread.replace("  scale", `${edit.newText}  scale`);
  expect(await codesIn("mended.ftp", mended)).toEqual(["FT052", "FT111"]);
  expect(await codesIn("said.ftp", mended.replace("why", "it is given"))).toEqual([]);
});

test("no quick fix allows an error", async () => {
  await editor.open("error.ftp", "let a = 1\nlet a = 2\n");
  const at = { line: 1, character: 4 };
  const actions = await editor.about<CodeAction[]>("codeAction", "error.ftp", {
    range: { start: at, end: at },
    context: { diagnostics: [] },
  });
  expect(actions).toEqual([]);
});
