/**
 * A name changed wherever it means the same, in all programs of the open folders. Refused is what others know by its
 * name: what the standard library has, parts and fields that files of models name, columns that files of rows have.
 */

import type { Range, TextEdit, WorkspaceEdit } from "vscode-languageserver";
import { isStandard } from "../commands/library.ts";
import type { NamedItem } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import { lexPart } from "../syntax/lex.ts";
import type { Column } from "./columns.ts";
import type { Declaration, Meaning } from "./declaration.ts";
import { meaningAt } from "./definition.ts";
import { nameInFiles } from "./known-names.ts";
import { addressOf, holds, rangeOf } from "./places.ts";
import { linkedTo, usesOf, type Workspace, workspaceOf } from "./references.ts";
import type { Analysis, Session } from "./session.ts";
import { modelUnder, pathsOf } from "./tree-path.ts";
import { type Use, useAt, usesIn } from "./uses.ts";

/** Why not, in a sentence. */
export class RenameRefused extends Error {
  override readonly name = "RenameRefused";
}

/** The range of the name at a place. Throws RenameRefused for one that cannot be another. */
export async function renameable(
  analysis: Analysis,
  offset: number,
  session: Session,
): Promise<Range> {
  const use = useAt(usesIn(analysis.program.entry, analysis), offset);
  const { declared } = await renamed(use?.meaning, analysis, session);
  return rangeOf(use?.span ?? declared.name.span);
}

/** Throws RenameRefused. */
export async function rename(
  analysis: Analysis,
  offset: number,
  to: string,
  session: Session,
): Promise<WorkspaceEdit> {
  const found = await renamed(meaningAt(analysis, offset), analysis, session);
  if (!isName(to))
    throw new RenameRefused(`\`${to}\` is no name: letters, digits and _, a letter or _ first`);
  const taken = takenBy(found, to);
  if (taken !== undefined) throw new RenameRefused(taken);
  const changes: Record<string, TextEdit[]> = {};
  for (const { span } of found.uses) {
    const path = session.sources.pathOf(span.file);
    if (path === undefined) continue;
    const edits = changes[addressOf(path)] ?? [];
    edits.push({ range: rangeOf(span), newText: to });
    changes[addressOf(path)] = edits;
  }
  return { changes };
}

/** Words of the language that stand for values cannot be names of any. */
function isName(to: string): boolean {
  return /^[A-Za-z_]\w*$/.test(to) && !["true", "false", "none", "if", "else"].includes(to);
}

interface Renamed {
  readonly declared: Declaration;
  readonly uses: readonly Use[];
  /** Where it is a column. */
  readonly column: Column | undefined;
}

async function renamed(
  meaning: Meaning | undefined,
  analysis: Analysis,
  session: Session,
): Promise<Renamed> {
  if (meaning === undefined) throw new RenameRefused("there is no name here that has a meaning");
  if (meaning.kind === "module")
    throw new RenameRefused("a module is called what its file is called: rename the file");
  if (meaning.kind === "language")
    throw new RenameRefused(`\`${meaning.name}\` is the language's own`);
  const workspace = await workspaceOf(analysis, session);
  const uses = usesOf(linkedTo(meaning, workspace), workspace);
  const column = workspace.columns.of(meaning.name);
  const reason =
    shared(meaning, session) ??
    columnKept(meaning, column, workspace, session) ??
    nameInFiles(meaning, workspace.modules) ??
    unknownPath(meaning, workspace) ??
    severalAt(uses, workspace);
  if (reason !== undefined) throw new RenameRefused(reason);
  return { declared: meaning, uses, column };
}

function shared({ name, module }: Declaration, { sources }: Session): string | undefined {
  const path = sources.pathOf(name.span.file);
  if (path !== undefined && !isStandard(path)) return undefined;
  return `\`${name.text}\` is ${module.path}'s, which every program shares`;
}

/** Why a column is called what it is, or why that cannot be told. */
function columnKept(
  { role, name }: Declaration,
  column: Column | undefined,
  { columns }: Workspace,
  session: Session,
): string | undefined {
  const [reason] = column?.reasons ?? [];
  if (reason !== undefined) return reason;
  for (const other of column?.declarations ?? []) {
    const { module, span } = other;
    if (shared(other, session) === undefined) continue;
    const item = itemAround(other);
    return `${item === undefined ? textOf(span) : `\`${item.name.text}\``} of ${module.path} knows this column by its name`;
  }
  const [broken] = columns.broken;
  if (broken !== undefined && (role === "column" || column !== undefined))
    return `\`${broken}\` has a fault, so it is not known where \`${name.text}\` is read: mend that first`;
  return undefined;
}

/** A path that may name a part, over a model that is not on this machine or has a fault. */
function unknownPath({ role, name }: Declaration, { programs }: Workspace): string | undefined {
  if (role !== "part") return undefined;
  for (const { program, pipeline } of programs) {
    for (const item of program.entry.items.values()) {
      if (item.kind !== "adapt" || modelUnder(pipeline, item) !== undefined) continue;
      if (pathsOf(item).some(({ span }) => wordsOf(span).has(name.text)))
        return `the layers of the model that \`${item.name.text}\` adapts are not known here, and its paths have \`${name.text}\``;
    }
  }
  return undefined;
}

/** A pattern such as `**.proj` that names parts of several blocks by the same letters. */
function severalAt(uses: readonly Use[], { modules }: Workspace): string | undefined {
  const own = new Map(uses.map((use) => [`${use.module.path} ${use.span.start}`, use]));
  for (const [module, facts] of modules) {
    for (const { span, meaning } of usesIn(module, facts)) {
      const use = own.get(`${module.path} ${span.start}`);
      if (use === undefined || meaning.kind !== "declaration") continue;
      if (use.meaning.kind !== "declaration" || meaning.name === use.meaning.name) continue;
      if (
        uses.some((one) => one.meaning.kind === "declaration" && one.meaning.name === meaning.name)
      )
        continue;
      return `in ${module.path}, \`${textOf(span)}\` names parts of several blocks at once: write a path for each first`;
    }
  }
  return undefined;
}

/** Where the new name means something already: where the old one stands alone, and where it is declared. */
function takenBy({ declared, uses, column }: Renamed, to: string): string | undefined {
  const { name, module } = declared;
  if (to === name.text) return undefined;
  if (column?.beside.has(to) === true)
    return `rows that have \`${name.text}\` have, or are read for, \`${to}\` already`;
  const isItem = module.items.get(name.text)?.name === name;
  for (const use of uses) {
    if (isItem && (use.module.items.has(to) || use.module.imports.has(to)))
      return `\`${to}\` means something in ${use.module.path} already`;
    if (!use.isBare && !use.declares) continue;
    const around = itemAround(use);
    if (around !== undefined && wordsOf(around.span).has(to))
      return `\`${to}\` means something in \`${around.name.text}\` already`;
  }
  return undefined;
}

function itemAround({ module, ...at }: Use | Declaration): NamedItem | undefined {
  const { start } = "meaning" in at ? at.span : at.name.span;
  return [...module.items.values()].find((item) => holds(item.span, start));
}

function wordsOf({ file, start, end }: Span): ReadonlySet<string> {
  // A string has names in its braces.
  const images = lexPart(file, start, end).tokens.map(({ image }) => image);
  return new Set(images.flatMap((image) => image.match(/\w+/g) ?? []));
}
