/** Faults as an editor shows them: in the words of `ftc check`, without the lines of source that the editor has. */

import {
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as Shown,
} from "vscode-languageserver";
import { addressOf as modelAddress } from "../core/model.ts";
import { codeOf } from "../diagnostics/codes.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { addressOf, rangeOf } from "./places.ts";
import type { Analysis } from "./session.ts";
import type { Sources } from "./sources.ts";

/** Those of the file itself: a library's faults are shown where the library is open. */
export function diagnosticsOf(analysis: Analysis, sources: Sources): Shown[] {
  const own = analysis.diagnostics.filter(({ primary }) => primary.span.file === analysis.source);
  return [...own.map((one) => shownDiagnostic(one, sources)), ...absentModels(analysis)];
}

export function shownDiagnostic(diagnostic: Diagnostic, sources: Sources): Shown {
  const { severity, slug, primary, secondary } = diagnostic;
  return {
    range: rangeOf(primary.span),
    severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: codeOf(slug),
    source: "ftc",
    message: messageOf(diagnostic),
    relatedInformation: secondary.flatMap(({ span, text }): DiagnosticRelatedInformation[] => {
      const path = sources.pathOf(span.file);
      return path === undefined
        ? []
        : [
            {
              location: { uri: addressOf(path), range: rangeOf(span) },
              message: text || "see here",
            },
          ];
    }),
    ...(slug === "never-read" ? { tags: [DiagnosticTag.Unnecessary] } : {}),
  };
}

/** The title, what is to be seen at the place, why it matters, and the ways out. */
function messageOf({ title, primary, notes, fixes }: Diagnostic): string {
  return [
    title,
    ...(primary.text === "" ? [] : [primary.text]),
    ...notes,
    ...fixes.map(({ text }, index) => `${index === 0 ? "try" : "or "} ${text}`),
  ].join("\n");
}

/** What depends on a model that was never fetched is not checked, and that is said. */
function absentModels({ program, absent }: Analysis): Shown[] {
  return [...program.entry.items.values()].flatMap((item) => {
    if (item.kind !== "model" || item.from === undefined) return [];
    const address = modelAddress(item);
    if (address === undefined || !absent.has(address)) return [];
    return [
      {
        range: rangeOf(item.from.span),
        severity: DiagnosticSeverity.Information,
        source: "ftc",
        message: `${address} is not on this machine yet, so its layers, and what is made of it, are not checked here.\n\`ftc check ${program.entry.path}\` fetches it.`,
      },
    ];
  });
}
