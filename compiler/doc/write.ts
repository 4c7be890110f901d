/** `npm run docs`: writes the generated pages of docs/reference. */

import { readFileSync, writeFileSync } from "node:fs";
import { allCommands } from "../cli.ts";
import { libraryDocs } from "../commands/doc.ts";
import { commandsPage, diagnosticsPage, libraryPage, stepsPage } from "./pages.ts";

const manual = new URL("../../docs/reference/", import.meta.url);

/** By file name in docs/reference. */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  return {
    "stdlib.md": libraryPage(libraryDocs()),
    "commands.md": commandsPage(await allCommands()),
    "diagnostics.md": diagnosticsPage(),
    "steps.md": stepsPage(readFileSync(new URL("steps.md", manual), "utf8")),
  };
}

export async function writePages(): Promise<void> {
  for (const [name, text] of Object.entries(await generatedPages()))
    writeFileSync(new URL(name, manual), text);
}

if (process.argv[1] === new URL(import.meta.url).pathname) await writePages();
