/** How long the language server takes from an edit to its diagnostics, through its pipes, as an editor waits for them. */

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { editTimes, median } from "../test/support/edit-times.ts";
import { Editor } from "../test/support/language-client.ts";
import { longProgram } from "../test/support/long-program.ts";
import { print } from "./report.ts";

const pipelines = fileURLToPath(new URL("../pipelines/", import.meta.url));

export async function benchLanguageServer(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ftc-bench-"));
  symlinkSync(join(pipelines, "models"), join(folder, "models"));
  const quickstart = readFileSync(join(pipelines, "quickstart.ftp"), "utf8");
  const cases = [
    ["quickstart.ftp", quickstart, "seed          = 17", "seed          = 18"],
    ["500 lines", longProgram(500), "let h = x +", "let h = x  +"],
    ["1000 lines", longProgram(1000), "let h = x +", "let h = x  +"],
    ["3000 lines", longProgram(3000), "let h = x +", "let h = x  +"],
    ["3000 lines, one broken", broken(longProgram(3000)), "let h = x +", "let h = x  +"],
  ] as const;
  const editor = await Editor.start(folder);
  const rows: string[][] = [];
  for (const [name, text, from, to] of cases) {
    const file = `${name.replace(/[^a-z0-9]/g, "-")}.ftp`;
    writeFileSync(join(folder, file), text);
    await editor.open(file);
    await editor.diagnostics(file);
    const times = await editTimes(editor, file, from, to, 100);
    const tenth = times[Math.floor(times.length * 0.9)];
    rows.push([name, ...[median(times), tenth].map((time) => time.toFixed(1))]);
    await editor.close(file);
  }
  print("Language server, from an edit to its diagnostics, ms", ["", "median", "9 of 10"], rows);
  await editor.stop();
  rmSync(folder, { recursive: true });
}

/** With a fault of syntax in an item in its middle. */
function broken(text: string): string {
  const at = text.indexOf("let h = x +", text.length / 2);
  return `${text.slice(0, at)}let h = = x +${text.slice(at + "let h = x +".length)}`;
}
