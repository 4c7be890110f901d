/** A file in the one style. What both texts begin and end with is left alone, so that marks and folds stay. */

import type { TextEdit } from "vscode-languageserver";
import { format } from "../format/format.ts";
import type { SourceFile } from "../source/file.ts";
import { rangeOf } from "./places.ts";

export function formatting(source: SourceFile): readonly TextEdit[] {
  const { text } = format(source);
  const old = source.text;
  if (text === old) return [];
  const shorter = Math.min(text.length, old.length);
  let start = 0;
  while (start < shorter && text[start] === old[start]) start++;
  let same = 0;
  while (same < shorter - start && text.at(-1 - same) === old.at(-1 - same)) same++;
  const span = { file: source, start, end: old.length - same };
  return [{ range: rangeOf(span), newText: text.slice(start, text.length - same) }];
}
