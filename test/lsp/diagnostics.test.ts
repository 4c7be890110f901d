/** Diagnostics as someone types: the words of `ftc check`, of the text as it is now and of no other. */

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Diagnostic, PublishDiagnosticsParams } from "vscode-languageserver";
import { runCommandLine } from "../../compiler/cli.ts";
import { sharedFolder } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { Editor } from "../support/language-client.ts";
import { putBase, shipped } from "../support/shipped.ts";

const quickstart = readFileSync(join(shipped, "quickstart.ftp"), "utf8");
const folder = sharedFolder();
let editor: Editor;

beforeAll(async () => {
  putBase(folder);
  editor = await Editor.start(folder, { HF_HUB_CACHE: join(folder, "empty") });
});
afterAll(async () => {
  expect(await editor.stop()).toBe(0);
});

test("a sound pipeline has none", async () => {
  await editor.open("sound.ftp", quickstart);
  expect(await editor.diagnostics("sound.ftp")).toEqual([]);
});

test.each([
  ["a misspelt field", "learning_rate =", "learning_rat ="],
  ["a layer that is not there", "layers.*.mlp", "layers.*.mlpp"],
  ["a quantity in two words", "limit   = 48tok", "limit   = 48 tok"],
  ["a file that ends in the middle", "save          =", "save          = (("],
  ["a rank above the layer's width", "Lora(rank = 16", "Lora(rank = 4096"],
])("%s is told as `ftc check` tells it", async (_, from, to) => {
  expect(quickstart).toContain(from);
  const text = quickstart.replace(from, to);
  await editor.open("case.ftp", text);
  const shown = (await editor.diagnostics("case.ftp")).map(
    ({ range: { start }, code, severity, message }) =>
      `case.ftp:${start.line + 1}:${start.character + 1}: ${severity === 1 ? "error" : "warning"}[${code}] ${firstLine(message)}`,
  );
  writeFileSync(join(folder, "case.ftp"), text);
  const io = recordingIo(folder);
  await runCommandLine(["check", "case.ftp", "--style=short"], io);
  expect(shown).toEqual(io.written.stderr.trimEnd().split("\n"));
  expect(shown.length).toBeGreaterThan(0);
});

function firstLine(message: Diagnostic["message"]): string {
  return typeof message === "string" ? message.split("\n")[0] : "";
}

test("the reason and the ways out are in the message, and other places beside it", async () => {
  await editor.open("twice.ftp", "let a = 1\nlet a = 2\n");
  const [fault] = await editor.diagnostics("twice.ftp");
  expect(fault.message).toBe(
    "`a` is defined twice in this file\ntry give one of them another name",
  );
  expect(fault.relatedInformation).toMatchObject([
    { message: "the first one", location: { uri: editor.uri("twice.ftp") } },
  ]);
});

test("of many edits in a row the last one's text is checked, and none goes back", async () => {
  const versions: number[] = [];
  editor.heard = ({ uri, version }: PublishDiagnosticsParams) => {
    if (uri === editor.uri("fast.ftp")) versions.push(version ?? 0);
  };
  await editor.open("fast.ftp", "let a = 0\n");
  for (let digit = 1; digit < 60; digit++) await editor.type("fast.ftp", "let a = ", "let a =  ");
  await editor.type("fast.ftp", "let a", "lett a");
  const [fault] = await editor.diagnostics("fast.ftp");
  expect(fault.code).toBe("FT006");
  expect(versions).toEqual([...versions].sort((one, other) => one - other));
  expect(versions.length).toBeLessThan(60);
});

test("what is typed in a module is checked where it is imported, before it is saved", async () => {
  await editor.open("shared.ftp", "let rate = 2\n");
  await editor.open("user.ftp", "import shared.{rate}\nlet twice = 2 * rate\n");
  expect(await editor.diagnostics("user.ftp")).toEqual([]);
  await editor.type("user.ftp", "twice", "double");
  await editor.type("shared.ftp", "rate", "pace");
  await editor.type("user.ftp", "double", "twice");
  expect(await editor.diagnostics("user.ftp")).toMatchObject([
    { message: "shared has nothing called `rate`\nIt has pace." },
  ]);
});

test("a checkpoint that comes later is seen once the editor says so", async () => {
  const text = 'import std/llama.{Llama}\nmodel base = Llama from "later"\n';
  await editor.open("model.ftp", text);
  expect(await editor.diagnostics("model.ftp")).toMatchObject([{ code: "FT803" }]);
  cpSync(join(shipped, "models/tiny"), join(folder, "later"), { recursive: true });
  await editor.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });
  await editor.type("model.ftp", "base", "loaded");
  expect(await editor.diagnostics("model.ftp")).toEqual([]);
});

test("a model of the hub that was never fetched is no fault, and nothing is fetched", async () => {
  const text = 'import std/llama.{Llama}\nmodel base = Llama from "hf:nobody/nothing"\n';
  await editor.open("hub.ftp", text);
  const [note, ...others] = await editor.diagnostics("hub.ftp");
  expect(others).toEqual([]);
  expect(note.severity).toBe(3);
  expect(note.message).toContain("hf:nobody/nothing is not on this machine yet");
  expect(note.message).toContain("`ftc check hub.ftp` fetches it");
});

test("a file that is closed has none any more", async () => {
  await editor.open("gone.ftp", "lett a = 1\n");
  expect(await editor.diagnostics("gone.ftp")).toHaveLength(1);
  const cleared = new Promise<PublishDiagnosticsParams>((resolve) => {
    editor.heard = (params) => {
      if (params.uri === editor.uri("gone.ftp")) resolve(params);
    };
  });
  await editor.close("gone.ftp");
  expect((await cleared).diagnostics).toEqual([]);
});

test("a text that was never saved is checked too", async () => {
  const uri = "untitled:Untitled-1";
  const heard = new Promise<PublishDiagnosticsParams>((resolve) => {
    editor.heard = (params) => {
      if (params.uri === uri) resolve(params);
    };
  });
  await editor.connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "ftp", version: 1, text: "lett a = 1\n" },
  });
  expect((await heard).diagnostics).toMatchObject([{ code: "FT006" }]);
});
