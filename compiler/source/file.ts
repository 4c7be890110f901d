/** A source text and the arithmetic of its positions. Offsets count UTF-16 units, as JavaScript does. */

/** A half-open range of one file, by offset. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A place as people read it: both numbers count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceFile {
  /** As it is shown in messages: relative to where the command ran, or `std/llama.ftp`. */
  readonly path: string;
  readonly text: string;
  /** The offset at which each line begins: after a line feed, a carriage return or both, as editors count. */
  readonly lines: readonly number[];
}

export function sourceFile(path: string, text: string): SourceFile {
  const lines = [0];
  for (const end of text.matchAll(/\r\n?|\n/g)) lines.push(end.index + end[0].length);
  return { path, text, lines };
}

/** The line and column of an offset. */
export function positionOf(file: SourceFile, offset: number): Position {
  let low = 0;
  let high = file.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (file.lines[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - file.lines[low] + 1 };
}

/** The text of a line, counted from 1, without its line end. */
export function lineText(file: SourceFile, line: number): string {
  const start = file.lines[line - 1];
  let end = line < file.lines.length ? file.lines[line] : file.text.length;
  if (end > start && file.text[end - 1] === "\n") end--;
  if (end > start && file.text[end - 1] === "\r") end--;
  return file.text.slice(start, end);
}

/** The smallest span that covers both. */
export function cover(first: Span, last: Span): Span {
  return {
    file: first.file,
    start: Math.min(first.start, last.start),
    end: Math.max(first.end, last.end),
  };
}

export function textOf(span: Span): string {
  return span.file.text.slice(span.start, span.end);
}
