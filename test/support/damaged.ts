/** Programs of this project after an accident: tokens lost, doubled or at another's place, a file cut short, line ends changed. */

import fc, { type Arbitrary } from "fast-check";
import { sourceFile } from "../../compiler/source/file.ts";
import { lex } from "../../compiler/syntax/lex.ts";
import { shipped } from "./programs.ts";

const harms = ["drop", "double", "replace", "swap", "cut", "join", "split"] as const;

/** What is done at a token, and another that it may take. */
interface Harm {
  readonly kind: (typeof harms)[number];
  readonly at: number;
  readonly other: number;
}

const harm: Arbitrary<Harm> = fc.record({
  kind: fc.constantFrom(...harms),
  at: fc.nat(),
  other: fc.nat(),
});

/** Nothing, or every line end as on Windows, or those of some lines, as where two editors wrote. */
const lineEnds = fc.constantFrom<readonly string[]>(
  ["\n"],
  ["\n"],
  ["\n"],
  ["\r\n"],
  ["\n", "\r\n"],
  ["\r", "\n", "\r\n"],
);

export const damaged: Arbitrary<string> = fc
  .tuple(fc.constantFrom(...shipped), fc.array(harm, { minLength: 1, maxLength: 4 }), lineEnds)
  .map(([{ text }, harms, ends]) => {
    let line = 0;
    return harms.reduce(harmed, text).replace(/\n/g, () => ends[line++ % ends.length]);
  });

function harmed(text: string, { kind, at, other }: Harm): string {
  const { tokens } = lex(sourceFile("damaged.ftp", text));
  if (tokens.length === 0) return text;
  const [first, second] = [at, other].map((place) => {
    const { startOffset: start, image } = tokens[place % tokens.length];
    return { start, end: start + image.length, image };
  });
  const put = (place: { start: number; end: number }, made: string) =>
    text.slice(0, place.start) + made + text.slice(place.end);
  switch (kind) {
    case "drop":
      return put(first, "");
    case "double":
      return put(first, `${first.image} ${first.image}`);
    case "replace":
      return put(first, second.image);
    case "swap": {
      const [before, after] = first.start < second.start ? [first, second] : [second, first];
      if (before.start === after.start) return text;
      const between = text.slice(before.end, after.start);
      return put({ start: before.start, end: after.end }, after.image + between + before.image);
    }
    case "cut":
      return text.slice(0, first.start + (other % first.image.length));
    case "join":
      // What stands before it comes to touch it.
      return text.slice(0, first.start).trimEnd() + text.slice(first.start);
    case "split":
      return put(first, `${first.image.slice(0, 1)}\n${first.image.slice(1)}`);
    default:
      return kind satisfies never;
  }
}
