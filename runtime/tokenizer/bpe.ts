/**
 * Learns byte-pair merges (Sennrich et al. 2016, arXiv:1508.07909): the pair of neighbours that is most
 * frequent in the texts becomes a token, again and again. Of equally frequent pairs the one with the lower
 * ids wins, so that the same texts give the same merges. We count pairs ourselves because the library's
 * trainer, as Node has it, reads only files, line by line, takes no size and writes to standard output.
 */

import { byteCharacters, piecesOf } from "./byte-level.ts";

export interface Merges {
  /** By id: the 256 bytes in the order of their characters, then what each merge made. */
  readonly tokens: readonly string[];
  /** In the order in which they apply. */
  readonly merges: readonly (readonly [left: string, right: string])[];
}

/** A piece of text as ids under way, and how often it occurs. */
interface Word {
  symbols: number[];
  readonly count: number;
}

interface Candidate {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** Fewer than `vocabulary` tokens come out only where the texts have no pair left that occurs twice. */
export function learnMerges(texts: Iterable<string>, vocabulary: number): Merges {
  const tokens = [...byteCharacters].sort();
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const pairs = new PairCounts(
    countedWords(
      texts,
      byteCharacters.map((byte) => tokens.indexOf(byte)),
    ),
  );
  const merges: [string, string][] = [];

  while (tokens.length < vocabulary) {
    const best = pairs.mostFrequent();
    if (best === undefined) break;
    const token = tokens[best.left] + tokens[best.right];
    merges.push([tokens[best.left], tokens[best.right]]);
    // Two ways of merging can lead to one token: `a` + `bc` and `ab` + `c`.
    let id = idOf.get(token);
    if (id === undefined) {
      id = tokens.length;
      tokens.push(token);
      idOf.set(token, id);
    }
    pairs.merge(best, id);
  }
  return { tokens, merges };
}

function countedWords(texts: Iterable<string>, idOfByte: readonly number[]): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of piecesOf(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  const encoder = new TextEncoder();
  return [...counts].map(([piece, count]) => ({
    symbols: Array.from(encoder.encode(piece), (byte) => idOfByte[byte]),
    count,
  }));
}

/** How often each pair of neighbours occurs, kept up to date as pairs are merged. */
class PairCounts {
  private readonly words: readonly Word[];
  /** Count, and the words that have or had the pair. */
  private readonly pairs = new Map<number, { count: number; readonly words: Set<number> }>();
  private readonly queue = new Queue();

  constructor(words: readonly Word[]) {
    this.words = words;
    words.forEach((_, index) => {
      this.count(index, 1);
    });
    for (const [key, { count }] of this.pairs) this.queue.push(candidate(key, count));
  }

  /** Undefined when no pair occurs twice. */
  mostFrequent(): Candidate | undefined {
    for (let best = this.queue.pop(); best !== undefined; best = this.queue.pop()) {
      const now = this.pairs.get(keyOf(best.left, best.right))?.count ?? 0;
      if (now === best.count) return now > 1 ? best : undefined;
      // Its count fell since it was queued: it goes back to where it belongs.
      if (now > 0) this.queue.push({ ...best, count: now });
    }
    return undefined;
  }

  merge(pair: Candidate, into: number): void {
    const merged = this.pairs.get(keyOf(pair.left, pair.right));
    if (merged === undefined) return;
    const before = new Map<number, number>();
    for (const index of merged.words) {
      for (const key of this.keysOf(index)) before.set(key, this.pairs.get(key)?.count ?? 0);
    }
    const touched = new Set<number>();
    for (const index of merged.words) {
      this.count(index, -1);
      this.words[index].symbols = mergedSymbols(this.words[index].symbols, pair, into);
      this.count(index, 1);
      for (const key of this.keysOf(index)) touched.add(key);
    }
    this.pairs.delete(keyOf(pair.left, pair.right));
    for (const key of touched) {
      const count = this.pairs.get(key)?.count ?? 0;
      if (count > (before.get(key) ?? 0)) this.queue.push(candidate(key, count));
    }
  }

  private count(index: number, sign: 1 | -1): void {
    for (const key of this.keysOf(index)) {
      const entry = this.pairs.get(key);
      const change = sign * this.words[index].count;
      if (entry === undefined) this.pairs.set(key, { count: change, words: new Set([index]) });
      else {
        entry.count += change;
        if (sign > 0) entry.words.add(index);
      }
    }
  }

  private *keysOf(index: number): Generator<number> {
    const { symbols } = this.words[index];
    for (let at = 1; at < symbols.length; at++) yield keyOf(symbols[at - 1], symbols[at]);
  }
}

/** Ids are below 2²⁴, so a pair of them fits the exact integers of a double. */
const idLimit = 2 ** 24;

function keyOf(left: number, right: number): number {
  return left * idLimit + right;
}

function candidate(key: number, count: number): Candidate {
  return { left: Math.floor(key / idLimit), right: key % idLimit, count };
}

function mergedSymbols(symbols: readonly number[], pair: Candidate, into: number): number[] {
  const merged: number[] = [];
  for (let at = 0; at < symbols.length; at++) {
    const isPair = symbols[at] === pair.left && symbols[at + 1] === pair.right;
    merged.push(isPair ? into : symbols[at]);
    if (isPair) at++;
  }
  return merged;
}

/** A binary heap: the most frequent pair first, then the one with the lower ids. */
class Queue {
  private readonly heap: Candidate[] = [];

  push(item: Candidate): void {
    const { heap } = this;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!comesFirst(item, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = item;
  }

  pop(): Candidate | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return last;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && comesFirst(heap[child + 1], heap[child])) child++;
      if (!comesFirst(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function comesFirst(a: Candidate, b: Candidate): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}
