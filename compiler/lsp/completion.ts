/** What may be typed at a place: decided by what stands before it, offered with what the checker knows of each. */

import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { itemWords } from "../syntax/tokens.ts";
import { fileNames } from "./completion-files.ts";
import { importableNames } from "./completion-imports.ts";
import { namesInScope } from "./completion-names.ts";
import { pathNames } from "./completion-paths.ts";
import {
  argumentNames,
  caseNames,
  importNames,
  memberNames,
  stepFieldNames,
  unitNames,
} from "./completion-places.ts";
import { stepCallNames } from "./completion-step-calls.ts";
import { connectingNames, statementNames, typeNames } from "./completion-words.ts";
import { type Cursor, cursorAt } from "./cursor.ts";
import { rangeOf } from "./places.ts";
import type { Analysis, Session } from "./session.ts";

export async function completionAt(
  analysis: Analysis,
  offset: number,
  session: Session,
): Promise<readonly CompletionItem[]> {
  const cursor = cursorAt(analysis.source, offset);
  const { file, end } = cursor.whole;
  const isNamed = /^\s*=(?!=)/.test(file.text.slice(end));
  return (await offeredAt(analysis, cursor, session)).map((item) => {
    // What has its sign already gets no second one.
    const newText = isNamed ? item.label : (item.insertText ?? item.label);
    return { ...item, textEdit: { range: rangeOf(cursor.whole), newText } };
  });
}

async function offeredAt(
  analysis: Analysis,
  cursor: Cursor,
  session: Session,
): Promise<readonly CompletionItem[]> {
  if (cursor.inside === "comment") return [];
  if (cursor.inside === "string") return fileNames(analysis, cursor);
  if (cursor.inside === "hole") {
    const members = memberNames(analysis, cursor);
    return members ?? [...caseNames(analysis, cursor), ...namesInScope(analysis, cursor)];
  }
  if (cursor.atColumnOne && cursor.open === undefined)
    return itemWords.map((label) => ({ label, kind: CompletionItemKind.Keyword }));
  if (cursor.number !== undefined) return unitNames(analysis, cursor);
  const places = [
    importNames,
    pathNames,
    stepCallNames,
    memberNames,
    stepFieldNames,
    typeNames,
    connectingNames,
  ];
  for (const place of places) {
    const found = await place(analysis, cursor, session);
    if (found !== undefined) return found;
  }
  return [
    ...caseNames(analysis, cursor),
    ...argumentNames(analysis, cursor),
    ...statementNames(cursor),
    ...namesInScope(analysis, cursor),
    ...(await importableNames(analysis, cursor, session)),
  ];
}
