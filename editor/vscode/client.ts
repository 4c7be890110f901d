/** The extension: starts `ftc lsp` of the project at hand, and hands the editor's questions to it. */

import { commands, type ExtensionContext, window, workspace } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { findServer } from "./find-server.ts";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(commands.registerCommand("ftc.restart", restart));
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
  client = undefined;
}

async function start(): Promise<void> {
  const server = findServer({
    setting: workspace.getConfiguration("ftc").get("path", ""),
    folders: (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    env: process.env,
  });
  if ("missing" in server) {
    void told(server.missing);
    return;
  }
  const watcher = workspace.createFileSystemWatcher("**/*.{ftp,lock,json,safetensors,jinja}");
  const { command, args } = server;
  // Since Node.js 20 a script of Windows' shell is started by that shell alone.
  const options = { shell: /\.(cmd|bat)$/i.test(command) };
  client = new LanguageClient(
    "ftc",
    "ftc",
    { command, args: [...args], options },
    {
      documentSelector: [
        { scheme: "file", language: "ftp" },
        { scheme: "untitled", language: "ftp" },
      ],
      synchronize: { fileEvents: watcher },
    },
  );
  try {
    await client.start();
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault);
    void told(`${[command, ...args].join(" ")} could not be started: ${reason}`);
  }
}

/** With the way to the setting. It stays until someone closes it, so nothing waits for it. */
async function told(message: string): Promise<void> {
  const open = "Open the setting";
  if ((await window.showErrorMessage(message, open)) === open)
    await commands.executeCommand("workbench.action.openSettings", "ftc.path");
}

async function restart(): Promise<void> {
  await deactivate();
  await start();
}
