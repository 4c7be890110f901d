/** Where what a name means is written. */

import type { Location } from "vscode-languageserver";
import type { Meaning } from "./declaration.ts";
import { locationOf } from "./places.ts";
import type { Analysis } from "./session.ts";
import type { Sources } from "./sources.ts";
import { useAt, usesIn } from "./uses.ts";

export function definitionAt(
  analysis: Analysis,
  offset: number,
  sources: Sources,
): Location | undefined {
  const meaning = meaningAt(analysis, offset);
  if (meaning?.kind === "declaration") return locationOf(meaning.name.span, sources);
  if (meaning?.kind !== "module") return undefined;
  const { source } = meaning.module.file;
  return locationOf({ file: source, start: 0, end: 0 }, sources);
}

/** What the name at a place means. */
export function meaningAt(analysis: Analysis, offset: number): Meaning | undefined {
  return useAt(usesIn(analysis.program.entry, analysis), offset)?.meaning;
}
