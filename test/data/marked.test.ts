/** Which tokens are learned, given which characters are. */

import { expect, test } from "vitest";
import { learnedTokens, learnedWhole, MarkedWriter } from "../../runtime/data/marked.ts";
import { utf16Spans } from "../../runtime/tokenizer/offsets.ts";

/** The learn mask of tokens with these spans, one digit a token; `[` and `]` mark the text. */
function mask(marked: string, spans: readonly (readonly [number, number])[]): string {
  const writer = new MarkedWriter();
  for (const part of marked.split(/(\[[^\]]*\])/)) {
    const isLearned = part.startsWith("[");
    writer.write(isLearned ? part.slice(1, -1) : part, isLearned);
  }
  const starts = Int32Array.from(spans, ([start]) => start);
  const ends = Int32Array.from(spans, ([, end]) => end);
  return learnedTokens(writer.finish(), starts, ends).join("");
}

test("a token that begins inside a learned span is learned", () => {
  expect(
    mask("ab[cd]ef", [
      [0, 2],
      [2, 4],
      [4, 6],
    ]),
  ).toBe("010");
});

test("a token that begins before a span and ends in it is not learned", () => {
  expect(
    mask("ab[cd]ef", [
      [0, 1],
      [1, 3],
      [3, 6],
    ]),
  ).toBe("001");
});

test("a word whose token begins with the space before the span is learned", () => {
  expect(
    mask("A: [42]", [
      [0, 1],
      [1, 2],
      [2, 5],
    ]),
  ).toBe("001");
});

test("a token of nothing but space counts by its first character", () => {
  expect(
    mask("a[ b] ", [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ]),
  ).toBe("0110");
});

test("the parts of one character share its place", () => {
  expect(
    mask("a[😀]b", [
      [0, 1],
      [1, 3],
      [1, 3],
      [1, 3],
      [3, 4],
    ]),
  ).toBe("01110");
});

test("several spans, and tokens after the last", () => {
  expect(
    mask("[a]b[c]d", [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ]),
  ).toBe("1010");
});

test("an empty text learns nothing", () => {
  expect(learnedWhole("")).toEqual({ text: "", learn: [] });
});

test("offsets in code points become offsets in UTF-16 units", () => {
  // 😀 is one code point and two units; é here is two of each.
  const text = "a😀e\u0301z";
  const { starts, ends } = utf16Spans(
    [
      [0, 1],
      [1, 2],
      [2, 4],
      [4, 5],
    ],
    text,
  );
  const parts = [...starts].map((start, index) => text.slice(start, ends[index]));
  expect(parts).toEqual(["a", "😀", "e\u0301", "z"]);
});
