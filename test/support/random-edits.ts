/** Edits as people make them, drawn by a seed: letters, words, cut and pasted parts, line ends, undone ones. */

/** What stands between two offsets becomes another text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const letters = [
  ..."abz_019 .,:=(){}[]\"'|>-*/%&\n",
  "\r\n",
  "\r",
  "\t",
  "é",
  "e\u0301",
  "👩‍🔬",
  "\u2028",
  "\0",
];
const words = [
  "let ",
  "import ",
  "block ",
  "record ",
  "train ",
  "= ",
  "..",
  "|> ",
  "32seq",
  "3%",
  '"{"',
  "///",
  "// ",
  "\n}\n",
  "layers.*.",
  "base.",
  "true",
  "none",
  "on ",
  "\nlet a = ",
  "\nadapt b = base {\n",
  "x[:, 0]",
  "std/",
  "Lora(",
  "1e999",
];

export class Typist {
  readonly #random: () => number;
  readonly #before: string[] = [];

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  /** The next edit of a text; `whole` is what the text was meant to be, to paste from. */
  edit(text: string, whole: string): Edit {
    const edit = this.#drawn(text, whole);
    this.#before.push(text);
    return edit;
  }

  #drawn(text: string, whole: string): Edit {
    const at = this.below(text.length + 1);
    const near = Math.min(text.length, at + this.below(12));
    const luck = this.below(20);
    if (luck < 6) return { start: at, end: at, text: this.of(letters) };
    if (luck < 10) return { start: at, end: at, text: this.of(words) };
    if (luck < 13) return { start: at, end: near, text: "" };
    if (luck < 14) return { start: at, end: near, text: this.of(words) };
    if (luck < 15) {
      const from = this.below(whole.length);
      const part = whole.slice(from, from + this.below(whole.length / 2));
      return { start: at, end: at, text: part };
    }
    if (luck < 16) return { start: at, end: Math.min(text.length, at + this.below(300)), text: "" };
    if (luck < 17) {
      const ends = text.includes("\r\n")
        ? text.replaceAll("\r\n", "\n")
        : text.replaceAll("\n", "\r\n");
      return { start: 0, end: text.length, text: ends };
    }
    if (luck < 19) {
      const [before = whole] = this.#before.splice(this.below(this.#before.length), 1);
      return { start: 0, end: text.length, text: before };
    }
    return { start: 0, end: text.length, text: whole };
  }
}
