/**
 * The ways out that a machine may apply, as the editor offers them: those of `ftc check`, at the fault, and of a warning
 * the comment that allows it, whose reason is left to the author.
 */

import { type CodeAction, CodeActionKind, type Range, type TextEdit } from "vscode-languageserver";
import { isStandard } from "../commands/library.ts";
import { codeOf, isAllowable } from "../diagnostics/codes.ts";
import type { Diagnostic, Edit, Fix } from "../diagnostics/diagnostic.ts";
import { allowAbove, unwrittenReason } from "../syntax/allow.ts";
import { shownDiagnostic } from "./diagnostics.ts";
import { addressOf, offsetOf, rangeOf } from "./places.ts";
import type { Analysis } from "./session.ts";
import type { Sources } from "./sources.ts";

export function fixesIn(analysis: Analysis, range: Range, sources: Sources): readonly CodeAction[] {
  const start = offsetOf(analysis.source, range.start);
  const end = offsetOf(analysis.source, range.end);
  return analysis.diagnostics.flatMap((diagnostic) => {
    const { span } = diagnostic.primary;
    if (span.file !== analysis.source || span.start > end || span.end < start) return [];
    const fixes = [...diagnostic.fixes, ...allowing(diagnostic)];
    return fixes.flatMap((fix): CodeAction[] => {
      const changes = fix.edits && changesOf(fix.edits, sources);
      if (changes === undefined) return [];
      return [
        {
          title: fix.text.split("\n")[0],
          kind: CodeActionKind.QuickFix,
          diagnostics: [shownDiagnostic(diagnostic, sources)],
          isPreferred: fix === diagnostic.fixes[0],
          edit: { changes },
        },
      ];
    });
  });
}

/** The reason that it leaves open is refused, so the comment allows nothing until its author has said one. */
function allowing({ severity, slug, primary }: Diagnostic): readonly Fix[] {
  if (severity === "error" || !isAllowable(slug)) return [];
  const edits = [allowAbove(primary.span, slug, unwrittenReason)];
  return [{ text: `allow ${codeOf(slug)} here, and say why`, edits }];
}

/** Undefined where one would change the standard library. */
function changesOf(
  edits: readonly Edit[],
  sources: Sources,
): Record<string, TextEdit[]> | undefined {
  const changes: Record<string, TextEdit[]> = {};
  for (const { span, text } of edits) {
    const path = sources.pathOf(span.file);
    if (path === undefined || isStandard(path)) return undefined;
    const own = changes[addressOf(path)] ?? [];
    own.push({ range: rangeOf(span), newText: text });
    changes[addressOf(path)] = own;
  }
  return changes;
}
