/**
 * A source text to its syntax tree. Never fails: what cannot be read is reported, at most one fault an
 * item (and every parted quantity), and every other item is kept.
 */

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { cover, type SourceFile, type Span, textOf } from "../source/file.ts";
import type { File, Item } from "./ast.ts";
import { buildItem } from "./build.ts";
import { type Building, docsOf, settle } from "./build-parts.ts";
import { type Chunk, chunksOf, mended } from "./chunks.ts";
import { itemBudget, tooDeep } from "./depth.ts";
import { depthFault, itemFault } from "./faults.ts";
import { lex } from "./lex.ts";
import {
  noSuchItem,
  notUtf8,
  replacement,
  strayFault,
  unclosedString,
  unindented,
} from "./lexical-faults.ts";
import { parseItem } from "./parser.ts";
import { spanOf } from "./site.ts";
import { opensLine, UnclosedString } from "./tokens.ts";

export interface ParseResult {
  readonly file: File;
  readonly diagnostics: readonly Diagnostic[];
  /** All of the text but space and the comments between items. */
  readonly stretches: readonly Stretch[];
}

/** What was read as one item, up to the last letter that belongs to it. */
export interface Stretch {
  readonly span: Span;
  /** Undefined where there is a fault, and the item, if there is one in the tree, was guessed at. */
  readonly sound: Item | undefined;
}

/** A fault and where it came to light, which decides the one of an item that is reported. */
interface Found {
  readonly at: number;
  readonly diagnostic: Diagnostic;
}

export function parse(source: SourceFile): ParseResult {
  const { tokens, comments, strays } = lex(source);
  const docs = docsOf(source, comments);
  const chunks = chunksOf(source, tokens);
  const diagnostics: Diagnostic[] = [];
  const items: Item[] = [];
  const stretches: Stretch[] = [];

  const unreadable = notUtf8(source);
  if (unreadable !== undefined) diagnostics.push(unreadable);
  const startOf = (index: number) => chunks[index]?.tokens[0].startOffset ?? source.text.length;

  // Letters before the first item, or in a file that has nothing else, are faults of their own.
  const parts = parted(strays, chunks);
  const straysIn = (part: number) => parts[part] ?? [];
  const before = straysIn(0);
  const [leading] = strayFaults(before);
  if (leading !== undefined) diagnostics.push(leading.diagnostic);
  // What they stand before on its line begins no item, and must not come to stand on a line of its own.
  const joined = chunks.length > 0 && !opensLine(source.text, startOf(0)) ? before : [];
  const [first, ...others] = before;
  if (first !== undefined && joined.length === 0) {
    stretches.push({ span: others.reduce(cover, first), sound: undefined });
  }

  chunks.forEach((chunk, index) => {
    const building: Building = { source, docs, faults: [], holes: 0 };
    const own = straysIn(index + 1);
    const found = [...strayFaults(own), ...wordFaults(source, chunk)];
    const item = readChunk(building, chunk, found);
    if (item !== undefined) items.push(item);
    const isSound = found.length === 0 && building.faults.length === 0 && own.length === 0;
    const last = spanOf(source, chunk.tokens[chunk.tokens.length - 1]);
    const letters = index === 0 ? [...joined, ...own] : own;
    const whole = letters.reduce(cover, cover(spanOf(source, chunk.tokens[0]), last));
    stretches.push({ span: whole, sound: isSound ? item : undefined });
    for (const diagnostic of building.faults) {
      if (diagnostic.slug === "split-quantity") diagnostics.push(diagnostic);
      else found.push({ at: diagnostic.primary.span.start, diagnostic });
    }
    const [earliest] = found.sort((one, other) => one.at - other.at);
    // Where bytes could not be read, everything else follows from that.
    const text = source.text.slice(startOf(index), startOf(index + 1));
    const readable = unreadable === undefined || !text.includes(replacement);
    if (earliest !== undefined && readable) diagnostics.push(earliest.diagnostic);
  });

  diagnostics.sort((one, other) => one.primary.span.start - other.primary.span.start);
  return { file: { source, items, comments }, diagnostics, stretches };
}

/** The letters that begin no token: those before the first chunk, then those of each chunk. */
function parted(strays: readonly Span[], chunks: readonly Chunk[]): readonly Span[][] {
  const parts: Span[][] = [[]];
  let next = 0;
  for (const stray of strays) {
    while (next < chunks.length && chunks[next].tokens[0].startOffset <= stray.start) {
      parts.push([]);
      next++;
    }
    parts[parts.length - 1].push(stray);
  }
  return parts;
}

function strayFaults(strays: readonly Span[]): Found[] {
  return strays
    .filter((stray) => !textOf(stray).includes(replacement))
    .map((stray) => ({ at: stray.start, diagnostic: strayFault(stray) }));
}

/** Faults that single tokens show, before anything is parsed. */
function wordFaults(source: SourceFile, chunk: Chunk): Found[] {
  const found = chunk.tokens
    .filter((token) => token.tokenType === UnclosedString)
    .map((token) => ({ at: token.startOffset, diagnostic: unclosedString(source, token) }));
  const [word] = chunk.unindented;
  if (word === undefined) return found;
  return [...found, { at: word.startOffset, diagnostic: unindented(source, chunk.unindented) }];
}

function readChunk(building: Building, chunk: Chunk, found: Found[]): Item | undefined {
  const { source } = building;
  if (!chunk.isItem) {
    const mend = mended(chunk);
    const diagnostic = noSuchItem(source, chunk.tokens, mend?.word);
    // It comes before all other faults of the chunk, which it may have caused.
    found.push({ at: -1, diagnostic });
    return mend === undefined ? undefined : readItem(building, mend.chunk, []);
  }
  return readItem(building, chunk, found);
}

function readItem(building: Building, chunk: Chunk, found: Found[]): Item | undefined {
  const { tokens } = chunk;
  const deep = tooDeep(tokens, itemBudget);
  if (deep !== undefined) {
    found.push({ at: deep.startOffset, diagnostic: depthFault(building.source, deep) });
    return undefined;
  }
  const { node, faults } = parseItem(tokens);
  const [fault] = faults;
  if (fault !== undefined) {
    const attempt = (candidate: typeof tokens) => parseItem(candidate).faults[0];
    const diagnostic = itemFault(building.source, tokens, fault, attempt);
    const atEnd = Number.isNaN(fault.token.startOffset);
    found.push({ at: atEnd ? Number.POSITIVE_INFINITY : fault.token.startOffset, diagnostic });
  }
  const last = tokens[tokens.length - 1];
  settle(node, tokens[0].startOffset, last.startOffset + last.image.length);
  return buildItem(building, node);
}
