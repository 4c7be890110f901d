/**
 * Where comments go. Each is taken once, in the order of the text: above the element that follows it, at the
 * end of the line of the element before it, or, from the middle of an element, above that element.
 */

import { bug } from "../bug.ts";
import type { SourceFile, Span } from "../source/file.ts";
import type { Comment, File } from "../syntax/ast.ts";
import { endsLine, isSpace, opensLine, spaceFrom } from "../syntax/tokens.ts";
import { type Doc, hardLine, remark } from "./document.ts";

/** Something that can stand on lines of its own, with its comments. */
export interface Element {
  readonly doc: Doc;
  /** What stands above it: comments, each with whether a blank line follows it. */
  readonly above: readonly Above[];
  /** The comment at the end of its line. */
  readonly beside: Comment | undefined;
  /** Whether a blank line parts it, with what stands above it, from what comes before. */
  readonly isParted: boolean;
}

interface Above {
  readonly comment: Comment;
  readonly blankAfter: boolean;
}

export class Comments {
  readonly #source: SourceFile;
  readonly #comments: readonly Comment[];
  #taken = 0;
  /** Comments from the middle of each element that is being printed, the innermost last. */
  readonly #inside: Comment[][] = [];

  constructor(file: File) {
    this.#source = file.source;
    this.#comments = file.comments;
  }

  get areAllTaken(): boolean {
    return this.#taken === this.#comments.length;
  }

  /** The comments before an offset that nobody took. */
  takeBefore(offset: number): Comment[] {
    const first = this.#taken;
    while (this.#comments[this.#taken]?.span.start < offset) this.#taken++;
    return this.#comments.slice(first, this.#taken);
  }

  /** Sends what stands before an offset above the element that is being printed. */
  lift(offset: number): void {
    const taken = this.takeBefore(offset);
    const inside = this.#inside.at(-1);
    if (taken.length === 0) return;
    if (inside === undefined) bug("a comment stands in the middle of no element");
    for (const comment of taken) inside.push(comment);
  }

  /** Whether a comment that nobody took stands before an offset. */
  hasBefore(offset: number): boolean {
    return this.#comments[this.#taken]?.span.start < offset;
  }

  /**
   * Prints an element. A comment after it on its line is its own where nothing but `separator` stands between;
   * undefined leaves that comment to whatever holds the element.
   */
  element(span: Span, separator: string | undefined, print: () => Doc): Element {
    const above = this.takeBefore(span.start);
    this.#inside.push([]);
    const doc = print();
    this.lift(span.end);
    const inside = this.#inside.pop() ?? [];
    const beside = separator === undefined ? undefined : this.#takeBeside(span.end, separator);
    const isParted = this.#blankBefore(above[0]?.span.start ?? span.start);
    return {
      doc,
      above: [...this.#lifted(inside), ...this.#spaced(above, span.start)],
      beside,
      isParted,
    };
  }

  /** The comments before the bracket that closes a list, which follow its last element. */
  dangling(closer: number): Element[] {
    return this.takeBefore(closer).map((comment) => ({
      doc: textOfComment(comment),
      above: [],
      beside: undefined,
      isParted: this.#blankBefore(comment.span.start),
    }));
  }

  /** Whether a blank line stands right before an offset. */
  #blankBefore(offset: number): boolean {
    const { text } = this.#source;
    let start = offset;
    while (isSpace(text[start - 1])) start--;
    return spaceFrom(text, start).lines > 1;
  }

  #takeBeside(end: number, separator: string): Comment | undefined {
    const comment = this.#comments[this.#taken];
    if (comment === undefined) return undefined;
    const { text } = this.#source;
    let at = end;
    while (isSpaceInLine(text[at])) at++;
    if (separator !== "" && at < comment.span.start && text.startsWith(separator, at)) {
      at += separator.length;
      while (isSpaceInLine(text[at])) at++;
    }
    if (at !== comment.span.start) return undefined;
    this.#taken++;
    return comment;
  }

  /** From the middle of an element: documentation of nothing, which must not become that of the element. */
  #lifted(comments: readonly Comment[]): Above[] {
    return comments.map((comment, at) => ({
      comment,
      blankAfter: comment.documents && comments[at + 1]?.documents !== true,
    }));
  }

  /** A blank line is kept, and put in where documentation would otherwise come to stand right above its element. */
  #spaced(comments: readonly Comment[], start: number): Above[] {
    const { text } = this.#source;
    return comments.map((comment, at) => {
      const { span } = comment;
      const next = comments[at + 1]?.span.start ?? start;
      const space = spaceFrom(text, span.end);
      const leadsOn = opensLine(text, span.start) && space.end >= next;
      return { comment, blankAfter: space.lines > 1 || (comment.documents && !leadsOn) };
    });
  }
}

function isSpaceInLine(letter: string | undefined): boolean {
  return isSpace(letter) && !endsLine(letter);
}

/** As it is written, with a space after its slashes. */
export function textOfComment({ span: { file, start, end } }: Comment): string {
  return file.text
    .slice(start, end)
    .trimEnd()
    .replace(/^(\/{2,3})(?=[\p{L}\p{N}])/u, "$1 ");
}

/** An element with what stands above and beside it; `last` comes before the comment beside it. */
export function withComments({ doc, above, beside }: Element, last = ""): Doc {
  const lines = above.map(({ comment, blankAfter }) => [
    textOfComment(comment),
    hardLine,
    blankAfter ? hardLine : "",
  ]);
  return [...lines, doc, last, beside === undefined ? "" : remark(` ${textOfComment(beside)}`)];
}

export function hasComments({ above, beside }: Element): boolean {
  return above.length > 0 || beside !== undefined;
}
