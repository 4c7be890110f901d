/** Trains a byte-level BPE tokenizer and writes it as the files that Hugging Face's libraries read. */

import { join } from "node:path";
import { MachineError } from "../errors.ts";
import { writeTextAtomically } from "../weights/atomic.ts";
import { learnMerges } from "./bpe.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The bytes, without which a text could not be said. */
const alphabet = 256;

/**
 * The text of a tokenizer.json with `vocabulary` tokens in all: the bytes, what was merged, then the special
 * tokens in their order. There are fewer where the texts are too few to merge so many pairs.
 */
export function trainBpe(
  texts: Iterable<string>,
  vocabulary: number,
  special: readonly string[],
): string {
  if (vocabulary < alphabet + special.length) {
    throw new MachineError(
      `training a tokenizer of ${vocabulary} tokens: ${alphabet} bytes and ${special.length} special tokens do not fit`,
      [`ask for at least ${alphabet + special.length}`],
    );
  }
  const { tokens, merges } = learnMerges(between(texts, special), vocabulary - special.length);
  const file = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, index) => ({
      id: tokens.length + index,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "ByteLevel",
      add_prefix_space: false,
      trim_offsets: true,
      use_regex: true,
    },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
  return `${JSON.stringify(file, undefined, 1)}\n`;
}

/** What stands between the special tokens: these are found first, so no merge could use what they say. */
function* between(texts: Iterable<string>, special: readonly string[]): Generator<string> {
  for (const text of texts) {
    yield* special.reduce((parts, mark) => parts.flatMap((part) => part.split(mark)), [text]);
  }
}

/** Writes tokenizer.json and tokenizer_config.json, with the chat template if there is one. */
export async function writeTokenizer(
  folder: string,
  tokenizer: Tokenizer,
  chatTemplate?: string,
): Promise<void> {
  const { begin, end, padding, unknown } = tokenizer.specials;
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    ...(begin && { bos_token: begin.text }),
    ...(end && { eos_token: end.text }),
    ...(padding && { pad_token: padding.text }),
    ...(unknown && { unk_token: unknown.text }),
    ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
  };
  await writeTextAtomically(join(folder, "tokenizer.json"), tokenizer.json);
  await writeTextAtomically(
    join(folder, "tokenizer_config.json"),
    `${JSON.stringify(config, undefined, 2)}\n`,
  );
}
