/** Every place where a name means the same, in all programs of the open folders. */

import type { Location } from "vscode-languageserver";
import type { Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { Findings } from "../types/findings.ts";
import type { Declaration } from "./declaration.ts";
import { meaningAt } from "./definition.ts";
import { locationOf } from "./places.ts";
import type { Analysis, Session } from "./session.ts";
import { type Use, usesIn } from "./uses.ts";

export async function referencesAt(
  analysis: Analysis,
  offset: number,
  session: Session,
  withDeclaration: boolean,
): Promise<readonly Location[]> {
  const meaning = meaningAt(analysis, offset);
  if (meaning?.kind !== "declaration") return [];
  const uses = await usesOf(meaning, analysis, session);
  return uses
    .filter((use) => withDeclaration || !use.declares)
    .flatMap(({ span }) => locationOf(span, session.sources) ?? []);
}

/** In the file itself only, for the editor to mark. */
export function highlightsAt(analysis: Analysis, offset: number): readonly Span[] {
  const meaning = meaningAt(analysis, offset);
  if (meaning?.kind !== "declaration") return [];
  const { program, findings } = analysis;
  return usesIn(program.entry, findings)
    .filter((use) => isOf(use, meaning))
    .map(({ span }) => span);
}

/** Each place once, a module after those that it imports. */
export async function usesOf(
  declared: Declaration,
  analysis: Analysis,
  session: Session,
): Promise<readonly Use[]> {
  const modules = await modulesThatMayName(analysis, session);
  const found = new Map<string, Use>();
  for (const [module, findings] of modules) {
    const path = session.sources.pathOf(module.file.source) ?? module.path;
    for (const use of usesIn(module, findings)) {
      if (isOf(use, declared)) found.set(`${path} ${use.span.start} ${use.span.end}`, use);
    }
  }
  return [...found.values()];
}

async function modulesThatMayName(
  analysis: Analysis,
  session: Session,
): Promise<ReadonlyMap<Module, Findings>> {
  const modules = new Map<Module, Findings>();
  const add = ({ program, findings }: Analysis) => {
    for (const module of program.modules)
      if (module === program.entry || !modules.has(module)) modules.set(module, findings);
  };
  add(analysis);
  for (const path of session.programs()) {
    const other = await session.analysis(path);
    if (other !== undefined) add(other);
  }
  return modules;
}

function isOf({ meaning }: Use, declared: Declaration): boolean {
  return meaning.kind === "declaration" && meaning.name === declared.name;
}
