/** What a misspelt word of the command line was probably meant to be. */

import { nearest } from "../diagnostics/suggest.ts";

/** `did you mean clerk?`; undefined where no known word is near. */
export function meant(word: string, known: Iterable<string>): string | undefined {
  const near = nearest(word, known);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
