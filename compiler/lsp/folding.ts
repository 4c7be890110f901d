/** What an editor can fold: whatever braces hold, runs of comments, and the imports. */

import { type FoldingRange, FoldingRangeKind } from "vscode-languageserver";
import type { Span } from "../source/file.ts";
import type { File } from "../syntax/ast.ts";
import { walk } from "../syntax/walk.ts";
import { protocolPosition } from "./places.ts";

export function foldingRanges(file: File): readonly FoldingRange[] {
  const ranges = new Map<number, FoldingRange>();
  walk(file, ({ span }) => {
    const { start, end } = linesOf(span);
    // An outer node that begins on the same line folds the inner one too.
    if (end > start && !ranges.has(start)) {
      const isClosed = /[})\]]/.test(file.source.text[span.end - 1]);
      ranges.set(start, { startLine: start, endLine: isClosed ? end - 1 : end });
    }
    return true;
  });
  const imports = file.items.filter((item) => item.kind === "import").map(({ span }) => span);
  const folds = [...ranges.values()].filter(({ startLine, endLine }) => endLine > startLine);
  return [
    ...folds,
    ...run(imports, FoldingRangeKind.Imports),
    ...runsOf(file.comments.map(({ span }) => span)),
  ];
}

/** Comments on lines that follow one another. */
function runsOf(spans: readonly Span[]): FoldingRange[] {
  const runs: Span[][] = [];
  for (const span of spans) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && linesOf(last).end + 1 === linesOf(span).start)
      runs.at(-1)?.push(span);
    else runs.push([span]);
  }
  return runs.flatMap((one) => run(one, FoldingRangeKind.Comment));
}

function run(spans: readonly Span[], kind: FoldingRangeKind): FoldingRange[] {
  const [first, last] = [spans.at(0), spans.at(-1)];
  if (first === undefined || last === undefined) return [];
  const range = { startLine: linesOf(first).start, endLine: linesOf(last).end, kind };
  return range.endLine > range.startLine ? [range] : [];
}

function linesOf({ file, start, end }: Span): { readonly start: number; readonly end: number } {
  return { start: protocolPosition(file, start).line, end: protocolPosition(file, end).line };
}
