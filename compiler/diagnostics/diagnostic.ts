/**
 * A fault of the user's program, as a value. Stages return diagnostics and go on; nothing throws one.
 * Words are chosen where the fault is found, from what is known there; codes.ts lists the codes.
 */

import type { Span } from "../source/file.ts";
import type { AllowableSlug, Slug } from "./codes.ts";

export interface Diagnostic {
  readonly slug: Slug;
  readonly severity: "error" | "warning";
  /** One sentence: what is. No full stop. */
  readonly title: string;
  readonly primary: Label;
  /** At most three other places that explain the first. */
  readonly secondary: readonly Label[];
  /** Why it matters, whole sentences, one a line. */
  readonly notes: readonly string[];
  /** The ways out, best first. */
  readonly fixes: readonly Fix[];
}

export interface Label {
  readonly span: Span;
  /** What is to be seen there; may be empty for the primary place. */
  readonly text: string;
}

/** A way out. With `edits`, a machine may apply it. */
export interface Fix {
  readonly text: string;
  readonly edits?: readonly Edit[];
}

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export interface DiagnosticParts {
  readonly at: Span;
  readonly title: string;
  readonly label?: string;
  readonly secondary?: readonly Label[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly Fix[];
}

export function error(slug: Slug, parts: DiagnosticParts): Diagnostic {
  return diagnostic(slug, "error", parts);
}

export function warning(slug: AllowableSlug | "allow-unused", parts: DiagnosticParts): Diagnostic {
  return diagnostic(slug, "warning", parts);
}

/** A fix that replaces one span. */
export function replace(span: Span, text: string, shown = text): Fix {
  return { text: shown, edits: [{ span, text }] };
}

function diagnostic(slug: Slug, severity: "error" | "warning", parts: DiagnosticParts): Diagnostic {
  return {
    slug,
    severity,
    title: parts.title,
    primary: { span: parts.at, text: parts.label ?? "" },
    secondary: parts.secondary ?? [],
    notes: parts.notes ?? [],
    fixes: parts.fixes ?? [],
  };
}
