/** Someone at work: typing, pasting, taking back, in files of all kinds. Each step has its answer. */

import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CancellationTokenSource } from "vscode-jsonrpc";
import type { CompletionItem, Hover, Location, Range } from "vscode-languageserver";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";
import { putBase, shipped } from "../support/shipped.ts";

const quickstart = readFileSync(join(shipped, "quickstart.ftp"), "utf8");
const folder = sharedFolder();
let editor: Editor;

beforeAll(async () => {
  putBase(folder);
  editor = await Editor.start(folder);
});
afterAll(async () => {
  expect(editor.log).toEqual([]);
  expect(await editor.stop()).toBe(0);
});

async function typed(name: string, text: string): Promise<void> {
  const start = editor.textOf(name).length;
  await editor.edit(name, { start, end: start, text });
}

const messages = async (name: string) =>
  (await editor.diagnostics(name)).map(({ message }) =>
    typeof message === "string" ? message.split("\n")[0] : "",
  );

test("a pipeline that is typed part by part is offered what comes next, and ends without a fault", async () => {
  await editor.open("typed.ftp", "");
  const lines = quickstart.split(/(?<=\n)/);
  /** Of each word that can be looked up, whether it was offered once its first letters were there. */
  let [offered, asked] = [0, 0];
  for (const line of lines) {
    for (const part of line.split(/(?<=\W)(?=\w)/)) {
      const word = /^[A-Za-z_]\w+/.exec(part)?.[0];
      await typed("typed.ftp", part.slice(0, 2));
      if (word !== undefined && !/^\s*\/\/|"/.test(line)) {
        const end = editor.textOf("typed.ftp").length;
        const items = await editor.about<CompletionItem[]>("completion", "typed.ftp", {
          position: { line: 1e6, character: end },
        });
        asked += 1;
        if (items.some(({ label }) => label === word || label.startsWith(`${word}.`))) offered += 1;
      }
      await typed("typed.ftp", part.slice(2));
      await editor.at("hover", "typed.ftp", editor.textOf("typed.ftp"));
    }
  }
  expect(editor.textOf("typed.ftp")).toBe(quickstart);
  expect(await editor.diagnostics("typed.ftp")).toEqual([]);
  // What is named for the first time nobody can know.
  expect(offered / asked).toBeGreaterThan(0.85);
});

test("half a file that is pasted below itself is told of, and what is taken back is forgotten", async () => {
  await editor.open("pasted.ftp", quickstart);
  expect(await editor.diagnostics("pasted.ftp")).toEqual([]);
  const half = quickstart.slice(0, quickstart.length / 2);
  await typed("pasted.ftp", half);
  expect((await messages("pasted.ftp")).length).toBeGreaterThan(3);
  const start = quickstart.length;
  await editor.edit("pasted.ftp", { start, end: start + half.length, text: "" });
  expect(await editor.diagnostics("pasted.ftp")).toEqual([]);
});

test("places are counted in a file of Windows, behind emoji and marks", async () => {
  const text = 'let a = "👩‍🔬 e\u0301" + b\r\nlet c = a + d\r\n';
  await editor.open("crlf.ftp", text);
  const found = await editor.diagnostics("crlf.ftp");
  const marked = found.map(({ range: { start, end } }) => {
    const line = text.split("\r\n")[start.line];
    return line.slice(start.character, end.character);
  });
  expect(marked).toContain("b");
  expect(marked).toContain("d");
  const { range } = await editor.at<Location>("definition", "crlf.ftp", "let c = a");
  expect(range).toEqual({ start: { line: 0, character: 4 }, end: { line: 0, character: 5 } });
});

test("a file outside of the open folder is served as any other", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "ftc-elsewhere-"));
  writeFileSync(join(elsewhere, "beside.ftp"), "let rate = 2\n");
  const name = `../${elsewhere.split("/").at(-1)}/user.ftp`;
  await editor.open(name, "import beside.{rate}\nlet twice = 2 * rate\n");
  expect(await editor.diagnostics(name)).toEqual([]);
  const { uri } = await editor.at<Location>("definition", name, "2 * rat");
  expect(uri).toBe(editor.uri(`../${elsewhere.split("/").at(-1)}/beside.ftp`));
  rmSync(elsewhere, { recursive: true });
});

test("a text without a file finds its own names, under the name that the editor has for it", async () => {
  const uri = "untitled:Untitled-1";
  await editor.connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "ftp", version: 1, text: "let a = 1\nlet b = a\n" },
  });
  const params = { textDocument: { uri }, position: { line: 1, character: 8 } };
  const found = await editor.connection.sendRequest<Location>("textDocument/definition", params);
  expect(found.uri).toBe(uri);
  const renamed = await editor.connection.sendRequest("textDocument/rename", {
    ...params,
    newName: "c",
  });
  expect(Object.keys(renamed ?? {})).toEqual(["changes"]);
  expect(Object.keys(Object(renamed).changes)).toEqual([uri]);
  await editor.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
});

test("a module that is deleted is missed, and found again once it is back", async () => {
  const changed = () =>
    editor.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });
  writeFileSync(join(folder, "shared.ftp"), "let rate = 2\n");
  await editor.open("needs.ftp", "import shared.{rate}\nlet twice = 2 * rate\n");
  expect(await messages("needs.ftp")).toEqual([]);
  unlinkSync(join(folder, "shared.ftp"));
  await changed();
  await editor.type("needs.ftp", "twice", "double");
  expect((await messages("needs.ftp"))[0]).toBe("there is no module shared");
  writeFileSync(join(folder, "shared.ftp"), "let rate = 3\n");
  await changed();
  await editor.type("needs.ftp", "double", "twice");
  expect(await messages("needs.ftp")).toEqual([]);
  const { contents } = (await editor.at<Hover>("hover", "needs.ftp", "2 * rat")) ?? {};
  expect(JSON.stringify(contents)).toContain("int = 3");
});

test("a request that is taken back leaves the others their answers", async () => {
  await editor.open("taken.ftp", quickstart);
  const source = new CancellationTokenSource();
  const params = {
    textDocument: { uri: editor.uri("taken.ftp") },
    position: { line: 20, character: 4 },
  };
  const taken = editor.connection
    .sendRequest("textDocument/completion", params, source.token)
    .catch((fault: unknown) => fault);
  source.cancel();
  const range = await editor.at<Range | null>("hover", "taken.ftp", "model base");
  expect(range).not.toBeNull();
  await taken;
});
