/** An editor for tests: starts the real server and speaks the protocol through its standard input and output. */

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { Diagnostic, InitializeResult, PublishDiagnosticsParams } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { bug } from "../../compiler/bug.ts";

const ftc = fileURLToPath(new URL("../../compiler/ftc.js", import.meta.url));

export interface Place {
  readonly line: number;
  readonly character: number;
}

export class Editor {
  readonly connection: MessageConnection;
  readonly process: ChildProcess;
  readonly #folder: string;
  readonly #texts = new Map<string, { text: string; version: number }>();
  readonly #shown = new Map<string, PublishDiagnosticsParams>();
  readonly #waiting = new Set<() => void>();
  #opened = 0;
  /** What the server wrote to the editor's log. */
  readonly log: string[] = [];
  /** Told of all diagnostics as they come. */
  heard: ((params: PublishDiagnosticsParams) => void) | undefined;
  /** What it says of itself. */
  server: InitializeResult["serverInfo"];

  private constructor(folder: string, process: ChildProcess) {
    const { stdin, stdout } = process;
    if (stdin === null || stdout === null) bug("the server was started without pipes");
    this.#folder = folder;
    this.process = process;
    this.connection = createMessageConnection(
      new StreamMessageReader(stdout),
      new StreamMessageWriter(stdin),
    );
    this.connection.onNotification(
      "textDocument/publishDiagnostics",
      (params: PublishDiagnosticsParams) => {
        this.#shown.set(params.uri, params);
        this.heard?.(params);
        for (const wake of this.#waiting) wake();
      },
    );
    this.connection.onNotification("window/logMessage", ({ message }: { message: string }) => {
      this.log.push(message);
    });
    this.connection.listen();
  }

  /** With the folder open. Whoever starts it stops it. */
  static async start(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Editor> {
    const server = spawn(process.execPath, [ftc, "lsp"], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const editor = new Editor(folder, server);
    const ended = new Promise<never>((_, reject) =>
      server.once("exit", (code) => reject(new Error(`the server ended with ${code}`))),
    );
    const asked = editor.connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      capabilities: {},
    });
    const { serverInfo } = await Promise.race([asked, ended]);
    editor.server = serverInfo;
    await editor.connection.sendNotification("initialized", {});
    return editor;
  }

  /** As an editor that closes: gives the exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.process.once("exit", resolve));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await ended;
    this.connection.dispose();
    return code;
  }

  uri(name: string): string {
    return pathToFileURL(`${this.#folder}/${name}`).href;
  }

  textOf(name: string): string {
    return this.#texts.get(this.uri(name))?.text ?? bug(`${name} is not open`);
  }

  /** Opens a file with its text, or with another. */
  async open(name: string, text = readFileSync(`${this.#folder}/${name}`, "utf8")): Promise<void> {
    const uri = this.uri(name);
    // Never a version of before, so that what was said of that is not taken for an answer.
    const version = ++this.#opened * 1000;
    this.#texts.set(uri, { text, version });
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "ftp", version, text },
    });
  }

  /** Replaces letters by others, as typing does. */
  async type(name: string, from: string, to: string): Promise<void> {
    const start = this.textOf(name).indexOf(from);
    if (start < 0) bug(`${name} has no ${from}`);
    await this.edit(name, { start, end: start + from.length, text: to });
  }

  /** What stands between two offsets becomes another text. Line ends are not cut in two, as in no editor. */
  async edit(
    name: string,
    { start, end, text: newText }: { start: number; end: number; text: string },
  ): Promise<void> {
    const uri = this.uri(name);
    const { text, version } = this.#texts.get(uri) ?? bug(`${name} is not open`);
    const range = { start: placeOf(text, start), end: placeOf(text, end) };
    const document = TextDocument.create(uri, "ftp", version, text);
    const edited = TextDocument.applyEdits(document, [{ range, newText }]);
    this.#texts.set(uri, { text: edited, version: version + 1 });
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: version + 1 },
      contentChanges: [{ range, text: newText }],
    });
  }

  async close(name: string): Promise<void> {
    const uri = this.uri(name);
    this.#texts.delete(uri);
    await this.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
  }

  /** What the server says of the place that `‸` marks in a text, which is open for as long as that takes. */
  async ask<T>(method: string, marked: string, more: object = {}): Promise<T> {
    const at = marked.indexOf("‸");
    if (at < 0) bug("the text marks no place");
    await this.open("case.ftp", marked.replace("‸", ""));
    const position = placeOf(marked, at);
    const answer = await this.about<T>(method, "case.ftp", { position, ...more });
    await this.close("case.ftp");
    return answer;
  }

  /** Those of the text as it is now, once the server has said them. */
  async diagnostics(name: string): Promise<readonly Diagnostic[]> {
    const uri = this.uri(name);
    const wanted = this.#texts.get(uri)?.version ?? bug(`${name} is not open`);
    for (;;) {
      const shown = this.#shown.get(uri);
      if (shown?.version === wanted) return shown.diagnostics;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** A request about the place right after the letters, where they stand first. */
  at<T>(method: string, name: string, letters: string, more: object = {}): Promise<T> {
    const text = this.textOf(name);
    const start = text.indexOf(letters);
    if (start < 0) bug(`${name} has no ${letters}`);
    return this.about(method, name, {
      position: placeOf(text, start + letters.length),
      ...more,
    });
  }

  about<T>(method: string, name: string, more: object = {}): Promise<T> {
    const params = { textDocument: { uri: this.uri(name) }, ...more };
    return this.connection.sendRequest(`textDocument/${method}`, params);
  }
}

export function placeOf(text: string, offset: number): Place {
  return TextDocument.create("", "ftp", 0, text).positionAt(offset);
}
