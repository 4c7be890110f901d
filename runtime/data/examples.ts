/** Rows as questions and answers, for metrics that let the model write the answer. */

import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { Origin } from "./fault.ts";
import type { TokenRow } from "./row.ts";

export interface Example {
  /** Every token before the last part that is learned. */
  readonly prompt: Int32Array;
  /** That part, its end mark with it. */
  readonly answer: Int32Array;
  /** As the model sees it, special tokens spelt out. */
  readonly promptText: string;
  /** Without special tokens: what a generated text is compared with. */
  readonly answerText: string;
  readonly origin: Origin;
}

/** Rows in which nothing is learned, or nothing comes before it, ask nothing and are passed over. */
export async function examplesOf(
  rows: readonly TokenRow[],
  tokenizer: Tokenizer,
): Promise<readonly Example[]> {
  const examples: Example[] = [];
  for (const { tokens, learn, origin } of rows) {
    const end = learn.lastIndexOf(1) + 1;
    let start = end;
    while (start > 0 && learn[start - 1] === 1) start--;
    if (start === 0) continue;
    const prompt = tokens.subarray(0, start);
    const answer = tokens.subarray(start, end);
    const [promptText, answerText] = await Promise.all([
      tokenizer.decode(prompt, true),
      tokenizer.decode(answer),
    ]);
    examples.push({ prompt, answer, promptText, answerText, origin });
  }
  return examples;
}
