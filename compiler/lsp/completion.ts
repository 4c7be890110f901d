/** What may be typed at a place: decided by what stands before it, offered with what the checker knows of each. */

import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { itemWords } from "../syntax/tokens.ts";
import { importableNames } from "./completion-imports.ts";
import { namesInScope } from "./completion-names.ts";
import { pathNames } from "./completion-paths.ts";
import {
  argumentNames,
  importNames,
  memberNames,
  stepFieldNames,
  unitNames,
} from "./completion-places.ts";
import { statementNames, typeNames } from "./completion-words.ts";
import { cursorAt } from "./cursor.ts";
import type { Analysis, Session } from "./session.ts";

export async function completionAt(
  analysis: Analysis,
  offset: number,
  session: Session,
): Promise<readonly CompletionItem[]> {
  const cursor = cursorAt(analysis.source, offset);
  if (cursor.inside === "comment" || cursor.inside === "string") return [];
  if (cursor.inside === "hole") return namesInScope(analysis, cursor);
  if (cursor.atColumnOne && cursor.open === undefined)
    return itemWords.map((label) => ({ label, kind: CompletionItemKind.Keyword }));
  if (cursor.number !== undefined) return unitNames(analysis, cursor);
  const places = [importNames, pathNames, memberNames, stepFieldNames, typeNames];
  for (const place of places) {
    const found = await place(analysis, cursor, session);
    if (found !== undefined) return found;
  }
  return [
    ...argumentNames(analysis, cursor),
    ...statementNames(cursor),
    ...namesInScope(analysis, cursor),
    ...(await importableNames(analysis, session)),
  ];
}
