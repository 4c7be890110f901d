/** What the server makes of a whole file: outline, colours, folds, style, quick fixes; and how it begins and ends. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type {
  CodeAction,
  DocumentSymbol,
  FoldingRange,
  SemanticTokens,
  TextEdit,
  WorkspaceSymbol,
} from "vscode-languageserver";
import { tokenTypes } from "../../compiler/lsp/tokens.ts";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";

const folder = sharedFolder();
let editor: Editor;

const text = `// A file with some of everything,
// and two lines of comment.

import std/nn.{Linear}
import std/data.{Over}

enum Mood { sad, glad }

block Head[D](mood: Mood) {
  let proj = Linear[D, Mood]()
  param scale: float[D] init ones()

  forward[B](x: float[B, D]) -> float[B, Mood] {
    return proj(x * scale)
  }
}

train tune {
  batch = 4seq
}
`;

beforeAll(async () => {
  writeFileSync(join(folder, "other.ftp"), "let far_away = 1\n");
  editor = await Editor.start(folder);
  await editor.open("file.ftp", text);
});
afterAll(async () => {
  await editor.stop();
});

test("the outline has items and what they consist of", async () => {
  const found = await editor.about<DocumentSymbol[]>("documentSymbol", "file.ftp");
  const shown = found.map(({ name, detail, children }) => [
    `${detail} ${name}`,
    ...(children ?? []).map((child) => child.name),
  ]);
  expect(shown).toEqual([
    ["enum Mood", "sad", "glad"],
    ["block Head", "proj", "scale"],
    ["train tune", "batch"],
  ]);
});

test("symbols of files that are not open are found by some of their letters", async () => {
  const query = { query: "faway" };
  const found = await editor.connection.sendRequest<WorkspaceSymbol[]>("workspace/symbol", query);
  expect(found.map(({ name }) => name)).toEqual(["far_away"]);
});

test("each name has the colour of what it means", async () => {
  const { data } = await editor.about<SemanticTokens>("semanticTokens/full", "file.ftp");
  const found = new Map<string, string>();
  const lines = text.split("\n");
  let [line, start] = [0, 0];
  for (let at = 0; at < data.length; at += 5) {
    const [down, along, length, type] = data.slice(at, at + 4);
    start = down === 0 ? start + along : along;
    line += down;
    found.set(lines[line].slice(start, start + length), tokenTypes[type]);
  }
  expect(Object.fromEntries(found)).toMatchObject({
    "std/nn": "namespace",
    Linear: "class",
    Mood: "enum",
    sad: "enumMember",
    D: "typeParameter",
    mood: "parameter",
    proj: "property",
    ones: "function",
  });
});

test("braces, imports and comments fold", async () => {
  const found = await editor.about<FoldingRange[]>("foldingRange", "file.ftp");
  const shown = found.map(({ startLine, endLine, kind = "" }) => `${startLine}-${endLine} ${kind}`);
  expect(shown.sort()).toEqual(["0-1 comment", "12-13 ", "17-18 ", "3-4 imports", "8-14 "]);
});

test("formatting writes the one style, and touches only what differs", async () => {
  const options = { tabSize: 2, insertSpaces: true };
  await editor.open("style.ftp", "let a = 1\n\nlet   b=2\n");
  const [edit, ...others] = await editor.about<TextEdit[]>("formatting", "style.ftp", { options });
  expect(others).toEqual([]);
  expect(edit.range.start.line).toBe(2);
  await editor.open("style.ftp", "let a = 1\n");
  expect(await editor.about("formatting", "style.ftp", { options })).toEqual([]);
});

test("a way out that a machine may apply is offered where the fault is", async () => {
  await editor.open("fix.ftp", "let a = 32 seq\nlet b = 1\n");
  const at = (line: number) => ({ line, character: 9 });
  const ask = (line: number) =>
    editor.about<CodeAction[]>("codeAction", "fix.ftp", {
      range: { start: at(line), end: at(line) },
      context: { diagnostics: [] },
    });
  const [action] = await ask(0);
  expect(action).toMatchObject({ title: "32seq", kind: "quickfix", isPreferred: true });
  const [edit] = action.edit?.changes?.[editor.uri("fix.ftp")] ?? [];
  expect(edit).toEqual({
    range: { start: { line: 0, character: 8 }, end: { line: 0, character: 14 } },
    newText: "32seq",
  });
  expect(await ask(1)).toEqual([]);
});

test("a file that nobody opened and that is not there answers with nothing", async () => {
  const params = { textDocument: { uri: editor.uri("none.ftp") } };
  const ask = (method: string) =>
    editor.connection.sendRequest(`textDocument/${method}`, {
      ...params,
      position: { line: 0, character: 0 },
    });
  expect(await ask("hover")).toBeNull();
  expect(await ask("completion")).toEqual([]);
});

test("the server says what it is", async () => {
  const other = await Editor.start(folder);
  expect(other.server).toMatchObject({ name: "ftc" });
  expect(await other.stop()).toBe(0);
});
