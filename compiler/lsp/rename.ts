/**
 * A name changed wherever it means the same. What others know by its name is refused: the standard library, parts of
 * blocks, which checkpoints and paths name, and columns, which data files hold.
 */

import type { Range, TextEdit, WorkspaceEdit } from "vscode-languageserver";
import { isStandard } from "../commands/library.ts";
import type { Span } from "../source/file.ts";
import { lexPart } from "../syntax/lex.ts";
import type { Declaration, Meaning, Role } from "./declaration.ts";
import { meaningAt } from "./definition.ts";
import { addressOf, holds, rangeOf } from "./places.ts";
import { usesOf } from "./references.ts";
import type { Analysis, Session } from "./session.ts";
import { type Use, useAt, usesIn } from "./uses.ts";

/** Why not, in a sentence. */
export class RenameRefused extends Error {
  override readonly name = "RenameRefused";
}

/** The range of the name at a place. Throws RenameRefused for one that cannot be another. */
export function renameable(analysis: Analysis, offset: number, session: Session): Range {
  const { program, findings } = analysis;
  const use = useAt(usesIn(program.entry, findings), offset);
  const declared = renamed(use?.meaning, session);
  return rangeOf(use?.span ?? declared.name.span);
}

/** Throws RenameRefused. */
export async function rename(
  analysis: Analysis,
  offset: number,
  to: string,
  session: Session,
): Promise<WorkspaceEdit> {
  const declared = renamed(meaningAt(analysis, offset), session);
  if (!/^[A-Za-z_]\w*$/.test(to))
    throw new RenameRefused(`\`${to}\` is no name: letters, digits and _, a letter or _ first`);
  const uses = await usesOf(declared, analysis, session);
  const taken = takenBy(declared, uses, to);
  if (taken !== undefined) throw new RenameRefused(taken);
  const changes: Record<string, TextEdit[]> = {};
  for (const { span } of uses) {
    const path = session.sources.pathOf(span.file);
    if (path === undefined) continue;
    const edits = changes[addressOf(path)] ?? [];
    edits.push({ range: rangeOf(span), newText: to });
    changes[addressOf(path)] = edits;
  }
  return { changes };
}

const known: Partial<Readonly<Record<Role, string>>> = {
  part: "checkpoints and paths of adapters know this part by its name",
  field: "configs, rows of data files and templates know this field by its name",
  column: "rows of data files know this column by its name",
  output: "pipelines know this part of the rows by its name",
};

function renamed(meaning: Meaning | undefined, { sources }: Session): Declaration {
  if (meaning === undefined) throw new RenameRefused("there is no name here that has a meaning");
  if (meaning.kind === "module")
    throw new RenameRefused("a module is called what its file is called: rename the file");
  if (meaning.kind === "language")
    throw new RenameRefused(`\`${meaning.name}\` is the language's own`);
  const path = sources.pathOf(meaning.name.span.file);
  if (path === undefined || isStandard(path))
    throw new RenameRefused(
      `\`${meaning.name.text}\` is ${meaning.module.path}'s, which every program shares`,
    );
  const reason = known[meaning.role];
  if (reason !== undefined) throw new RenameRefused(reason);
  return meaning;
}

/** Where the new name means something already: in a module for items, in their definition for all else. */
function takenBy(declared: Declaration, uses: readonly Use[], to: string): string | undefined {
  const isItem = declared.module.items.get(declared.name.text)?.name === declared.name;
  const places = isItem ? uses : uses.filter(({ declares }) => declares);
  for (const { module, span } of places) {
    if (isItem && (module.items.has(to) || module.imports.has(to)))
      return `\`${to}\` means something in ${module.path} already`;
    const around = [...module.items.values()].find((item) => holds(item.span, span.start));
    if (around !== undefined && wordsOf(around.span).has(to))
      return `\`${to}\` means something in \`${around.name.text}\` already`;
  }
  return undefined;
}

function wordsOf({ file, start, end }: Span): ReadonlySet<string> {
  return new Set(lexPart(file, start, end).tokens.map(({ image }) => image));
}
