/** Our offsets and the protocol's positions. Both count UTF-16 units, so only lines and columns differ: theirs begin at 0. */

import { fileURLToPath, pathToFileURL } from "node:url";
import type { Location, Position, Range } from "vscode-languageserver";
import { lineText, positionOf, type SourceFile, type Span } from "../source/file.ts";
import type { Sources } from "./sources.ts";

export function protocolPosition(file: SourceFile, offset: number): Position {
  const { line, column } = positionOf(file, offset);
  return { line: line - 1, character: column - 1 };
}

export function rangeOf({ file, start, end }: Span): Range {
  return { start: protocolPosition(file, start), end: protocolPosition(file, end) };
}

/** A place beyond a line's end is that end, as the protocol asks. */
export function offsetOf(file: SourceFile, { line, character }: Position): number {
  const { lines, text } = file;
  if (line >= lines.length) return text.length;
  return lines[line] + Math.min(character, lineText(file, line + 1).length);
}

export function holds(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}

/** A text that was never saved has no path: what the editor calls it stands for one. A drive has one letter. */
export function pathOf(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

export function addressOf(path: string): string {
  return /^[A-Za-z][\w+.-]+:/.test(path) ? path : pathToFileURL(path).href;
}

/** Undefined for a text that is of no file. */
export function locationOf(span: Span, sources: Sources): Location | undefined {
  const path = sources.pathOf(span.file);
  return path === undefined ? undefined : { uri: addressOf(path), range: rangeOf(span) };
}
