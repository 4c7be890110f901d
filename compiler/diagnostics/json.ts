/** Diagnostics for machines: `--json`, one object each. Lines and columns count from 1, offsets from 0. */

import { positionOf, type Span } from "../source/file.ts";
import { codeOf } from "./codes.ts";
import type { Diagnostic, Label } from "./diagnostic.ts";

export interface JsonSpan {
  readonly path: string;
  readonly start: JsonPosition;
  readonly end: JsonPosition;
}

export interface JsonPosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface JsonDiagnostic {
  readonly code: string;
  readonly slug: string;
  readonly severity: "error" | "warning";
  readonly title: string;
  readonly primary: { readonly span: JsonSpan; readonly text: string };
  readonly secondary: readonly { readonly span: JsonSpan; readonly text: string }[];
  readonly notes: readonly string[];
  readonly fixes: readonly {
    readonly text: string;
    /** Left out where a machine may not apply it. */
    readonly edits?: readonly { readonly span: JsonSpan; readonly text: string }[];
  }[];
}

export function toJson(diagnostic: Diagnostic): JsonDiagnostic {
  return {
    code: codeOf(diagnostic.slug),
    slug: diagnostic.slug,
    severity: diagnostic.severity,
    title: diagnostic.title,
    primary: labelJson(diagnostic.primary),
    secondary: diagnostic.secondary.map(labelJson),
    notes: diagnostic.notes,
    fixes: diagnostic.fixes.map(({ text, edits }) =>
      edits === undefined
        ? { text }
        : { text, edits: edits.map((edit) => ({ span: spanJson(edit.span), text: edit.text })) },
    ),
  };
}

function labelJson({ span, text }: Label): JsonDiagnostic["primary"] {
  return { span: spanJson(span), text };
}

function spanJson({ file, start, end }: Span): JsonSpan {
  return {
    path: file.path,
    start: { ...positionOf(file, start), offset: start },
    end: { ...positionOf(file, end), offset: end },
  };
}
