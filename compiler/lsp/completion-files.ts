/** Completion inside of strings that name files: models and rows, relative to the program's folder. */

import { readdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { DatasetItem, ModelItem } from "../syntax/tokens.ts";
import type { Cursor } from "./cursor.ts";
import type { Analysis } from "./session.ts";

/** What the folder has that the string has come to. Nothing that is hidden, and nothing of the hub. */
export function fileNames({ path, source }: Analysis, cursor: Cursor): readonly CompletionItem[] {
  const { item, string, whole } = cursor;
  if (string === undefined) return [];
  if (item?.tokenType !== ModelItem && item?.tokenType !== DatasetItem) return [];
  const written = source.text.slice(string + 1, whole.start);
  const begun = written.slice(0, written.lastIndexOf("/") + 1);
  const folder = resolve(dirname(path), begun);
  if (written.startsWith("hf:") || !isFolder(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => /^[\w]/.test(name))
    .map((entry) => ({
      label: entry.name,
      kind: entry.isDirectory() ? CompletionItemKind.Folder : CompletionItemKind.File,
      sortText: `${entry.isDirectory() ? 0 : 1}${entry.name}`,
    }));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
