/** A model's answer as text, while it is written. */

import type { Generator, Writing } from "./generate.ts";
import { textStream } from "./tokenizer/stream.ts";
import type { Tokenizer } from "./tokenizer/tokenizer.ts";

export interface Streamed {
  readonly text: string;
  readonly tokens: readonly number[];
}

/** Writes on after one prompt. `show` hears whole characters, in order; joined they are the text. */
export async function streamText(
  generator: Generator,
  tokenizer: Tokenizer,
  prompt: ArrayLike<number>,
  writing: Omit<Writing, "heard">,
  show: (text: string) => void,
): Promise<Streamed> {
  const stream = textStream(tokenizer);
  let text = "";
  const say = (more: string): void => {
    text += more;
    if (more !== "") show(more);
  };
  // Tokens arrive faster than they are decoded, and each waits for the one before it.
  let said = Promise.resolve();
  const heard = (_row: number, token: number): void => {
    said = said.then(async () => say(await stream.push(token)));
  };
  const [tokens] = await generator.write([prompt], { ...writing, heard });
  await said;
  say(await stream.finish());
  return { text, tokens };
}
