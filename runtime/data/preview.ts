/**
 * The first rows of a dataset as the model will see them, as plain data, at whatever stage the dataset is:
 * rows as they were read or written by a template, rows of tokens, windows. `ftc preview` shows it.
 */

import { textStream } from "../tokenizer/stream.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { learnedCount } from "./dataset.ts";
import type { Origin } from "./fault.ts";
import type { Flow, Row, TokenFlow, TokenRow, Values, WindowFlow } from "./row.ts";
import { paddingSegment } from "./windows.ts";

export type Preview = RowPreview | DocumentPreview | WindowPreview;

/** A piece of text: a token, or a stretch of what a template wrote. */
export interface Piece {
  readonly text: string;
  readonly learned: boolean;
  /** The token; undefined before there are tokens. */
  readonly id: number | undefined;
  /** A mark that no text can spell by accident: `<|end|>`. */
  readonly special: boolean;
}

/** A row that is not tokens yet. `pieces` are undefined until a template has written it. */
export interface RowPreview {
  readonly kind: "row";
  readonly origin: Origin;
  /** The columns that are still there. */
  readonly values: Values;
  readonly pieces: readonly Piece[] | undefined;
}

export interface DocumentPreview {
  readonly kind: "tokens";
  readonly origin: Origin;
  readonly values: Values;
  readonly pieces: readonly Piece[];
  /** Tokens that the loss falls on: learned, and not the first. */
  readonly learned: number;
  /** Tokens that were cut off the end, and what they say. */
  readonly cut: { readonly count: number; readonly text: string } | undefined;
}

export interface WindowPreview {
  readonly kind: "window";
  /** From 0. */
  readonly index: number;
  readonly length: number;
  /** In order; each sees itself alone. */
  readonly documents: readonly DocumentPreview[];
  /** Places that are filled up and that nothing sees. */
  readonly padding: number;
  /** Columns of one value a window: labels, scores. */
  readonly values: Readonly<Record<string, number>>;
}

export interface PreviewCounts {
  readonly rows: number;
  /** Undefined before there are windows. */
  readonly windows: number | undefined;
  /** Undefined before there are tokens. */
  readonly tokens: number | undefined;
  readonly learned: number | undefined;
}

export interface PreviewOptions {
  /** Rows, or windows. */
  readonly count: number;
  /** Columns that no stage has used up. */
  readonly columns: ReadonlySet<string>;
  /** The flow that windows were made from: it still has what they cut off. */
  readonly before: TokenFlow | undefined;
}

export async function previewOf(flow: Flow, options: PreviewOptions): Promise<readonly Preview[]> {
  const { count, columns, before } = options;
  switch (flow.kind) {
    case "rows":
      return flow.rows.slice(0, count).map((row) => rowPreview(row, columns));
    case "tokens":
      return Promise.all(
        flow.rows.slice(0, count).map((row) => documentPreview(row, undefined, flow, columns)),
      );
    case "windows": {
      const whole = new Map(before?.rows.map((row) => [row.origin, row]));
      const indices = Array.from({ length: Math.min(count, flow.count) }, (_, index) => index);
      return Promise.all(indices.map((index) => windowPreview(flow, index, whole, columns)));
    }
    default:
      return flow satisfies never;
  }
}

export function countsOf(flow: Flow): PreviewCounts {
  const rows = flow.rows.length;
  if (flow.kind === "rows")
    return { rows, windows: undefined, tokens: undefined, learned: undefined };
  return {
    rows,
    windows: flow.kind === "windows" ? flow.count : undefined,
    tokens: flow.rows.reduce((sum, row) => sum + row.tokens.length, 0),
    learned: flow.rows.reduce((sum, row) => sum + learnedCount(row), 0),
  };
}

function kept(values: Values, columns: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => columns.has(name)));
}

function rowPreview(row: Row, columns: ReadonlySet<string>): RowPreview {
  const { marked, origin } = row;
  const values = kept(row.values, columns);
  if (marked === undefined) return { kind: "row", origin, values, pieces: undefined };
  const pieces: Piece[] = [];
  const add = (start: number, end: number, learned: boolean): void => {
    const text = marked.text.slice(start, end);
    if (text !== "") pieces.push({ text, learned, id: undefined, special: false });
  };
  let at = 0;
  for (const [start, end] of marked.learn) {
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, marked.text.length, false);
  return { kind: "row", origin, values, pieces };
}

/** `whole` is the row before its end was cut off, where it was. */
async function documentPreview(
  row: TokenRow,
  whole: TokenRow | undefined,
  { tokenizer }: TokenFlow | WindowFlow,
  columns: ReadonlySet<string>,
): Promise<DocumentPreview> {
  const texts = await textsOf(row.tokens, tokenizer);
  const pieces = texts.map((text, at) => ({
    text,
    learned: row.learn[at] === 1,
    id: row.tokens[at],
    special: tokenizer.isSpecial(row.tokens[at]),
  }));
  const rest = whole?.tokens.subarray(row.tokens.length);
  const isCut = rest !== undefined && rest.length > 0;
  return {
    kind: "tokens",
    origin: row.origin,
    values: kept(row.values, columns),
    pieces,
    learned: learnedCount(row),
    cut: isCut ? { count: rest.length, text: await tokenizer.decode(rest, true) } : undefined,
  };
}

async function windowPreview(
  flow: WindowFlow,
  index: number,
  whole: ReadonlyMap<Origin, TokenRow>,
  columns: ReadonlySet<string>,
): Promise<WindowPreview> {
  const rows = flow.rows.filter((_, at) => flow.windowOf[at] === index);
  const from = index * flow.length;
  const segments = flow.columns.segment.data.subarray(from, from + flow.length);
  const values: Record<string, number> = {};
  for (const [name, column] of Object.entries(flow.columns)) {
    if (column.shape.length === 0) values[name] = column.data[index];
  }
  return {
    kind: "window",
    index,
    length: flow.length,
    documents: await Promise.all(
      rows.map((row) => documentPreview(row, whole.get(row.origin), flow, columns)),
    ),
    padding: segments.filter((segment) => segment === paddingSegment).length,
    values,
  };
}

/**
 * The text of each token. The bytes of one character can be in several tokens: the last of them has it, and
 * the others the empty text.
 */
async function textsOf(ids: Int32Array, tokenizer: Tokenizer): Promise<readonly string[]> {
  const texts: string[] = [];
  let from = 0;
  for (let at = 0; at <= ids.length; at++) {
    if (at < ids.length && !tokenizer.isSpecial(ids[at])) continue;
    texts.push(...(await plainTexts(ids.subarray(from, at), tokenizer)));
    if (at < ids.length) texts.push(tokenizer.tokenOf(ids[at]) ?? "");
    from = at + 1;
  }
  return texts;
}

async function plainTexts(ids: Int32Array, tokenizer: Tokenizer): Promise<readonly string[]> {
  const texts: string[] = [];
  const stream = textStream(tokenizer);
  for (const id of ids) texts.push(await stream.push(id));
  const rest = await stream.finish();
  if (texts.length > 0) texts[texts.length - 1] += rest;
  return texts;
}
