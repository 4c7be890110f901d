/** The protocol: what the editor asks, and which feature answers. Ends when the editor does. */

import {
  CodeActionKind,
  createConnection,
  type InitializeParams,
  type InitializeResult,
  ResponseError,
  type TextDocumentPositionParams,
  TextDocumentSyncKind,
  TextDocuments,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { messageOf } from "../../runtime/errors.ts";
import { Bug } from "../bug.ts";
import { version } from "../commands/version.ts";
import { completionAt } from "./completion.ts";
import { definitionAt } from "./definition.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import { fixesIn } from "./fixes.ts";
import { foldingRanges } from "./folding.ts";
import { formatting } from "./formatting.ts";
import { hoverAt } from "./hover.ts";
import { Pace } from "./pace.ts";
import { offsetOf, pathOf, rangeOf } from "./places.ts";
import { highlightsAt, referencesAt } from "./references.ts";
import { RenameRefused, rename, renameable } from "./rename.ts";
import { type Analysis, Session } from "./session.ts";
import { documentSymbols, workspaceSymbols } from "./symbols.ts";
import { semanticTokens, tokenModifiers, tokenTypes } from "./tokens.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A request that was understood and cannot be done, by the protocol. */
const requestFailed = -32803;

const capabilities: InitializeResult["capabilities"] = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  completionProvider: { triggerCharacters: [".", "/", "{", "(", "[", "=", ":", ">", '"'] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  documentFormattingProvider: true,
  foldingRangeProvider: true,
  semanticTokensProvider: {
    legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] },
    full: true,
  },
};

export async function serve(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  env: Environment,
): Promise<void> {
  const connection = createConnection(input, output);
  const documents = new TextDocuments(TextDocument);
  let session = sessionFor([], env);

  const pace = new Pace(async (isCurrent) => {
    for (const document of documents.all()) {
      const { uri, version: edited } = document;
      const analysis = await session.analysis(pathOf(uri));
      if (!isCurrent()) return;
      if (analysis === undefined) continue;
      const diagnostics = diagnosticsOf(analysis, session.sources);
      await connection.sendDiagnostics({ uri, version: edited, diagnostics });
    }
  }, report);

  /** A fault of ours goes to the editor's log, with what a report needs; the next edit is served again. */
  function report(fault: unknown): void {
    const evidence = fault instanceof Bug ? fault.evidence : "";
    const stack = fault instanceof Error ? (fault.stack ?? "") : "";
    connection.console.error(
      [`This is a fault of ftc: ${messageOf(fault)}`, evidence, stack].join("\n\n"),
    );
  }

  connection.onInitialize((params) => {
    session = sessionFor(foldersOf(params), env);
    return { capabilities, serverInfo: { name: "ftc", version: version() } };
  });

  documents.onDidChangeContent(({ document }) => {
    session.edit(pathOf(document.uri), document.getText());
    pace.edited();
  });
  documents.onDidClose(({ document }) => {
    session.close(pathOf(document.uri));
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
    pace.edited();
  });
  connection.onDidChangeWatchedFiles(() => {
    session.forget();
    pace.edited();
  });

  /** What a feature says of a document; `otherwise` of one that is no file. */
  async function of<T, O>(
    uri: string,
    feature: (analysis: Analysis) => T | Promise<T>,
    otherwise: O,
  ): Promise<T | O> {
    const analysis = await session.analysis(pathOf(uri));
    return analysis === undefined ? otherwise : feature(analysis);
  }
  const at = <T, O>(
    { textDocument, position }: TextDocumentPositionParams,
    feature: (analysis: Analysis, offset: number) => T | Promise<T>,
    otherwise: O,
  ): Promise<T | O> =>
    of(
      textDocument.uri,
      (analysis) => feature(analysis, offsetOf(analysis.source, position)),
      otherwise,
    );

  connection.onCompletion((params) =>
    at(
      params,
      async (analysis, offset) => [...(await completionAt(analysis, offset, session))],
      [],
    ),
  );
  connection.onHover((params) =>
    at(params, (analysis, offset) => hoverAt(analysis, offset) ?? null, null),
  );
  connection.onDefinition((params) =>
    at(params, (analysis, offset) => definitionAt(analysis, offset, session.sources) ?? null, null),
  );
  connection.onReferences((params) =>
    at(
      params,
      async (analysis, offset) => [
        ...(await referencesAt(analysis, offset, session, params.context.includeDeclaration)),
      ],
      [],
    ),
  );
  connection.onDocumentHighlight((params) =>
    at(
      params,
      (analysis, offset) =>
        highlightsAt(analysis, offset).map((span) => ({ range: rangeOf(span) })),
      [],
    ),
  );
  connection.onPrepareRename((params) =>
    refusing(() => at(params, (analysis, offset) => renameable(analysis, offset, session), null)),
  );
  connection.onRenameRequest((params) =>
    refusing(() =>
      at(params, (analysis, offset) => rename(analysis, offset, params.newName, session), null),
    ),
  );
  connection.onDocumentSymbol(({ textDocument }) =>
    of(textDocument.uri, ({ program }) => [...documentSymbols(program.entry)], []),
  );
  connection.onWorkspaceSymbol(async ({ query }) => [...(await workspaceSymbols(session, query))]);
  connection.onCodeAction(({ textDocument, range }) =>
    of(textDocument.uri, (analysis) => [...fixesIn(analysis, range, session.sources)], []),
  );
  connection.onDocumentFormatting(({ textDocument }) => {
    const source = session.sources.at(pathOf(textDocument.uri));
    return source === undefined ? [] : [...formatting(source)];
  });
  connection.onFoldingRanges(({ textDocument }) =>
    of(textDocument.uri, ({ program }) => [...foldingRanges(program.entry.file)], []),
  );
  connection.languages.semanticTokens.on(({ textDocument }) =>
    of(textDocument.uri, semanticTokens, { data: [] }),
  );

  const ended = new Promise<void>((resolve) => connection.onExit(resolve));
  documents.listen(connection);
  connection.listen();
  await ended;
}

async function refusing<T>(work: () => Promise<T>): Promise<T | ResponseError> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof RenameRefused) return new ResponseError(requestFailed, fault.message);
    throw fault;
  }
}

function sessionFor(folders: readonly string[], env: Environment): Session {
  return new Session(folders, env, folders[0] ?? process.cwd());
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => pathOf(uri));
  return rootUri === null || rootUri === undefined ? [] : [pathOf(rootUri)];
}
