/**
 * Whatever someone types, in whatever order, the server answers, and what it says is what a server that was started on
 * the same texts says. `FTC_EDITS=20000 FTC_SEED=7` asks for more edits than the few that every run makes.
 */

import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SemanticTokens } from "vscode-languageserver";
import { diagnosticsOf } from "../../compiler/lsp/diagnostics.ts";
import { hoverAt } from "../../compiler/lsp/hover.ts";
import { offsetOf } from "../../compiler/lsp/places.ts";
import { Session } from "../../compiler/lsp/session.ts";
import { semanticTokens } from "../../compiler/lsp/tokens.ts";
import { sharedFolder } from "../support/folder.ts";
import { Editor, placeOf } from "../support/language-client.ts";
import { Typist } from "../support/random-edits.ts";
import { putBase, shipped } from "../support/shipped.ts";

const edits = Number(process.env.FTC_EDITS ?? 300);
const seed = Number(process.env.FTC_SEED ?? 1);
const environment = { HF_HUB_CACHE: "nowhere" };
/** Edits between two comparisons with a fresh server, and between two requests. */
const [comparing, asking] = [25, 3];

const folder = sharedFolder();
const texts: Readonly<Record<string, string>> = {
  "quickstart.ftp": readFileSync(join(shipped, "quickstart.ftp"), "utf8").replace(
    "import std/llama.{Llama}",
    "import layers.{Llama}\nimport shared.{rate, Mood}",
  ),
  "layers.ftp": readFileSync(new URL("../../stdlib/llama.ftp", import.meta.url), "utf8"),
  "shared.ftp": `/// How fast, 👩‍🔬 e\u0301.\nlet rate = 2\n\nenum Mood { sad, glad }\n\ntransform framed(word: string) from row: { request: string, ..R } to { text = "{word} 👍 {row.request}", ..R }\n`,
};
const names = Object.keys(texts);
let editor: Editor;

beforeAll(async () => {
  putBase(folder);
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  editor = await Editor.start(folder, environment);
  for (const name of names) await editor.open(name);
});
afterAll(async () => {
  expect(await editor.stop()).toBe(0);
});

test(`after each of ${edits} edits`, { timeout: 20_000 + edits * 200 }, async () => {
  const typist = new Typist(seed);
  for (let edit = 1; edit <= edits; edit++) {
    const name = typist.of(names);
    await editor.edit(name, typist.edit(editor.textOf(name), texts[name]));
    if (typist.below(40) === 0) await changeDisk(typist);
    if (edit % asking === 0) await ask(typist, name);
    if (edit % comparing === 0) await compare(typist);
    expect(editor.log).toEqual([]);
  }
});

/** A module that is not open comes, goes and changes. */
async function changeDisk(typist: Typist): Promise<void> {
  const path = join(folder, "shared.ftp");
  await editor.close("shared.ftp");
  if (typist.below(3) === 0) unlinkSync(path);
  else writeFileSync(path, texts["shared.ftp"].slice(0, typist.below(200)));
  await editor.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [] });
  await ask(typist, "quickstart.ftp");
  writeFileSync(path, texts["shared.ftp"]);
  await editor.open("shared.ftp");
}

const aboutFiles = ["semanticTokens/full", "foldingRange", "documentSymbol"];
const aboutPlaces = ["completion", "hover", "definition", "documentHighlight"];

/** Several at once, as an editor asks. Each must be answered. */
async function ask(typist: Typist, name: string): Promise<void> {
  const text = editor.textOf(name);
  const position = placeOf(text, typist.below(text.length + 1));
  const options = { tabSize: 2, insertSpaces: true };
  await Promise.all([
    editor.about(typist.of(aboutFiles), name),
    editor.about(typist.of(aboutPlaces), name, { position }),
    editor.about(typist.of(aboutPlaces), name, { position }),
    editor.about("references", name, { position, context: { includeDeclaration: true } }),
    editor.about("codeAction", name, {
      range: { start: position, end: position },
      context: { diagnostics: [] },
    }),
    editor.about("formatting", name, { options }),
    renamed(name, position),
  ]);
}

const requestFailed = -32803;

/** A name that may not be another is refused; nothing else goes wrong. */
async function renamed(name: string, position: object): Promise<void> {
  try {
    await editor.about("rename", name, { position, newName: "other" });
  } catch (fault) {
    expect(fault).toMatchObject({ code: requestFailed });
  }
}

async function compare(typist: Typist): Promise<void> {
  const fresh = new Session([folder], { ...process.env, ...environment }, folder);
  for (const name of names) {
    fresh.edit(join(folder, name), editor.textOf(name));
    // An edit that changes nothing asks for what is said after all others: those of modules have versions of their own.
    await editor.edit(name, { start: 0, end: 0, text: "" });
  }
  for (const name of names) {
    const analysis = await fresh.analysis(join(folder, name));
    if (analysis === undefined) throw new Error(`${name} is open`);
    const shown = JSON.parse(JSON.stringify(diagnosticsOf(analysis, fresh.sources)));
    expect(await editor.diagnostics(name), name).toEqual(shown);
    const { data } = await editor.about<SemanticTokens>("semanticTokens/full", name);
    expect(data, name).toEqual(semanticTokens(analysis).data);
    for (let place = 0; place < 5; place++) {
      const text = editor.textOf(name);
      const position = placeOf(text, typist.below(text.length + 1));
      const own = hoverAt(analysis, offsetOf(analysis.source, position)) ?? null;
      expect(await editor.about("hover", name, { position }), name).toEqual(own);
    }
  }
}
