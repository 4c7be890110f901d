/**
 * As much of an editor as the extension needs to start: what it asks of `vscode` that is not here is answered by a
 * thing that can be called, built and let go of, and does nothing.
 */

import { pathToFileURL } from "node:url";

type Listener = (event: unknown) => unknown;

export interface Stub {
  /** What `require("vscode")` gives. */
  readonly api: object;
  /** What a person was shown. */
  readonly errors: string[];
  /** By address, the diagnostics that were set. */
  readonly shown: Map<string, readonly { readonly message: string }[]>;
  /** Opens a text, as a person does. */
  readonly open: (uri: string, text: string) => void;
  readonly registered: string[];
}

export function vscodeStub(folder: string, setting = ""): Stub {
  const errors: string[] = [];
  const registered: string[] = [];
  const shown = new Map<string, readonly { readonly message: string }[]>();
  const opened = new Set<Listener>();
  const disposable = { dispose: () => {} };

  class Place {
    readonly line: number;
    readonly character: number;
    constructor(line: number, character: number) {
      this.line = line;
      this.character = character;
    }
  }
  class Pair {
    readonly start: unknown;
    readonly end: unknown;
    constructor(start: unknown, end: unknown) {
      this.start = start;
      this.end = end;
    }
  }
  class Fault {
    readonly range: unknown;
    readonly message: string;
    constructor(range: unknown, message: string) {
      this.range = range;
      this.message = message;
    }
  }
  class Emitter {
    readonly #listeners = new Set<Listener>();
    readonly event = (listener: Listener) => {
      this.#listeners.add(listener);
      return { dispose: () => this.#listeners.delete(listener) };
    };
    fire(event: unknown): void {
      for (const listener of this.#listeners) listener(event);
    }
    dispose(): void {
      this.#listeners.clear();
    }
  }
  class Cancellation {
    readonly token = { isCancellationRequested: false, onCancellationRequested: () => disposable };
    cancel(): void {
      this.token.isCancellationRequested = true;
    }
    dispose(): void {}
  }
  const uriOf = (text: string) => ({
    scheme: text.split(":")[0],
    path: new URL(text).pathname,
    fsPath: new URL(text).pathname,
    toString: () => text,
  });

  const api = anything({
    version: "1.91.0",
    Position: Place,
    Range: Pair,
    Diagnostic: Fault,
    EventEmitter: Emitter,
    CancellationTokenSource: Cancellation,
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    Uri: { parse: uriOf, file: (path: string) => uriOf(pathToFileURL(path).href) },
    env: anything({ language: "en", appName: "a test" }),
    commands: anything({
      registerCommand: (name: string) => {
        registered.push(name);
        return disposable;
      },
    }),
    languages: anything({
      match: (_: unknown, { languageId }: { languageId: string }) =>
        languageId === "ftp" ? 10 : 0,
      createDiagnosticCollection: () => ({
        ...disposable,
        set: (uri: object, found: readonly Fault[] = []) => shown.set(String(uri), found),
        delete: (uri: object) => shown.delete(String(uri)),
        clear: () => shown.clear(),
      }),
    }),
    window: anything({
      showErrorMessage: async (message: string) => void errors.push(message),
      visibleTextEditors: [],
      activeTextEditor: undefined,
    }),
    workspace: anything({
      workspaceFolders: [{ uri: uriOf(pathToFileURL(folder).href), name: "test", index: 0 }],
      textDocuments: [],
      notebookDocuments: [],
      getConfiguration: () => ({
        get: (name: string, otherwise: unknown) => (name === "path" ? setting : otherwise),
      }),
      onDidOpenTextDocument: (listener: Listener) => {
        opened.add(listener);
        return { dispose: () => opened.delete(listener) };
      },
    }),
  });
  const open = (address: string, text: string) => {
    const document = {
      uri: uriOf(address),
      languageId: "ftp",
      version: 1,
      isClosed: false,
      getText: () => text,
    };
    for (const listener of opened) listener(document);
  };
  return { api, errors, shown, open, registered };
}

/** An object with more: a member that it lacks is a class and a function, whose results have every member too. */
function anything(known: object): object {
  return new Proxy(known, {
    get: (target, name) => {
      if (name in target || typeof name === "symbol" || name === "then")
        return Reflect.get(target, name);
      const made = anything(
        class {
          dispose(): void {}
        },
      );
      Reflect.set(target, name, made);
      return made;
    },
    apply: () => anything({ dispose: () => {} }),
  });
}
