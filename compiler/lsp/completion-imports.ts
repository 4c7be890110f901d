/** Names of the standard library that the file does not import yet, each with the edit that imports it. */

import { dirname } from "node:path";
import { type CompletionItem, CompletionItemKind, type TextEdit } from "vscode-languageserver";
import { moduleFile } from "../commands/library.ts";
import { describe } from "../doc/describe.ts";
import { importPath } from "../names/module.ts";
import type { Import } from "../syntax/ast.ts";
import { rolesAt } from "./completion-names.ts";
import type { Cursor } from "./cursor.ts";
import { rangeOf } from "./places.ts";
import type { Analysis, Session } from "./session.ts";

export async function importableNames(
  { program, path: own }: Analysis,
  cursor: Cursor,
  session: Session,
): Promise<readonly CompletionItem[]> {
  const { entry } = program;
  const directory = dirname(own);
  const wanted = rolesAt(cursor);
  const found: CompletionItem[] = [];
  for (const path of session.library(directory).paths()) {
    const file = moduleFile(directory, path);
    const module = file === own ? undefined : (await session.analysis(file))?.program.entry;
    if (module === undefined) continue;
    for (const { name, signature, doc } of describe(module).entries) {
      if (entry.items.has(name) || entry.imports.has(name)) continue;
      found.push({
        label: name,
        kind: CompletionItemKind.Reference,
        detail: signature,
        documentation: doc,
        labelDetails: { description: path },
        sortText: `${wanted.some((role) => role === module.items.get(name)?.kind) ? 1 : 4}${name}`,
        additionalTextEdits: [importing(entry.file.items, path, name, entry.file.source)],
      });
    }
  }
  return found;
}

type File = Analysis["program"]["entry"]["file"];

/** In the braces of the import that lacks it, or in an import of its own after the others. */
function importing(
  items: File["items"],
  path: string,
  name: string,
  file: File["source"],
): TextEdit {
  const imports = items.filter((item): item is Import => item.kind === "import");
  const beside = imports
    .filter((item) => importPath(item) === path)
    .flatMap((item) => item.names)
    .at(-1);
  const at = (offset: number) => rangeOf({ file, start: offset, end: offset });
  if (beside !== undefined) return { range: at(beside.span.end), newText: `, ${name}` };
  const line = `import ${path}.{${name}}`;
  const last = imports.at(-1);
  if (last !== undefined) return { range: at(last.span.end), newText: `\n${line}` };
  const start = items.at(0)?.span.start ?? file.text.length;
  // What is said of the first item stays right above it.
  const doc = /(?:(?<=^|\n)\/\/\/[^\n]*\n)+$/.exec(file.text.slice(0, start))?.[0] ?? "";
  return { range: at(start - doc.length), newText: `${line}\n\n` };
}
