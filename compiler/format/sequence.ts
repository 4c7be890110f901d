/**
 * Things in a row: what brackets hold, the links of a chain, the lines of a block. Comments break the row that
 * they stand in.
 */

import type { Span } from "../source/file.ts";
import { isSpace } from "../syntax/tokens.ts";
import { type Comments, type Element, hasComments, withComments } from "./comments.ts";
import { type Doc, fill, group, hardLine, line, nest, softLine } from "./document.ts";

/** What every printer needs. */
export interface Printing {
  readonly text: string;
  readonly comments: Comments;
}

export interface Part {
  readonly span: Span;
  readonly print: () => Doc;
}

/** As it is written. */
export function written({ text }: Printing, span: Span): string {
  return text.slice(span.start, span.end);
}

/** The offset of the first letter at or after `offset` that is in no comment. */
export function nextLetter({ text }: Printing, offset: number): number {
  let at = offset;
  for (;;) {
    while (isSpace(text[at])) at++;
    if (!text.startsWith("//", at)) return at;
    while (at < text.length && !/[\n\r]/.test(text[at])) at++;
  }
}

// Brackets ---------------------------------------------------------------------------------------

export interface Brackets {
  readonly open: string;
  readonly close: string;
  /** The offset of the opening bracket. */
  readonly at: number;
  /** Space inside of the brackets where they stand on one line. */
  readonly isLoose?: boolean;
  /** As many to a line as fit, in place of one to a line. */
  readonly isFilled?: boolean;
}

export interface Bracketed {
  readonly doc: Doc;
  /** The same without a group of its own: it breaks when what holds it does. */
  readonly open: Doc;
  /** The offset after the closing bracket. */
  readonly end: number;
}

/** Parts in brackets, with commas between: on one line if they fit, else on lines of their own. */
export function bracketed(
  printing: Printing,
  parts: readonly Part[],
  brackets: Brackets,
): Bracketed {
  const { comments } = printing;
  const { open, close, at, isLoose, isFilled } = brackets;
  comments.lift(at);
  const elements = parts.map(({ span, print }) => comments.element(span, ",", print));
  const end = closerAfter(printing, parts.at(-1)?.span.end ?? at + open.length);
  const dangling = comments.dangling(end);
  if (elements.length === 0 && dangling.length === 0) {
    return { doc: `${open}${close}`, open: `${open}${close}`, end: end + 1 };
  }
  const mustBreak = dangling.length > 0 || elements.some(hasComments);
  const edge = mustBreak ? hardLine : isLoose ? line : softLine;
  const inside = mustBreak
    ? rows([...elements, ...dangling], elements.length)
    : isFilled
      ? fill(elements.map(({ doc }) => doc))
      : commaLines(elements);
  const doc = [open, nest([edge, inside]), edge, close];
  return { doc: group(doc), open: doc, end: end + 1 };
}

/** The offset of the bracket that closes a list, whose last element may have a comma after it. */
export function closerAfter(printing: Printing, offset: number): number {
  const next = nextLetter(printing, offset);
  return printing.text[next] === "," ? nextLetter(printing, next + 1) : next;
}

function commaLines(elements: readonly Element[]): Doc {
  return elements.map(({ doc }, at) => [doc, at < elements.length - 1 ? [",", line] : ""]);
}

/** A line each, without blank lines, and a comma after each of the first `count` but the last of these. */
function rows(elements: readonly Element[], count: number): Doc {
  return elements.map((element, at) => [
    at > 0 ? hardLine : "",
    withComments(element, at < count - 1 ? "," : ""),
  ]);
}

// Chains -----------------------------------------------------------------------------------------

export interface Link extends Part {
  /** The sign before it, where it stands, and undefined for the first link. */
  readonly sign: { readonly text: string; readonly start: number } | undefined;
}

/** `first |> second |> third`: on one line, or a line each that begins with its sign. */
export function chain(printing: Printing, links: readonly Link[]): Doc {
  const { comments } = printing;
  const elements = links.map(({ span, print, sign }, at): Element => {
    const next = links[at + 1]?.sign?.text;
    if (sign !== undefined) {
      return comments.element({ ...span, start: sign.start }, next, () => [
        sign.text,
        " ",
        print(),
      ]);
    }
    // The first link begins on a line with what is before it, so no comment can stand above it.
    const doc = print();
    comments.lift(span.end);
    return { ...comments.element({ ...span, start: span.end }, next, () => ""), doc };
  });
  const [first, ...others] = elements;
  const broken = elements.some(hasComments) ? hardLine : line;
  return group([
    withComments(first),
    nest(others.map((element) => [broken, withComments(element)])),
  ]);
}

// Blocks -----------------------------------------------------------------------------------------

/** Lines in braces, always on lines of their own; a blank line between two of them is kept. `close` is the brace's offset. */
export function block(printing: Printing, parts: readonly Part[], close: number): Doc {
  const { comments } = printing;
  return braced([
    ...parts.map(({ span, print }) => comments.element(span, "", print)),
    ...comments.dangling(close),
  ]);
}

export function braced(elements: readonly Element[]): Doc {
  return elements.length === 0 ? "{}" : ["{", nest([hardLine, lines(elements)]), hardLine, "}"];
}

export function lines(elements: readonly Element[]): Doc {
  return elements.map((element, at) => [
    at === 0 ? "" : [hardLine, element.isParted ? hardLine : ""],
    withComments(element),
  ]);
}
