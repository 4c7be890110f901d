/** What is told of a program out of all that its stages found: each fault once, in the source's order, no consequences. */

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { positionOf, textOf } from "../source/file.ts";
import type { Program } from "./module.ts";

/** Faults of one line stand as they were found, and those of a module after those of the modules that it imports. */
export function told(program: Program, found: readonly Diagnostic[]): Diagnostic[] {
  const isMissed = missedNames(program, found);
  const places = new Map(program.modules.map(({ file }, at) => [file.source, at]));
  const placeOf = ({ primary: { span } }: Diagnostic) => places.get(span.file) ?? 0;
  const lineOf = ({ primary: { span } }: Diagnostic) => positionOf(span.file, span.start).line;
  return distinct(found)
    .filter((fault) => !isMissed(fault))
    .sort((one, other) => placeOf(one) - placeOf(other) || lineOf(one) - lineOf(other));
}

/** A fault that two stages see is said once. */
function distinct(found: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return found.filter(({ slug, title, primary: { span } }) => {
    const key = `${slug} ${title} ${span.file.path} ${span.start}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** Whether a fault is of a name that was to come from an item without a word or from an import without a source. */
function missedNames(
  { modules }: Program,
  found: readonly Diagnostic[],
): (fault: Diagnostic) => boolean {
  const names = new Set(found.flatMap((fault) => nameAfter(fault) ?? []));
  // One that is misspelt in the import is there under the name that was meant.
  const mended = new Set(
    found.flatMap(({ primary, fixes }) => (fixes[0]?.edits ? primary.span : [])),
  );
  const imports = new Set(
    modules.flatMap(({ file, imports }) =>
      file.items.flatMap((item) => {
        if (item.kind !== "import") return [];
        const brought = item.names.length > 0 ? item.names : item.path.slice(-1);
        return brought.filter(({ text, span }) => !imports.has(text) && !mended.has(span));
      }),
    ),
  );
  const places = new Set([...imports].map(({ span }) => span));
  for (const { text } of imports) names.add(text);
  return ({ slug, primary: { span } }) =>
    slug === "no-such-name" && !places.has(span) && names.has(textOf(span));
}

/** What an item would have been called whose word there is not. */
function nameAfter({ slug, primary: { span } }: Diagnostic): string | undefined {
  if (slug !== "no-such-item") return undefined;
  return /^[ \t]+(\w+)/.exec(span.file.text.slice(span.end))?.[1];
}
