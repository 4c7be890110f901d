/**
 * A source text in the one style. An item that does not parse stays as it is, letter by letter. The result means
 * what the text meant: it has the same tree and the same comments, or this is a bug.
 */

import { bug } from "../bug.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type SourceFile, sourceFile } from "../source/file.ts";
import type { Item } from "../syntax/ast.ts";
import { type ParseResult, parse, type Stretch } from "../syntax/parse.ts";
import { printAlike } from "../syntax/print.ts";
import { endsLine } from "../syntax/tokens.ts";
import { Comments, type Element, withComments } from "./comments.ts";
import { layOut } from "./document.ts";
import { itemDoc } from "./items.ts";
import type { Printing } from "./sequence.ts";

export interface Formatted {
  readonly text: string;
  /** What does not parse. */
  readonly diagnostics: readonly Diagnostic[];
}

const widest = 100;

export function format(source: SourceFile): Formatted {
  const parsed = parse(source);
  const { diagnostics } = parsed;
  // Bytes that are no letters are gone from the text, so writing it would destroy them.
  if (diagnostics.some(({ slug }) => slug === "not-utf8"))
    return { text: source.text, diagnostics };
  const text = print(parsed);
  if (text !== source.text) compare(parsed, parse(sourceFile(source.path, text)));
  return { text, diagnostics };
}

function compare(before: ParseResult, after: ParseResult): void {
  const evidence = `${before.file.source.text}\n--- became\n${after.file.source.text}`;
  if (commentsOf(before) !== commentsOf(after)) bug("formatting changed the comments", evidence);
  if (!printAlike(before.file, after.file)) {
    bug("formatting changed what the text means", evidence);
  }
}

function commentsOf({ file }: ParseResult): string {
  return file.comments
    .map(({ text }) => text)
    .sort()
    .join("\n");
}

// Items ------------------------------------------------------------------------------------------

interface Piece {
  readonly element: Element;
  /** The text of the item alone. */
  readonly text: string;
  /** Undefined for what does not parse and for comments at the end. */
  readonly kind: Item["kind"] | undefined;
}

function print({ file, stretches }: ParseResult): string {
  const { text } = file.source;
  const comments = new Comments(file);
  const lineEnd = lineEndOf(text);
  const pieces = stretches.map((stretch) => pieceOf({ text, comments }, stretch, lineEnd));
  for (const element of comments.dangling(text.length)) {
    pieces.push({ element, text: layOut(element.doc, widest), kind: undefined });
  }
  const out = pieces.map((piece, at) => {
    const { element } = piece;
    const isParted = at > 0 && (element.isParted || standApart(pieces[at - 1], piece));
    const above = layOut(withComments({ ...element, doc: "", beside: undefined }), widest);
    const beside = layOut(withComments({ ...element, doc: "", above: [] }), widest);
    const start = isParted ? lineEnd : "";
    return `${start}${above.replaceAll("\n", lineEnd)}${piece.text}${beside}${lineEnd}`;
  });
  return out.join("");
}

function pieceOf(printing: Printing, { span, sound }: Stretch, lineEnd: string): Piece {
  const { text, comments } = printing;
  if (sound !== undefined) {
    const element = comments.element(span, "", () => itemDoc(printing, sound));
    const item = layOut(element.doc, widest).replaceAll("\n", lineEnd);
    return { element, text: item, kind: sound.kind };
  }
  const element = comments.element(span, "", () => {
    // What stands in it is part of its letters.
    comments.takeBefore(span.end);
    return "";
  });
  // Space before it may be what keeps a word from beginning an item.
  let start = span.start;
  while (start > 0 && !endsLine(text[start - 1])) start--;
  const kept = text.slice(start, span.end);
  // A byte order mark is such a space, but not where the file now begins with it.
  const isMarked = start > 0 && kept.startsWith("\uFEFF");
  return { element, text: isMarked ? ` ${kept.slice(1)}` : kept, kind: undefined };
}

/** Items that stand together in a paragraph, even in several lines. */
const plain: ReadonlySet<Item["kind"]> = new Set(["import", "let", "model", "dataset"]);

/** A blank line parts imports from the rest, and blocks of lines and what has documentation from others. */
function standApart(before: Piece, piece: Piece): boolean {
  const { above } = piece.element;
  if (before.kind === undefined || piece.kind === undefined) return false;
  if (above.some(({ blankAfter }) => blankAfter)) return false;
  const isDocumented = above.at(-1)?.comment.documents === true;
  const isImport = (one: Piece) => one.kind === "import";
  return isDocumented || isBlock(before) || isBlock(piece) || isImport(before) !== isImport(piece);
}

function isBlock({ kind, text }: Piece): boolean {
  return kind !== undefined && !plain.has(kind) && text.includes("\n");
}

/** A file whose lines all end as on Windows keeps that; where line ends are mixed, they become one. */
function lineEndOf(text: string): string {
  return text.includes("\n") && !/(^|[^\r])\n/.test(text) ? "\r\n" : "\n";
}
