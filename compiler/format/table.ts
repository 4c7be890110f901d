/** Lines of a block whose signs stand under each other: `name = value`, `name: type = value`, `adapter on path`. */

import { widthOf } from "../diagnostics/columns.ts";
import type { Span } from "../source/file.ts";
import type { Element } from "./comments.ts";
import { type Doc, flat, join } from "./document.ts";
import { braced, type Printing } from "./sequence.ts";

export interface Row {
  readonly span: Span;
  /** The last cell of a row is as wide as it likes; a row of one cell is no part of the table. */
  readonly cells: () => readonly Doc[];
}

/** Wider cells stay out of the table, so that one of them does not push all the others to the right. */
const widestCell = 48;

/** A block in braces; blank lines part it into sections, each with columns of its own. */
export function table(printing: Printing, rows: readonly Row[], close: number): Doc {
  const { comments } = printing;
  const printed = rows.map(({ span, cells }) => {
    let made: readonly Doc[] = [];
    const element = comments.element(span, "", () => {
      made = cells();
      return "";
    });
    return { element, cells: made };
  });
  return braced([...sectionsOf(printed).flatMap(aligned), ...comments.dangling(close)]);
}

interface PrintedRow {
  readonly element: Element;
  readonly cells: readonly Doc[];
}

function sectionsOf(rows: readonly PrintedRow[]): PrintedRow[][] {
  const sections: PrintedRow[][] = [];
  for (const row of rows) {
    const section = sections.at(-1);
    if (section === undefined || row.element.isParted) sections.push([row]);
    else section.push(row);
  }
  return sections;
}

function aligned(rows: readonly PrintedRow[]): Element[] {
  const inTable = new Set(
    rows.filter(({ cells }) => cells.length > 1 && cells.slice(0, -1).every(isNarrow)),
  );
  const widths: number[] = [];
  for (const { cells } of inTable) {
    cells.forEach((cell, column) => {
      if (isNarrow(cell)) widths[column] = Math.max(widths[column] ?? 0, cellWidth(cell));
    });
  }
  return rows.map((row) => {
    const { element, cells } = row;
    if (!inTable.has(row)) return { ...element, doc: join(cells, " ") };
    const padded = cells.map((cell, column) =>
      column === cells.length - 1 ? cell : [cell, " ".repeat(widths[column] - cellWidth(cell) + 1)],
    );
    return { ...element, doc: padded };
  });
}

function isNarrow(cell: Doc): boolean {
  return cellWidth(cell) <= widestCell;
}

function cellWidth(cell: Doc): number {
  const text = flat(cell);
  return text === undefined ? Number.POSITIVE_INFINITY : widthOf(text);
}
