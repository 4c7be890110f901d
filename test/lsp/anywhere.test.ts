/** No place of a text, whole or cut off there, is one that a feature fails at: people type at all of them. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { completionAt } from "../../compiler/lsp/completion.ts";
import { definitionAt } from "../../compiler/lsp/definition.ts";
import { diagnosticsOf } from "../../compiler/lsp/diagnostics.ts";
import { foldingRanges } from "../../compiler/lsp/folding.ts";
import { hoverAt } from "../../compiler/lsp/hover.ts";
import { highlightsAt } from "../../compiler/lsp/references.ts";
import { type Analysis, Session } from "../../compiler/lsp/session.ts";
import { documentSymbols } from "../../compiler/lsp/symbols.ts";
import { semanticTokens } from "../../compiler/lsp/tokens.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const session = new Session([], {}, root);

async function analysed(path: string, text: string): Promise<Analysis> {
  session.edit(path, text);
  const analysis = await session.analysis(path);
  if (analysis === undefined) throw new Error(`${path} is not open`);
  return analysis;
}

async function askAt(analysis: Analysis, offset: number): Promise<number> {
  const { sources } = session;
  hoverAt(analysis, offset);
  definitionAt(analysis, offset, sources);
  highlightsAt(analysis, offset);
  return (await completionAt(analysis, offset, session)).length;
}

test.each([
  ["pipelines/quickstart.ftp", 7],
  ["stdlib/llama.ftp", 19],
  ["stdlib/lora.ftp", 7],
  ["stdlib/optim.ftp", 7],
  ["stdlib/chat.ftp", 7],
  ["stdlib/data.ftp", 19],
])("%s", async (name, stride) => {
  const path = `${root}${name}`;
  const text = readFileSync(path, "utf8");
  const whole = await analysed(path, text);
  let offered = 0;
  for (let offset = 0; offset <= text.length; offset += stride)
    offered += await askAt(whole, offset);
  for (let offset = 0; offset <= text.length; offset += stride * 3) {
    const cut = await analysed(path, text.slice(0, offset));
    diagnosticsOf(cut, session.sources);
    semanticTokens(cut);
    foldingRanges(cut.program.entry.file);
    documentSymbols(cut.program.entry);
    offered += await askAt(cut, offset);
  }
  expect(offered).toBeGreaterThan(100);
});
