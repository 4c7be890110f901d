/** What the sources of a program allow, and which of it a check of them can tell to be unused. */

import { type Allow, covers } from "../diagnostics/allow.ts";
import { allowable } from "../diagnostics/codes.ts";
import type { Program } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import { allowsOf, type ReadAllows } from "../syntax/allow.ts";
import type { Pipeline } from "./pipeline.ts";

export function allowsIn({ modules }: Program): ReadAllows {
  const read = modules.map(({ file }) => allowsOf(file));
  return {
    allows: read.flatMap(({ allows }) => allows),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

/**
 * Not what rows or a device may yet make a warning of where the comment stands, and nothing at all where a step could not
 * be read: with a model that is not on this machine, its warnings are not found.
 */
export function judgedBySources(program: Program, pipeline: Pipeline): (allow: Allow) => boolean {
  const items = [...program.entry.items.values()];
  const steps = items.filter(
    ({ kind }) => kind === "train" || kind === "evaluate" || kind === "export",
  );
  if (pipeline.steps.length < steps.length) return () => false;
  const later = {
    sources: [],
    rows: [...datasetItems(program), ...datasetsRead(pipeline)],
    device: steps.map(({ name }) => name.span),
  };
  return (allow) => !later[allowable[allow.slug]].some((place) => covers(allow, place));
}

function datasetItems({ modules }: Program): Span[] {
  return modules.flatMap(({ items }) =>
    [...items.values()].flatMap(({ kind, name }) => (kind === "dataset" ? [name.span] : [])),
  );
}

/** Those that a step makes for itself, too. */
function datasetsRead({ steps }: Pipeline): Span[] {
  return steps.flatMap((step) => {
    if (step.kind === "export") return [];
    const held = step.kind === "train" ? step.evaluate?.on : undefined;
    return [step.dataset.at, ...(held === undefined ? [] : [held.at])];
  });
}
