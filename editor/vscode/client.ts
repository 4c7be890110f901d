/** The extension: starts `ftc lsp` of the project at hand, and hands the editor's questions to it. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { commands, type ExtensionContext, window, workspace } from "vscode";
import { type Executable, LanguageClient } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(commands.registerCommand("ftc.restart", restart));
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(): Promise<void> {
  const watcher = workspace.createFileSystemWatcher("**/*.{ftp,lock,json,safetensors,jinja}");
  client = new LanguageClient("ftc", "ftc", serverOf(), {
    documentSelector: [
      { scheme: "file", language: "ftp" },
      { scheme: "untitled", language: "ftp" },
    ],
    synchronize: { fileEvents: watcher },
  });
  try {
    await client.start();
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    void window.showErrorMessage(
      `ftc was not started: ${reason}. The setting ftc.path says where it is.`,
    );
  }
}

async function restart(): Promise<void> {
  await client?.stop();
  await start();
}

/** What the setting says; else the compiler of an open folder, its own or installed; else that of the search path. */
function serverOf(): Executable {
  const set = workspace.getConfiguration("ftc").get("path", "");
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const places = folders.flatMap((folder) => [
    join(folder, "compiler/ftc.js"),
    join(folder, "node_modules/ftc/compiler/ftc.js"),
  ]);
  const path = set !== "" ? set : (places.find((place) => existsSync(place)) ?? "ftc");
  return path.endsWith(".js")
    ? { command: "node", args: [path, "lsp"] }
    : { command: path, args: ["lsp"] };
}
