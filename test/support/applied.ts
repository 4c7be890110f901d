/** A text with the edits of a fix made in it. */

import type { Edit } from "../../compiler/diagnostics/diagnostic.ts";

/** From the end on, so that places before an edit stay where they are. */
export function applied(source: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.span.start - a.span.start)
    .reduce(
      (text, { span, text: put }) => text.slice(0, span.start) + put + text.slice(span.end),
      source,
    );
}
