/** Text as its tokens arrive: never half a character, and joined it is what decoding all at once gives. */

import type { Tokenizer } from "./tokenizer.ts";

export interface TextStream {
  /** The text that is certain now; empty while a character is incomplete. */
  push(id: number): Promise<string>;
  /** What was held back, at the end. */
  finish(): Promise<string>;
}

/** What decoders write for bytes that are no character yet. */
const replacement = "\ufffd";

export function textStream(tokenizer: Tokenizer): TextStream {
  // A token's text can depend on the one before it (the space before a first word), so tokens are decoded
  // together with the last ones that were given out, and what those decode to is taken off.
  let given: readonly number[] = [];
  let held: readonly number[] = [];

  const fresh = async (): Promise<string> => {
    const before = await tokenizer.decode(given);
    return (await tokenizer.decode([...given, ...held])).slice(before.length);
  };
  const release = (text: string): string => {
    given = held;
    held = [];
    return text;
  };

  return {
    push: async (id) => {
      held = [...held, id];
      const text = await fresh();
      return text === "" || text.endsWith(replacement) ? "" : release(text);
    },
    finish: async () => (held.length === 0 ? "" : release(await fresh())),
  };
}
