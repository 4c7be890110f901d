/**
 * Text to tokens and back: the official `tokenizers` library behind the few things the rest needs. Offsets
 * are UTF-16 code units of the text that was given, which the library counts in code points.
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { MachineError, messageOf } from "../errors.ts";
import { isObject, parsedObject } from "../json.ts";
import { utf16Spans } from "./offsets.ts";
import { type NamedSpecials, readSpecials, resolvedSpecials, type Specials } from "./specials.ts";

/** Tokens in the order of the text; `starts[i]` and `ends[i]` span token i in it. */
export interface Encoded {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface Tokenizer {
  /** Where it came from; undefined for one that was trained and not yet written. */
  readonly folder: string | undefined;
  /** The text of tokenizer.json. */
  readonly json: string;
  /** sha256 of `json`, in hexadecimal. */
  readonly hash: string;
  /** One more than the largest id. */
  readonly vocabulary: number;
  readonly specials: Specials;
  /**
   * `marks` lets the tokenizer add its begin and end marks (`[CLS] … [SEP]`). Without it nothing is added;
   * special tokens that the text spells out are found either way.
   */
  encode(texts: readonly string[], marks?: boolean): Promise<readonly Encoded[]>;
  /** `marks` keeps special tokens in the text. */
  decode(ids: ArrayLike<number>, marks?: boolean): Promise<string>;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
  /** Whether the id is a special token: one that the text does not say. */
  isSpecial(id: number): boolean;
}

/** Reads `tokenizer.json` and what stands beside it. Throws a MachineError that names the file. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const path = join(folder, "tokenizer.json");
  let json: string;
  try {
    json = await readFile(path, "utf8");
  } catch (thrown) {
    throw new MachineError(`reading the tokenizer ${path}: ${messageOf(thrown)}`, [
      "a model's folder holds tokenizer.json beside config.json",
    ]);
  }
  return tokenizerFrom(json, await readSpecials(folder), folder);
}

/** The tokenizer that the text of a tokenizer.json describes. */
export function tokenizerFrom(json: string, named: NamedSpecials, folder?: string): Tokenizer {
  const place = folder === undefined ? "the trained tokenizer" : join(folder, "tokenizer.json");
  const native = nativeFrom(json, place);
  const special = specialIds(json, place);
  const idOf = (token: string): number | undefined => native.tokenToId(token) ?? undefined;
  const tokenOf = (id: number): string | undefined => native.idToToken(id) ?? undefined;
  return {
    folder,
    json,
    hash: createHash("sha256").update(json).digest("hex"),
    vocabulary: 1 + Object.values(native.getVocab(true)).reduce((a, b) => Math.max(a, b), -1),
    specials: resolvedSpecials(named, { idOf, tokenOf }, place),
    encode: async (texts, marks = false) => {
      const encodings = await native.encodeBatch([...texts], { addSpecialTokens: marks });
      return encodings.map((encoding, index) => ({
        ids: Int32Array.from(encoding.getIds()),
        ...utf16Spans(encoding.getOffsets(), texts[index]),
      }));
    },
    decode: (ids, marks = false) => native.decode(Array.from(ids), !marks),
    idOf,
    tokenOf,
    isSpecial: (id) => special.has(id),
  };
}

function nativeFrom(json: string, place: string): NativeTokenizer {
  let native: NativeTokenizer;
  try {
    native = NativeTokenizer.fromString(json);
  } catch (thrown) {
    throw new MachineError(`reading ${place}: ${messageOf(thrown)}`);
  }
  // A tokenizer.json may ask to fill up or cut every text; windows do both here.
  native.disablePadding();
  native.disableTruncation();
  return native;
}

/** The library keeps to itself which added tokens are special, so the file is asked. */
function specialIds(json: string, place: string): ReadonlySet<number> {
  const file = parsedObject(json, place);
  const added = Array.isArray(file.added_tokens) ? file.added_tokens : [];
  const ids = new Set<number>();
  for (const token of added) {
    if (isObject(token) && token.special === true && typeof token.id === "number")
      ids.add(token.id);
  }
  return ids;
}
