/**
 * Which tokens begin and end a text, end an answer, and fill up a window: read from the files beside a
 * tokenizer.json, in the order in which Transformers gives them weight.
 */

import { join } from "node:path";
import { MachineError } from "../errors.ts";
import { isObject, readObject } from "../json.ts";

export interface SpecialToken {
  readonly id: number;
  readonly text: string;
}

export interface Specials {
  readonly begin: SpecialToken | undefined;
  readonly end: SpecialToken | undefined;
  readonly padding: SpecialToken | undefined;
  readonly unknown: SpecialToken | undefined;
  /** Every token after which generation stops: `end`, and what generation_config.json adds. */
  readonly stops: readonly number[];
}

/** As the files name them: by text, or by id where only the model's config does. */
export interface NamedSpecials {
  readonly begin?: string | number;
  readonly end?: string | number;
  readonly padding?: string | number;
  readonly unknown?: string | number;
  readonly stops?: readonly number[];
}

/** What the tokenizer needs to look a special token up. */
export interface Vocabulary {
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
}

/** Files that are not there say nothing; a file that is not JSON is a MachineError. */
export async function readSpecials(folder: string): Promise<NamedSpecials> {
  const [tokenizer, map, config, generation] = await Promise.all(
    [
      "tokenizer_config.json",
      "special_tokens_map.json",
      "config.json",
      "generation_config.json",
    ].map(async (name) => (await readObject(join(folder, name))) ?? {}),
  );
  const named = (key: string): string | number | undefined =>
    tokenText(tokenizer[key]) ??
    tokenText(map[key]) ??
    idsOf(generation[`${key}_id`])[0] ??
    idsOf(config[`${key}_id`])[0];
  return {
    begin: named("bos_token"),
    end: named("eos_token"),
    padding: named("pad_token"),
    unknown: named("unk_token"),
    stops: [...idsOf(config.eos_token_id), ...idsOf(generation.eos_token_id)],
  };
}

/** Throws a MachineError for a token that the vocabulary lacks: the files do not belong together. */
export function resolvedSpecials(
  named: NamedSpecials,
  vocabulary: Vocabulary,
  place: string,
): Specials {
  const find = (token: string | number | undefined): SpecialToken | undefined => {
    if (token === undefined) return undefined;
    const id = typeof token === "number" ? token : vocabulary.idOf(token);
    const text = typeof token === "string" ? token : vocabulary.tokenOf(token);
    if (id !== undefined && text !== undefined) return { id, text };
    throw new MachineError(
      `${place} has no token ${JSON.stringify(token)}, which the files beside it name`,
    );
  };
  const end = find(named.end);
  const stops = new Set(named.stops ?? []);
  if (end !== undefined) stops.add(end.id);
  return {
    begin: find(named.begin),
    end,
    padding: find(named.padding),
    unknown: find(named.unknown),
    stops: [...stops].sort((a, b) => a - b),
  };
}

/** `"</s>"` or `{ "content": "</s>", … }`. */
function tokenText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (isObject(value) && typeof value.content === "string") return value.content;
  return undefined;
}

/** `2` or `[2, 7]`. */
function idsOf(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return Array.isArray(value) ? value.filter((id) => typeof id === "number") : [];
}
