/**
 * `// ftc: allow FT411 — the tables are longer than a window`: a comment on a line of its own that allows one code on the
 * next line. Comments that begin with `ftc:` are these and nothing else: one that cannot be read so is an error, because
 * its author believes that it does something.
 */

import type { IToken } from "chevrotain";
import { type Allow, allowOfError } from "../diagnostics/allow.ts";
import { type AllowableSlug, codeOf, isAllowable, type Slug } from "../diagnostics/codes.ts";
import { type Diagnostic, type Edit, error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { nearestCode, slugOf } from "../diagnostics/explain.ts";
import { positionOf, type SourceFile, type Span, textOf } from "../source/file.ts";
import type { Comment, File } from "./ast.ts";
import { lex } from "./lex.ts";
import { opensLine } from "./tokens.ts";

/** The reason as an editor puts it in for the author, who has yet to say it. */
export const unwrittenReason = "why";

export interface ReadAllows {
  readonly allows: readonly Allow[];
  /** Of comments that allow nothing as they are written. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Puts such a comment above the line on which a span begins. */
export function allowAbove(span: Span, slug: Slug, reason: string): Edit {
  const { file } = span;
  const [start] = lineAround(file, span.start);
  const text = `${indentAt(span)}${allowComment(slug, reason)}\n`;
  return { span: { file, start, end: start }, text };
}

/** Whether a comment is, or means to be, one that is read here. */
export function isForCompiler({ text }: Comment): boolean {
  return /^\s*ftc:/.test(text);
}

export function allowsOf({ source, comments }: File): ReadAllows {
  const own = comments.filter(isForCompiler);
  if (own.length === 0) return { allows: [], diagnostics: [] };
  const { tokens } = lex(source);
  const allows: Allow[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const comment of own) {
    const read = slugIn(comment);
    if (typeof read !== "string") diagnostics.push(read);
    else {
      const { span } = comment;
      const covers = nextLine(source, tokens, span.end);
      allows.push({ slug: read, span, line: wholeLine(span), covers });
    }
  }
  return { allows, diagnostics };
}

// Reading ----------------------------------------------------------------------------------------

/** A word, a code, and a sign with a reason, as far as they are there. */
const written = /^(\/+\s*ftc:\s*)(\S*)(\s*)(FT\d+(?=-)|[^\s—–:,]*)(.*)$/i;
const sign = /^\s*(?:—|–|--?|:)/;

/** The code that a comment allows, or why it allows none. */
function slugIn(comment: Comment): AllowableSlug | Diagnostic {
  const [, before = "", word = "", between = "", code = "", rest = ""] =
    written.exec(textOf(comment.span)) ?? [];
  const slug = slugOf(code);
  const part = (offset: number, { length }: string): Span => {
    const start = comment.span.start + offset;
    return { file: comment.span.file, start, end: start + length };
  };
  if (word !== "allow") return notAllow(comment, part(before.length, word), slug !== undefined);
  if (code === "") return unclear(comment, "this comment allows nothing, since it names no code");
  if (slug === undefined)
    return noSuchCode(part(before.length + word.length + between.length, code));
  // A bare number among words is more likely a number.
  const more = rest.split(/[\s,]+/).flatMap((one) => (/\D/.test(one) && slugOf(one)) || []);
  if (/^\s*,/.test(rest) || (more.length > 0 && !sign.test(rest)))
    return severalCodes(comment, [slug, ...more], rest);
  if (!isAllowable(slug)) return neverAWarning(comment, slug);
  if (!sign.test(rest) && rest.trim() !== "") return noSign(comment, slug, rest.trim());
  const reason = rest.replace(sign, "").trim();
  if (!isReason(reason)) return noReason(comment, slug);
  const { file, start } = comment.span;
  if (comment.documents) return asDocumentation(comment, slug, reason);
  return opensLine(file.text, start) ? slug : besideCode(comment, slug, reason);
}

/** Words, and more than the one that stands for a reason. */
function isReason(text: string): boolean {
  const words = text.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  return words !== "" && words.toLowerCase() !== unwrittenReason;
}

// Places -----------------------------------------------------------------------------------------

/**
 * The next line that holds more than comments, with the lines on which a parenthesis or bracket that opens there is still
 * open: so a comment allows the same before and after `ftc fmt` breaks a line.
 */
function nextLine(file: SourceFile, tokens: readonly IToken[], after: number): Span | undefined {
  const below = tokens.filter(({ startOffset }) => startOffset >= after);
  if (below.length === 0) return undefined;
  const [first] = lineAround(file, below[0].startOffset);
  let end = first;
  let open = 0;
  for (const { startOffset, image } of below) {
    if (startOffset > end && open === 0 && end !== first) break;
    end = Math.max(end, lineAround(file, startOffset)[1]);
    if (image === "(" || image === "[") open++;
    else if (image === ")" || image === "]") open--;
  }
  return { file, start: first, end };
}

/** Where the line of an offset begins, and where it ends. */
function lineAround(file: SourceFile, offset: number): readonly [start: number, end: number] {
  const { line } = positionOf(file, offset);
  return [file.lines[line - 1], (file.lines[line] ?? file.text.length + 1) - 1];
}

/** The comment's line with its end, or, beside something, the comment and the space before it. */
function wholeLine({ file, start, end }: Span): Span {
  if (!opensLine(file.text, start)) {
    const before = file.text.slice(0, start).trimEnd().length;
    return { file, start: before, end };
  }
  const [first, last] = lineAround(file, start);
  return { file, start: first, end: Math.min(last + 1, file.text.length) };
}

// Faults -----------------------------------------------------------------------------------------

const form = "`// ftc: allow FT411 — the reason` on the line above what it allows";

function unclear(comment: Comment, title: string, fixes: readonly Fix[] = []): Diagnostic {
  return error("allow-unclear", {
    at: comment.span,
    title,
    notes: ["Comments that begin with `ftc:` allow one code each, and mean nothing else."],
    fixes: fixes.length > 0 ? fixes : [{ text: `write ${form}` }],
  });
}

/** What other tools call it, and what a slip makes of it. */
const otherWords = /^(?:disable|ignore|silence|suppress|skip|off|noqa|expect|al+ows?)/i;

function notAllow(comment: Comment, span: Span, namesCode: boolean): Diagnostic {
  const word = textOf(span);
  const fixes =
    namesCode && otherWords.test(word)
      ? [replace(span, "allow", `write \`allow\` for \`${word}\``)]
      : [];
  return unclear(comment, `\`ftc: ${word}\` says nothing to ftc: it reads \`ftc: allow\``, fixes);
}

function noSuchCode(span: Span): Diagnostic {
  const code = textOf(span);
  const near = nearestCode(code);
  return error("allow-of-no-code", {
    at: span,
    title: `there is no code ${code}, so nothing is allowed`,
    fixes: near === undefined ? [{ text: "`ftc explain` lists the codes" }] : [replace(span, near)],
  });
}

function neverAWarning({ span }: Comment, slug: Slug): Diagnostic {
  const title = `${codeOf(slug)} is never a warning, and an error is never allowed`;
  return allowOfError({ span, line: wholeLine(span) }, title, []);
}

function noReason(comment: Comment, slug: Slug): Diagnostic {
  const code = codeOf(slug);
  return error("allow-without-reason", {
    at: comment.span,
    title: `${code} is to be allowed here, and nothing says why`,
    notes: ["Without its reason, nobody can tell later whether it still holds."],
    fixes: [{ text: `say it after a dash: \`// ftc: allow ${code} — short answers are meant\`` }],
  });
}

function severalCodes(comment: Comment, slugs: readonly Slug[], rest: string): Diagnostic {
  const reason = /(?:—|–|\s--?\s|:)\s*(.*)$/.exec(rest)?.[1].trim() || unwrittenReason;
  const isAlone = opensLine(comment.span.file.text, comment.span.start);
  const indent = indentAt(comment.span);
  const text = slugs.map((slug) => allowComment(slug, reason)).join(`\n${indent}`);
  return unclear(
    comment,
    "a comment allows one code, and this one names several",
    isAlone && slugs.length > 1 ? [replace(comment.span, text, "give each a line of its own")] : [],
  );
}

function noSign(comment: Comment, slug: Slug, reason: string): Diagnostic {
  return unclear(comment, `nothing parts ${codeOf(slug)} from its reason`, [
    replace(comment.span, allowComment(slug, reason), "put a dash between them"),
  ]);
}

function asDocumentation(comment: Comment, slug: Slug, reason: string): Diagnostic {
  return unclear(comment, "`///` is documentation, which allows nothing", [
    replace(comment.span, allowComment(slug, reason), "begin it with `//`"),
  ]);
}

function besideCode(comment: Comment, slug: Slug, reason: string): Diagnostic {
  return unclear(comment, "this comment stands beside its line, and allows what is on the next", [
    {
      text: "move it to a line of its own, above this one",
      edits: [allowAbove(comment.span, slug, reason), { span: wholeLine(comment.span), text: "" }],
    },
  ]);
}

function indentAt({ file, start }: Span): string {
  const [first] = lineAround(file, start);
  return /^[ \t]*/.exec(file.text.slice(first))?.[0] ?? "";
}

function allowComment(slug: Slug, reason: string): string {
  return `// ftc: allow ${codeOf(slug)} — ${reason}`;
}
