/**
 * Diagnostics as people read them: a title, the source lines with carets, notes, and the ways out.
 * `✎` marks a way out that a machine may apply.
 */

import { createColors } from "picocolors";
import { lineText, positionOf, type SourceFile } from "../source/file.ts";
import { codeOf } from "./codes.ts";
import { lettersOf, showLine, widthOf } from "./columns.ts";
import type { Diagnostic, Label } from "./diagnostic.ts";

export interface RenderOptions {
  readonly colour: boolean;
  /** `short` is one line: `path:line:col: error[FT501] title`. */
  readonly style: "full" | "short";
  /** How wide the reader's terminal is; undefined where nobody knows. */
  readonly columns?: number | undefined;
}

const plain: RenderOptions = { colour: false, style: "full" };

/** Longer source lines are cut, with an ellipsis, around what is marked. */
const widest = 140;
/** A terminal that is narrower yet has to wrap. */
const narrowest = 20;

type Paint = (text: string) => string;

interface Palette {
  readonly severity: Paint;
  readonly bold: Paint;
  readonly gutter: Paint;
  readonly secondary: Paint;
  readonly fix: Paint;
}

/** Under the words that a way out begins with. */
const indent = " ".repeat("try ✎ ".length);

/** One diagnostic, without a newline at its end. */
export function render(diagnostic: Diagnostic, options: RenderOptions = plain): string {
  const palette = paletteOf(diagnostic, options.colour);
  if (options.style === "short") {
    const head = palette.severity(headOf(diagnostic));
    return `${placeOf(diagnostic.primary)}: ${head} ${diagnostic.title}`;
  }

  const frames = framesOf(diagnostic);
  const digits = Math.max(
    ...frames.flatMap((frame) => frame.lines.map((line) => String(line.number).length)),
  );
  const margin = " ".repeat(digits + 3);
  const columns = Math.max(options.columns ?? Number.POSITIVE_INFINITY, narrowest + margin.length);
  const page: Page = { margin, room: columns - margin.length, palette };
  return [
    ...drawTitle(diagnostic, page),
    ...frames.flatMap((frame) => drawFrame(frame, digits, page)),
    ...diagnostic.notes.flatMap((note) =>
      linesOf(note, page.room).map((line) => `${margin}${line}`),
    ),
    ...drawFixes(diagnostic, page),
  ].join("\n");
}

/** Several, with an empty line between them unless each is one line. */
export function renderAll(
  diagnostics: readonly Diagnostic[],
  options: RenderOptions = plain,
): string {
  const between = options.style === "short" ? "\n" : "\n\n";
  return diagnostics.map((diagnostic) => render(diagnostic, options)).join(between);
}

/** Where a diagnostic is drawn: `room` columns beside a margin. */
interface Page {
  readonly margin: string;
  readonly room: number;
  readonly palette: Palette;
}

function headOf({ severity, slug }: Diagnostic): string {
  return `${severity}[${codeOf(slug)}]`;
}

function drawTitle(diagnostic: Diagnostic, { margin, room, palette }: Page): string[] {
  const head = headOf(diagnostic);
  const [first = "", ...others] = linesOf(`${head} ${diagnostic.title}`, room + margin.length);
  return [
    `${palette.severity(head)} ${palette.bold(first.slice(head.length + 1))}`,
    ...others.map((line) => palette.bold(line)),
  ];
}

/** The lines of a text, each wrapped between words where it is wider than the room. */
function linesOf(text: string, room: number): string[] {
  return text.split("\n").flatMap((line) => {
    if (widthOf(line) <= room) return [line];
    const lines: string[] = [];
    for (const word of line.split(/(?<=\S) /)) {
      const longer = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`;
      if (lines.length > 0 && widthOf(longer) <= room) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  });
}

function paletteOf(diagnostic: Diagnostic, colour: boolean): Palette {
  const colours = createColors(colour);
  const severity = diagnostic.severity === "error" ? colours.red : colours.yellow;
  return {
    severity: (text) => colours.bold(severity(text)),
    bold: colours.bold,
    gutter: colours.blue,
    secondary: colours.cyan,
    fix: colours.green,
  };
}

function placeOf({ span }: Label): string {
  const { line, column } = positionOf(span.file, span.start);
  return `${span.file.path}:${line}:${column}`;
}

// Frames -----------------------------------------------------------------------------------------

/** The marked lines of one file. */
interface Frame {
  readonly file: SourceFile;
  readonly place: string;
  readonly lines: readonly { readonly number: number; readonly marks: readonly Mark[] }[];
}

interface Mark {
  readonly primary: boolean;
  /** Offsets in the line; a span over several lines is marked on its first. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The primary label's file first, the others in the order of their labels. */
function framesOf(diagnostic: Diagnostic): Frame[] {
  const labels = [diagnostic.primary, ...diagnostic.secondary];
  const files = new Set(labels.map((label) => label.span.file));
  return [...files].map((file) => {
    const here = labels.filter((label) => label.span.file === file);
    const lines = new Map<number, Mark[]>();
    for (const label of here) {
      const { line } = positionOf(file, label.span.start);
      const marks = lines.get(line) ?? [];
      marks.push(markOf(label, line, label === diagnostic.primary));
      lines.set(line, marks);
    }
    return {
      file,
      place: placeOf(here[0]),
      lines: [...lines]
        .sort(([one], [other]) => one - other)
        .map(([number, marks]) => ({ number, marks })),
    };
  });
}

function markOf({ span, text }: Label, line: number, primary: boolean): Mark {
  const lineStart = span.file.lines[line - 1];
  const length = lineText(span.file, line).length;
  const start = Math.min(span.start - lineStart, length);
  return { primary, start, end: Math.max(Math.min(span.end - lineStart, length), start), text };
}

function drawFrame(frame: Frame, digits: number, page: Page): string[] {
  const { palette } = page;
  const blank = " ".repeat(digits);
  const out = [`${blank} ${palette.gutter("┌─")} ${frame.place}`];
  let before: number | undefined;
  for (const { number, marks } of frame.lines) {
    if (before !== undefined && number > before + 1) out.push(`${blank} ${palette.gutter("·")}`);
    before = number;
    const drawn = drawLine(lineText(frame.file, number), marks, page);
    const gutter = palette.gutter(`${String(number).padStart(digits)} │`);
    out.push(`${gutter} ${drawn.source}`.trimEnd());
    for (const row of drawn.rows) out.push(`${blank} ${palette.gutter("│")} ${row}`.trimEnd());
  }
  return out;
}

// Lines ------------------------------------------------------------------------------------------

interface PlacedMark {
  readonly primary: boolean;
  readonly column: number;
  readonly width: number;
  readonly text: string;
}

function drawLine(whole: string, all: readonly Mark[], { room, palette }: Page) {
  const { line, marks } = nearMarks(whole, all);
  const shown = showLine(line);
  const placed: PlacedMark[] = marks
    .map((mark) => {
      const column = shown.columns[mark.start];
      const width = Math.max(shown.columns[mark.end] - column, 1);
      return { primary: mark.primary, column, width, text: mark.text };
    })
    .sort((one, other) => one.column - other.column);
  // Two columns are for the ellipses.
  const window = windowOf(shown.text, placed, Math.min(widest, room - 2));
  const visible = placed.map((mark) => clip(mark, window));
  return { source: window.text, rows: drawMarks(visible, palette) };
}

/** Of a line, what may be shown of it: a machine's may be as long as its file, and have thousands of faults. */
const nearby = 4 * widest;

/** The part of a line around the primary mark, or the first one. */
function nearMarks(line: string, marks: readonly Mark[]) {
  if (line.length <= 2 * nearby) return { line, marks };
  const { start } = marks.find((mark) => mark.primary) ?? marks[0];
  const from = Math.max(0, start - nearby);
  const cut = line.slice(from, start + nearby);
  const inside = (offset: number) => Math.min(Math.max(offset - from, 0), cut.length);
  return {
    line: cut,
    marks: marks.map((mark) => ({ ...mark, start: inside(mark.start), end: inside(mark.end) })),
  };
}

interface Window {
  readonly text: string;
  /** The columns that are left out on the left, and where what is shown begins and ends. */
  readonly shift: number;
  readonly from: number;
  readonly to: number;
}

/** The part of a long line that holds as much as fits of what is marked, the primary mark first. */
function windowOf(text: string, marks: readonly PlacedMark[], most: number): Window {
  const width = widthOf(text);
  if (width <= most) return { text, shift: 0, from: 0, to: width + 1 };
  const primary = marks.find((mark) => mark.primary) ?? marks[0];
  const end = primary.column + Math.min(primary.width, most / 2);
  const from = end + 1 < most ? 0 : Math.max(0, end + 20 - most);
  const to = Math.min(width, from + most);
  let column = 0;
  let kept = "";
  for (const letter of lettersOf(text)) {
    if (column >= from && column < to) kept += letter;
    column += widthOf(letter);
  }
  const left = from > 0 ? "…" : "";
  const right = to < width ? "…" : "";
  return { text: `${left}${kept}${right}`, shift: from - left.length, from, to };
}

function clip(mark: PlacedMark, window: Window): PlacedMark {
  const start = Math.min(Math.max(mark.column, window.from), window.to);
  const end = Math.min(Math.max(mark.column + mark.width, start + 1), window.to + 1);
  return { ...mark, column: start - window.shift, width: end - start };
}

/** The row of carets with the last label, then a row for each other label, from right to left. */
function drawMarks(marks: readonly PlacedMark[], palette: Palette): string[] {
  const paint = (mark: PlacedMark) => (mark.primary ? palette.severity : palette.secondary);
  const cells: PlacedMark[] = [];
  // The primary mark is drawn last, over what it shares with others.
  for (const mark of [...marks].sort((one, other) => Number(one.primary) - Number(other.primary))) {
    for (let column = mark.column; column < mark.column + mark.width; column++)
      cells[column] = mark;
  }
  let carets = "";
  for (let column = 0; column < cells.length; ) {
    const mark = cells[column];
    let end = column + 1;
    while (end < cells.length && cells[end] === mark) end++;
    const sign = mark === undefined ? " " : mark.primary ? "^" : "-";
    const run = sign.repeat(end - column);
    carets += mark === undefined ? run : paint(mark)(run);
    column = end;
  }
  const last = marks[marks.length - 1];
  const rows = [last.text === "" ? carets : `${carets} ${paint(last)(last.text)}`];
  for (const mark of marks.slice(0, -1).reverse()) {
    if (mark.text !== "") rows.push(`${" ".repeat(mark.column)}${paint(mark)(mark.text)}`);
  }
  return rows;
}

// Ways out ---------------------------------------------------------------------------------------

function drawFixes(diagnostic: Diagnostic, { margin, room, palette }: Page): string[] {
  return diagnostic.fixes.flatMap((fix, index) => {
    const lead = `${index === 0 ? "try" : "or "} ${fix.edits === undefined ? " " : "✎"} `;
    return linesOf(fix.text, room - indent.length).map(
      (line, row) => `${margin}${row === 0 ? palette.fix(lead) : indent}${line}`,
    );
  });
}
