/** Every place where a name means the same, in all programs of the open folders. */

import type { Location } from "vscode-languageserver";
import type { Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { Name } from "../syntax/ast.ts";
import { type Columns, columnsIn } from "./columns.ts";
import type { Declaration } from "./declaration.ts";
import { meaningAt } from "./definition.ts";
import { locationOf } from "./places.ts";
import type { Analysis, Session } from "./session.ts";
import { type Facts, type Use, usesIn } from "./uses.ts";

export async function referencesAt(
  analysis: Analysis,
  offset: number,
  session: Session,
  withDeclaration: boolean,
): Promise<readonly Location[]> {
  const meaning = meaningAt(analysis, offset);
  if (meaning?.kind !== "declaration") return [];
  const workspace = await workspaceOf(analysis, session);
  return usesOf(linkedTo(meaning, workspace), workspace)
    .filter((use) => withDeclaration || !use.declares)
    .flatMap(({ span }) => locationOf(span, session.sources) ?? []);
}

/** In the file itself only, for the editor to mark. */
export function highlightsAt(analysis: Analysis, offset: number): readonly Span[] {
  const meaning = meaningAt(analysis, offset);
  if (meaning?.kind !== "declaration") return [];
  const names = new Set(
    (columnsIn([analysis]).of(meaning.name)?.declarations ?? [meaning]).map(({ name }) => name),
  );
  return usesIn(analysis.program.entry, analysis)
    .filter((use) => isOf(use, names))
    .map(({ span }) => span);
}

/** What is known of all that may name something of a program: its modules, and those of the open folders. */
export interface Workspace {
  readonly programs: readonly Analysis[];
  readonly modules: ReadonlyMap<Module, Facts>;
  readonly columns: Columns;
  readonly pathOf: (module: Module) => string;
}

export async function workspaceOf(analysis: Analysis, session: Session): Promise<Workspace> {
  const programs = [analysis];
  for (const path of session.programs()) {
    const other = path === analysis.path ? undefined : await session.analysis(path);
    if (other !== undefined) programs.push(other);
  }
  const modules = new Map<Module, Facts>();
  for (const { program, findings, pipeline } of programs) {
    for (const module of program.modules)
      if (!modules.has(module)) modules.set(module, { findings });
    modules.set(program.entry, { findings, pipeline });
  }
  return {
    programs,
    modules,
    columns: columnsIn(programs),
    pathOf: (module) => session.sources.pathOf(module.file.source) ?? module.path,
  };
}

/** A column has a declaration wherever it is made or read; all else has one. */
export function linkedTo(declared: Declaration, { columns }: Workspace): readonly Declaration[] {
  return columns.of(declared.name)?.declarations ?? [declared];
}

/** Each place once, a module after those that it imports. */
export function usesOf(
  declared: readonly Declaration[],
  { modules, pathOf }: Workspace,
): readonly Use[] {
  const names = new Set(declared.map(({ name }) => name));
  const found = new Map<string, Use>();
  for (const [module, facts] of modules) {
    for (const use of usesIn(module, facts))
      if (isOf(use, names)) found.set(`${pathOf(module)} ${use.span.start} ${use.span.end}`, use);
  }
  return [...found.values()];
}

function isOf({ meaning }: Use, names: ReadonlySet<Name>): boolean {
  return meaning.kind === "declaration" && names.has(meaning.name);
}
