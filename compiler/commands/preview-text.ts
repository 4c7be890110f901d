/**
 * Rows of a dataset as people read them: text wrapped to the page, what is learned in green, or underlined
 * by carets where there are no colours; special tokens as they are spelt, a line for each document.
 */

import { createColors } from "picocolors";
import { counted, showCount } from "../../runtime/count.ts";
import type {
  DocumentPreview,
  Piece,
  Preview,
  PreviewCounts,
  WindowPreview,
} from "../../runtime/data/preview.ts";
import { showLine, widthOf } from "../diagnostics/columns.ts";

export interface Page {
  readonly columns: number;
  readonly colours: boolean;
}

/** A character of the text and how it is shown. */
interface Cell {
  readonly text: string;
  readonly width: number;
  readonly learned: boolean;
  readonly special: boolean;
}

const margin = "  ";
/** A line is never narrower, however narrow the page says it is. */
const narrowest = 16;
/** How much of what was cut off is shown: its beginning tells what is missing. */
const cutShown = 60;

/** `index` counts the rows shown, from 0. Ends with an empty line. */
export function drawPreview(row: Preview, index: number, page: Page): string {
  const { bold } = createColors(page.colours);
  switch (row.kind) {
    case "row":
      return [
        `${bold(`row ${index + 1}`)} · ${placeOf(row.origin)}`,
        ...valueLines(row.values, page),
        ...(row.pieces === undefined ? [] : textLines(row.pieces, page)),
        "",
      ].join("\n");
    case "tokens":
      return [
        `${bold(`row ${index + 1}`)} · ${headOf(row)}`,
        ...valueLines(row.values, page),
        ...documentLines(row, page),
        "",
      ].join("\n");
    case "window":
      return [...windowLines(row, page), ""].join("\n");
    default:
      return row satisfies never;
  }
}

/** What there is in all, and how to read what is above. */
export function drawCounts(counts: PreviewCounts, page: Page): string {
  const { rows, windows, tokens, learned } = counts;
  const parts = [
    windows === undefined ? [] : counted(windows, "window"),
    counted(rows, "row"),
    tokens === undefined ? [] : counted(tokens, "token"),
    learned === undefined
      ? []
      : `${showCount(learned)} learned, ${page.colours ? "in green" : "marked ^"}`,
  ].flat();
  return `in all ${parts.join(", ")}`;
}

function windowLines(window: WindowPreview, page: Page): string[] {
  const { bold, dim } = createColors(page.colours);
  const { documents, padding, length } = window;
  const counts = [
    counted(length, "token"),
    counted(documents.length, "document"),
    padding === 0 ? [] : `${padding} of padding`,
  ].flat();
  const values = Object.entries(window.values).map(
    ([name, value]) => `${margin}${dim(name)} ${value}`,
  );
  return [
    `${bold(`window ${window.index + 1}`)} · ${counts.join(", ")}`,
    ...values,
    ...documents.flatMap((document) => [
      dim(`─ ${headOf(document)}`),
      ...documentLines(document, page),
    ]),
  ];
}

function headOf(document: DocumentPreview): string {
  const { pieces, learned, cut } = document;
  const counts = `${counted(pieces.length, "token")}, ${learned} learned`;
  return `${placeOf(document.origin)} · ${counts}${cut === undefined ? "" : `, ${cut.count} cut off`}`;
}

function documentLines(document: DocumentPreview, page: Page): string[] {
  const { yellow } = createColors(page.colours);
  const lines = textLines(document.pieces, page);
  if (document.cut === undefined) return lines;
  const { text } = document.cut;
  const shown = JSON.stringify(text.length > cutShown ? `${text.slice(0, cutShown)}…` : text);
  return [
    ...lines,
    ...wrapped(plainCells(`cut off: ${shown}`), page)
      .map(plainLine)
      .map(yellow),
  ];
}

function valueLines(values: Readonly<Record<string, unknown>>, page: Page): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    wrapped(plainCells(`${name}: ${JSON.stringify(value)}`), page).map(plainLine),
  );
}

function placeOf({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}

// Text ------------------------------------------------------------------------------------------

function textLines(pieces: readonly Piece[], page: Page): string[] {
  const lines = wrapped(pieces.flatMap(cellsOf), page);
  return lines.flatMap((cells) => (page.colours ? [colouredLine(cells)] : markedLine(cells)));
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Line ends become visible and stay where they are, so one that is learned can be marked. */
function cellsOf({ text, learned, special }: Omit<Piece, "id">): Cell[] {
  return [...graphemes.segment(text)].map(({ segment }) => {
    const shown = /^\r?\n$/.test(segment) ? lineEnd : showLine(segment).text;
    return { text: shown, width: widthOf(shown), learned, special };
  });
}

function plainCells(text: string): Cell[] {
  return cellsOf({ text, learned: false, special: false });
}

const lineEnd = "↵";

/** Lines that fit the page; a long one breaks after a space where there is one in its second half. */
function wrapped(cells: readonly Cell[], page: Page): Cell[][] {
  const room = Math.max(narrowest, page.columns - margin.length);
  const lines: Cell[][] = [];
  let line: Cell[] = [];
  let width = 0;
  for (const cell of cells) {
    if (width + cell.width > room) {
      const space = line.findLastIndex((one) => one.text === " ");
      const rest = space >= line.length / 2 ? line.splice(space + 1) : [];
      lines.push(line);
      line = rest;
      width = rest.reduce((sum, one) => sum + one.width, 0);
    }
    line.push(cell);
    width += cell.width;
    if (cell.text !== lineEnd) continue;
    lines.push(line);
    line = [];
    width = 0;
  }
  return line.length > 0 ? [...lines, line] : lines;
}

function plainLine(cells: readonly Cell[]): string {
  return `${margin}${cells.map((cell) => cell.text).join("")}`;
}

/** The line, and under it a row of carets if any of it is learned. */
function markedLine(cells: readonly Cell[]): string[] {
  const marks = cells.map((cell) => (cell.learned ? "^" : " ").repeat(cell.width)).join("");
  const line = plainLine(cells);
  return marks.trim() === "" ? [line] : [line, `${margin}${marks.trimEnd()}`];
}

function colouredLine(cells: readonly Cell[]): string {
  const colours = createColors(true);
  let line = margin;
  for (let at = 0; at < cells.length; ) {
    const { learned, special } = cells[at];
    let end = at + 1;
    while (end < cells.length && cells[end].learned === learned && cells[end].special === special)
      end++;
    const text = cells
      .slice(at, end)
      .map((cell) => cell.text)
      .join("");
    const painted = learned ? colours.green(text) : text;
    line += special ? colours.underline(painted) : painted;
    at = end;
  }
  return line;
}
