/**
 * A source text to its syntax tree. Never fails: what cannot be read is reported, at most one fault an
 * item (and every parted quantity), and every other item is kept.
 */

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceFile } from "../source/file.ts";
import type { File, Item } from "./ast.ts";
import { buildItem } from "./build.ts";
import { type Building, docsOf, settle } from "./build-parts.ts";
import { type Chunk, chunksOf, mended } from "./chunks.ts";
import { itemFault } from "./faults.ts";
import { lex } from "./lex.ts";
import { noSuchItem, strayFault, unclosedString, unindented } from "./lexical-faults.ts";
import { parseItem } from "./parser.ts";
import { UnclosedString } from "./tokens.ts";

export interface ParseResult {
  readonly file: File;
  readonly diagnostics: readonly Diagnostic[];
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

  // Stray letters before the first item, or in a file that has nothing else.
  const firstStart = chunks[0]?.tokens[0].startOffset ?? Number.POSITIVE_INFINITY;
  const leading = strays.find((stray) => stray.start < firstStart);
  if (leading !== undefined) diagnostics.push(strayFault(leading));

  chunks.forEach((chunk, index) => {
    const start = chunk.tokens[0].startOffset;
    const end = chunks[index + 1]?.tokens[0].startOffset ?? Number.POSITIVE_INFINITY;
    const found: Found[] = strays
      .filter((stray) => stray.start >= start && stray.start < end)
      .map((stray) => ({ at: stray.start, diagnostic: strayFault(stray) }));
    const [word] = chunk.unindented;
    if (word !== undefined) {
      found.push({ at: word.startOffset, diagnostic: unindented(source, chunk.unindented) });
    }
    for (const token of chunk.tokens) {
      if (token.tokenType !== UnclosedString) continue;
      found.push({ at: token.startOffset, diagnostic: unclosedString(source, token) });
    }
    const building: Building = { source, docs, faults: [] };
    const item = readChunk(building, chunk, found);
    if (item !== undefined) items.push(item);
    for (const diagnostic of building.faults) {
      if (diagnostic.slug === "split-quantity") diagnostics.push(diagnostic);
      else found.push({ at: diagnostic.primary.span.start, diagnostic });
    }
    const [earliest] = found.sort((one, other) => one.at - other.at);
    if (earliest !== undefined) diagnostics.push(earliest.diagnostic);
  });

  diagnostics.sort((one, other) => one.primary.span.start - other.primary.span.start);
  return { file: { source, items, comments }, diagnostics };
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
