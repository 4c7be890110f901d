/** Text with the spans of it that are to be learned. Offsets count UTF-16 code units, as strings do here. */

export interface Marked {
  readonly text: string;
  /** Start and end of each, in order, not empty, not touching. */
  readonly learn: readonly (readonly [start: number, end: number])[];
}

/** All of a plain text is learned. */
export function learnedWhole(text: string): Marked {
  return { text, learn: text === "" ? [] : [[0, text.length]] };
}

/** The shapes of special tokens that are in use: `<|im_end|>`, `<s>`, `<end_of_turn>`, `[INST]`. */
export const markShape =
  /<\|[^|<>\s]+\|>|<\/?s>|<(?:bos|eos|pad|start_of_turn|end_of_turn)>|\[\/?INST\]/g;

/** Text under construction. */
export class MarkedWriter {
  private readonly parts: string[] = [];
  private readonly spans: [number, number][] = [];
  private length = 0;

  write(text: string, isLearned: boolean): void {
    if (text === "") return;
    const start = this.length;
    this.parts.push(text);
    this.length += text.length;
    if (!isLearned) return;
    const last = this.spans.at(-1);
    if (last !== undefined && last[1] === start) last[1] = this.length;
    else this.spans.push([start, this.length]);
  }

  finish(): Marked {
    return { text: this.parts.join(""), learn: this.spans };
  }
}

const blank = /\s/;

/**
 * Which tokens are learned: a token whose first character that is no white space lies inside a learned
 * span (the first character of all, for a token of nothing but space). Tokenizers put the space before a
 * word into the word's token, so after `"Answer: "` the first token of `learn { "42" }` is ` 42`, which
 * begins one character before the span; by its first letter it counts as learned, as it must.
 *
 * `starts` and `ends` hold the span of each token in the text.
 */
export function learnedTokens(marked: Marked, starts: Int32Array, ends: Int32Array): Uint8Array {
  const learned = new Uint8Array(starts.length);
  let span = 0;
  for (let token = 0; token < starts.length; token++) {
    const at = firstInk(marked.text, starts[token], ends[token]);
    // Tokens come in the order of the text, but the parts of one character share its span.
    while (span < marked.learn.length && marked.learn[span][1] <= at) span++;
    if (span === marked.learn.length) break;
    if (at >= marked.learn[span][0]) learned[token] = 1;
  }
  return learned;
}

function firstInk(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) if (!blank.test(text[at])) return at;
  return start;
}
