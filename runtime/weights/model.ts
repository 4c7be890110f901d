/** Writes a model's folder as Transformers reads it: weights, config, and the tokenizer's files beside them. */

import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { MachineError, messageOf } from "../errors.ts";
import { isMissing } from "../json.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { writeTokenizer } from "../tokenizer/train.ts";
import { writeTextAtomically } from "./atomic.ts";
import { type TensorToWrite, writeSafetensors } from "./write.ts";

export interface ModelToWrite {
  /** By the checkpoint's own names. A tied head is left out, as its owner is there. */
  readonly tensors: readonly TensorToWrite[];
  /** The contents of config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Undefined for a model that reads no text. */
  readonly tokenizer: Tokenizer | undefined;
}

/** What may stand beside a model and belongs to its tokenizer or to how it generates. */
const companions = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
  "vocab.json",
  "vocab.txt",
  "merges.txt",
  "tokenizer.model",
  "generation_config.json",
];

/** The config is written last: a folder without one is a model that was not finished. */
export async function writeModel(folder: string, model: ModelToWrite): Promise<void> {
  await writeSafetensors(join(folder, "model.safetensors"), model.tensors);
  if (model.tokenizer?.folder !== undefined) await copyCompanions(model.tokenizer.folder, folder);
  else if (model.tokenizer !== undefined) await writeTokenizer(folder, model.tokenizer);
  await writeTextAtomically(
    join(folder, "config.json"),
    `${JSON.stringify(model.config, undefined, 2)}\n`,
  );
}

/** Copies those files of a tokenizer's folder that are there. */
export async function copyCompanions(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of companions) {
    try {
      await copyFile(join(from, name), join(to, name));
    } catch (thrown) {
      if (!isMissing(thrown)) {
        throw new MachineError(`copying ${name} from ${from} to ${to}: ${messageOf(thrown)}`);
      }
    }
  }
}
