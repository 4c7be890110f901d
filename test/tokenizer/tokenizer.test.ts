/** Tokenizers: training, reading the files beside them, offsets, decoding piece by piece. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { learnMerges } from "../../runtime/tokenizer/bpe.ts";
import { byteCharacters, piecesOf } from "../../runtime/tokenizer/byte-level.ts";
import { textStream } from "../../runtime/tokenizer/stream.ts";
import { loadTokenizer, tokenizerFrom } from "../../runtime/tokenizer/tokenizer.ts";
import { trainBpe, writeTokenizer } from "../../runtime/tokenizer/train.ts";
import { folderWith } from "../support/folder.ts";

const texts = [
  "the cat sat on the mat, and the cat's hat sat on the cat",
  "that the other cat sat there: 12 cats, 120 hats\n\n  and 😀 naïve hats",
];
const json = trainBpe(texts, 270, ["<|begin|>", "<|end|>"]);
const trained = tokenizerFrom(json, { begin: "<|begin|>", end: "<|end|>" });

describe("training", () => {
  test("merges the most frequent pair first, of equal ones that with the lower ids", () => {
    expect(learnMerges(["ab ab ab cd cd cd xy"], 260).merges).toEqual([
      ["a", "b"],
      ["c", "d"],
      ["Ġ", "cd"],
      ["Ġ", "ab"],
    ]);
  });

  test("stops where no pair occurs twice", () => {
    expect(learnMerges(["abcd"], 1000).merges).toEqual([]);
  });

  test("counts pairs anew after each merge", () => {
    // `bc` occurs three times, but never without the `a` that takes its `b` away.
    expect(learnMerges(["abc abc abc ab ab"], 258).merges).toEqual([
      ["a", "b"],
      ["Ġ", "ab"],
    ]);
  });

  test("gives the ids to the bytes, then the merges, then the special tokens", () => {
    const { model, added_tokens: added } = JSON.parse(json);
    expect(Object.keys(model.vocab)).toHaveLength(268);
    expect(added.map((token: { id: number }) => token.id)).toEqual([268, 269]);
    expect(trained.vocabulary).toBe(270);
    for (const character of byteCharacters) expect(model.vocab[character]).toBeLessThan(256);
  });

  test("the same texts give the same file", () => {
    expect(trainBpe(texts, 270, ["<|begin|>", "<|end|>"])).toBe(json);
  });

  test("does not merge what special tokens say", () => {
    const { model } = JSON.parse(trainBpe(["<|end|>", "<|end|>"], 300, ["<|end|>"]));
    expect(model.merges).toEqual([]);
  });

  test("refuses a vocabulary that has no room for the bytes", () => {
    expect(() => trainBpe(texts, 257, ["<a>", "<b>"])).toThrow(
      "256 bytes and 2 special tokens do not fit",
    );
  });

  test("pieces joined are the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(piecesOf(text).join("")).toBe(text);
      }),
    );
  });
});

test("every text decodes to itself, and its tokens span it in order", async () => {
  const anyText = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.lorem(),
  );
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const [{ ids, starts, ends }] = await trained.encode([text]);
      expect(await trained.decode(ids)).toBe(text);
      for (let token = 0; token < ids.length; token++) {
        expect(starts[token]).toBeLessThan(ends[token]);
        expect(starts[token]).toBeGreaterThanOrEqual(token === 0 ? 0 : starts[token - 1]);
      }
      if (text !== "") expect(ends.at(-1)).toBe(text.length);
    }),
  );
});

test("offsets are those of strings, after an emoji too", async () => {
  const text = "😀 the e\u0301 cat";
  const [{ ids, starts, ends }] = await trained.encode([text]);
  const cat = ids.findIndex((id) => trained.tokenOf(id) === "Ġcat");
  expect(text.slice(starts[cat], ends[cat])).toBe(" cat");
});

test("special tokens are found in a text and left out of what is decoded", async () => {
  const [{ ids }] = await trained.encode(["<|begin|>the<|end|>"]);
  expect(ids[0]).toBe(268);
  expect(ids.at(-1)).toBe(269);
  expect(await trained.decode(ids)).toBe("the");
  expect(await trained.decode(ids, true)).toBe("<|begin|>the<|end|>");
  expect([trained.isSpecial(268), trained.isSpecial(0)]).toEqual([true, false]);
});

test("text that comes token by token is whole characters, and joined it is the text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
      const [{ ids }] = await trained.encode([text]);
      const stream = textStream(trained);
      const parts: string[] = [];
      for (const id of ids) parts.push(await stream.push(id));
      parts.push(await stream.finish());
      expect(parts.join("")).toBe(text);
      if (!text.includes("\ufffd")) for (const part of parts) expect(part).not.toContain("\ufffd");
    }),
    { numRuns: 50 },
  );
});

test("bytes that are no character come out at the end, not never", async () => {
  const stream = textStream(trained);
  const half = trained.idOf("ð");
  if (half === undefined) throw new Error("the first byte of an emoji is a token");
  expect(await stream.push(half)).toBe("");
  expect(await stream.finish()).toBe("\ufffd");
});

describe("a tokenizer's folder", () => {
  test("is written and read back", async () => {
    const folder = folderWith();
    await writeTokenizer(folder, trained, "{{ messages }}");
    const read = await loadTokenizer(folder);
    expect(read.hash).toBe(trained.hash);
    expect(read.specials).toEqual(trained.specials);
    expect(JSON.parse(readFileSync(join(folder, "tokenizer_config.json"), "utf8"))).toEqual({
      tokenizer_class: "PreTrainedTokenizerFast",
      clean_up_tokenization_spaces: false,
      bos_token: "<|begin|>",
      eos_token: "<|end|>",
      chat_template: "{{ messages }}",
    });
  });

  test("names its special tokens by text, by object, or by id", async () => {
    const specialsOf = async (files: Readonly<Record<string, string>>) =>
      (await loadTokenizer(folderWith({ "tokenizer.json": json, ...files }))).specials;
    const end = { id: 269, text: "<|end|>" };
    const named = await specialsOf({
      "tokenizer_config.json": '{"eos_token":{"content":"<|end|>"}}',
    });
    expect(named.end).toEqual(end);
    const older = await specialsOf({ "special_tokens_map.json": '{"eos_token":"<|end|>"}' });
    expect(older.end).toEqual(end);
    const byId = await specialsOf({ "config.json": '{"eos_token_id":269,"bos_token_id":268}' });
    expect(byId).toMatchObject({ end, begin: { id: 268 }, padding: undefined, stops: [269] });
  });

  test("adds the stops of its generation config", async () => {
    const folder = folderWith({
      "tokenizer.json": json,
      "tokenizer_config.json": '{"eos_token":"<|end|>"}',
      "generation_config.json": '{"eos_token_id":[269,7]}',
    });
    expect((await loadTokenizer(folder)).specials.stops).toEqual([7, 269]);
  });

  test.each([
    ["has no tokenizer.json", {}, /^reading the tokenizer .*tokenizer\.json: /],
    ["holds a broken one", { "tokenizer.json": "{" }, /^reading .*tokenizer\.json: /],
    [
      "names a token that is not there",
      { "tokenizer.json": json, "tokenizer_config.json": '{"eos_token":"</s>"}' },
      /has no token "<\/s>", which the files beside it name$/,
    ],
    [
      "has a config that is no object",
      { "tokenizer.json": json, "tokenizer_config.json": "[]" },
      /tokenizer_config\.json: it does not hold a JSON object$/,
    ],
  ])("that %s is a fault with its name", async (_what, files, message) => {
    await expect(loadTokenizer(folderWith(files))).rejects.toThrow(message);
  });
});

test("padding and truncation that a tokenizer.json asks for do not reach rows", async () => {
  const asking = JSON.stringify({
    ...JSON.parse(json),
    truncation: { direction: "Right", max_length: 2, strategy: "LongestFirst", stride: 0 },
    padding: {
      strategy: { Fixed: 50 },
      direction: "Right",
      pad_to_multiple_of: null,
      pad_id: 0,
      pad_type_id: 0,
      pad_token: "!",
    },
  });
  const [plain] = await trained.encode(["the cat sat there"]);
  const [asked] = await tokenizerFrom(asking, {}).encode(["the cat sat there"]);
  expect([...asked.ids]).toEqual([...plain.ids]);
});
