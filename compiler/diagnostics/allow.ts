/**
 * What comments allow, held against what was found: a warning that is allowed where it stands is left out, an error never
 * is. How such a comment is written is read in syntax/allow.ts.
 */

import type { Span } from "../source/file.ts";
import { type AllowableSlug, allowable, codeOf } from "./codes.ts";
import { type Diagnostic, error, type Fix, type Label, replace, warning } from "./diagnostic.ts";

/** A comment that allows one code. */
export interface Allow {
  readonly slug: AllowableSlug;
  /** The comment. */
  readonly span: Span;
  /** What it takes to leave it out: the comment with its line. */
  readonly line: Span;
  /** Where it allows the code; undefined where nothing stands below it. */
  readonly covers: Span | undefined;
}

/**
 * What is left of `found`, and what is to be said of the comments. `judges` says whether this was the look at the program
 * that would have found what a comment allows, if it were there. After an error none was: much was not looked at.
 */
export function withAllows(
  found: readonly Diagnostic[],
  allows: readonly Allow[],
  judges: (allow: Allow) => boolean,
): Diagnostic[] {
  if (allows.length === 0) return [...found];
  const heeded = new Set<Allow>();
  const kept = found.flatMap((diagnostic) => {
    const allow = allows.find((one) => allowsIt(one, diagnostic));
    if (allow === undefined) return [diagnostic];
    const isFirst = !heeded.has(allow);
    heeded.add(allow);
    if (diagnostic.severity === "warning") return [];
    if (!isFirst) return [diagnostic];
    const title = `${codeOf(allow.slug)} is an error here, and an error is never allowed`;
    const there = [{ span: diagnostic.primary.span, text: "the error" }];
    return [allowOfError(allow, title, there), diagnostic];
  });
  const hasErrors = kept.some(({ severity }) => severity === "error");
  const unused = hasErrors ? [] : allows.filter((allow) => !heeded.has(allow) && judges(allow));
  return [...kept, ...unused.map(unusedAllow)];
}

/** Whether an allow holds at the place where a span begins. */
export function covers({ covers }: Allow, { file, start }: Span): boolean {
  return covers?.file === file && covers.start <= start && start <= covers.end;
}

function allowsIt(allow: Allow, { slug, primary }: Diagnostic): boolean {
  return allow.slug === slug && covers(allow, primary.span);
}

/** Of a comment that allows what is an error, with the places of the error. */
export function allowOfError(
  { span, line }: Pick<Allow, "span" | "line">,
  title: string,
  secondary: readonly Label[],
): Diagnostic {
  return error("allow-of-error", {
    at: span,
    title,
    secondary,
    notes: ["A warning lets the run go on, so its author may say that it is meant. This does not."],
    fixes: [removal(line)],
  });
}

function unusedAllow({ slug, span, line, covers }: Allow): Diagnostic {
  const code = codeOf(slug);
  return warning("allow-unused", {
    at: span,
    title:
      covers === undefined
        ? `nothing stands below this comment, so there is no ${code} to allow`
        : `there is no ${code} on the next line to allow`,
    notes: [
      "It would hide the next one, which nobody has looked at.",
      ...(allowable[slug] === "rows"
        ? ["What rows show is said where their dataset is named."]
        : []),
    ],
    fixes: [removal(line)],
  });
}

function removal(line: Span): Fix {
  return replace(line, "", "leave the comment out");
}
