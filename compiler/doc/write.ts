/** `npm run docs`: writes the generated pages of docs/reference. */

import { writeFileSync } from "node:fs";
import { allCommands } from "../cli.ts";
import { libraryDocs } from "../commands/doc.ts";
import { commandsPage, diagnosticsPage, libraryPage } from "./pages.ts";

/** By file name in docs/reference. */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  return {
    "stdlib.md": libraryPage(libraryDocs()),
    "commands.md": commandsPage(await allCommands()),
    "diagnostics.md": diagnosticsPage(),
  };
}

export async function writePages(): Promise<void> {
  for (const [name, text] of Object.entries(await generatedPages()))
    writeFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), text);
}

if (process.argv[1] === new URL(import.meta.url).pathname) await writePages();
