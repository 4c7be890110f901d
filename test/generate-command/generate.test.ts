/** `ftc generate` on random models: the ways to name one give the same text, and mistakes are told. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { choiceOf } from "../../compiler/commands/writer.ts";
import { models } from "./models.ts";

const { folder, ftc, json } = models();

const ask = ["--prompt", "abc", "--limit", "12"];

const texts = new Map<string, Promise<unknown>>();

/** What a model writes on; the same words are run once. */
function textOf(...words: readonly string[]): Promise<unknown> {
  const key = words.join(" ");
  const known = texts.get(key) ?? written(words);
  texts.set(key, known);
  return known;
}

async function written(words: readonly string[]): Promise<unknown> {
  return (await json(["generate", ...words, ...ask])).text;
}

describe("a model", () => {
  test("writes on to the limit, as text with a line end", async () => {
    const { code, stdout } = await ftc(["generate", "model", ...ask]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[!-~]{12}\n$/);
  });

  test("is the same by its folder, by its block and by a pipeline", async () => {
    const text = await textOf("model");
    expect(await textOf("model", "--as", "std/llama.Llama")).toBe(text);
    expect(await textOf("exp.ftp", "--model", "base")).toBe(text);
  });

  test("with an adapter is the same by its folder and by the step that saved it", async () => {
    const text = await textOf("model", "--adapter", "out/sft");
    expect(text).not.toBe(await textOf("model"));
    expect(await textOf("exp.ftp", "--model", "sft")).toBe(text);
    expect(await textOf("exp.ftp")).toBe(text);
  });

  test("stops when its context is full", async () => {
    const found = await json(["generate", "model", "--prompt", "x".repeat(60), "--limit", "12"]);
    expect(found).toMatchObject({ tokens: 5, ended: "context" });
  });
});

describe("drawing", () => {
  test("gives the same text of the same seed, and another of another", async () => {
    const drawn = (seed: string) => written(["model", "--temperature", "2", "--seed", seed]);
    const first = await drawn("7");
    expect(await drawn("7")).toBe(first);
    expect(await drawn("8")).not.toBe(first);
  });

  const none = { temperature: undefined, topK: undefined, topP: undefined, seed: 7 };
  test.each([
    ["nothing asks for it", none],
    ["the temperature is 0", { ...none, temperature: 0, topK: 5 }],
  ])("does not happen where %s", (_, options) => {
    expect(choiceOf(options)).toEqual({ kind: "greedy" });
  });

  test("is at the model's own temperature where only the candidates are limited", () => {
    expect(choiceOf({ ...none, topK: 5 })).toMatchObject({
      kind: "sample",
      temperature: 1,
      topK: 5,
    });
    expect(choiceOf({ ...none, topP: 0.9 })).toMatchObject({ temperature: 1, topP: 0.9, seed: 7 });
  });
});

describe("the prompt", () => {
  test("comes from standard input without the line end behind it", async () => {
    const found = await json(["generate", "model", "--prompt", "-", "--limit", "12"], "abc\n");
    expect(found).toMatchObject({ prompt: "abc", text: await textOf("model") });
  });

  test.each([
    ["is left out", ["generate", "model"], "what to go on from? --prompt TEXT"],
    ["is empty", ["generate", "model", "--prompt", ""], "the prompt is empty"],
  ])("that %s is a fault of the command line", async (_, words, expected) => {
    const { code, stderr } = await ftc(words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(expected) });
  });

  test("that is longer than the context is told with its length", async () => {
    const { code, stderr } = await ftc(["generate", "model", "--prompt", "x".repeat(70)]);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining("the text has 70 tokens, and 64 with the answer"),
    });
  });
});

describe("a mistake in the command line", () => {
  test.each([
    [["exp.ftp", "--model", "bsae"], "exp.ftp has no model bsae; did you mean base?"],
    [["exp.ftp", "--model", "tuned"], "tuned is what sft starts from; what it made is --model sft"],
    [["exp.ftp", "--model", "fresh"], "nothing in exp.ftp trains fresh; there are base, sft.model"],
    [["exp.ftp", "--adapter", "out/sft"], "--adapter is for a model's folder"],
    [["exp.ftp", "--as", "std/llama.Llama"], "--as is for a model's folder"],
    [["model", "--model", "base"], "--model is for a pipeline"],
    [["model", "--as", "Llama"], "as in std/llama.Llama"],
    [["model", "--temperature", "hot"], 'takes a number, 0 to 100, and this is "hot"'],
  ])("%j is told", async (words, expected) => {
    const { code, stderr } = await ftc(["generate", ...words, ...ask]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(expected) });
  });
});

describe("a folder", () => {
  test.each([
    [
      ["strange"],
      'no block of the standard library reads strange, which is ["StrangeForCausalLM"]',
    ],
    [["out/sft"], "name the model too: `ftc generate model --adapter out/sft`"],
    [["nowhere"], "nowhere/config.json"],
    [["model", "--adapter", "nowhere"], "nowhere/adapter_config.json"],
  ])("%j that cannot be read is told", async (words, expected) => {
    const { code, stderr } = await ftc(["generate", ...words, ...ask]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(expected) });
  });

  test("is read by the block that the command line names, whose clause then speaks", async () => {
    const { code, stderr } = await ftc(["generate", "strange", "--as", "std/llama.Llama", ...ask]);
    expect(code).toBe(1);
    expect(stderr).toContain('strange/config.json says architectures = ["StrangeForCausalLM"]');
  });
});

describe("a pipeline", () => {
  const edited = (from: string, to: string): void => {
    const text = readFileSync(join(folder, "exp.ftp"), "utf8");
    expect(text).toContain(from);
    writeFileSync(join(folder, "edited.ftp"), text.replace(from, to));
  };

  test("whose adapter has another scale than the saved one is refused", async () => {
    edited("alpha = 4.0", "alpha = 8.0");
    const { code, stderr } = await ftc(["generate", "edited.ftp", ...ask]);
    expect(code).toBe(3);
    expect(stderr).toContain("was saved with lora_alpha = 4, and the pipeline says 8");
  });

  test("whose step has not run says how to run it", async () => {
    edited('"out/sft"', '"out/other"');
    const { code, stderr } = await ftc(["generate", "edited.ftp", ...ask]);
    expect(code).toBe(3);
    expect(stderr).toContain("sft has saved no model in out/other yet");
    expect(stderr).toContain("`ftc run edited.ftp sft` trains it");
  });

  test("whose step saves nothing says so", async () => {
    edited('  save          = "out/sft"\n', "");
    const { code, stderr } = await ftc(["generate", "edited.ftp", ...ask]);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining("sft saves nothing"),
    });
  });

  test("with a fault shows it and ends", async () => {
    edited("rank = 2", "rank = 4096");
    const { code, stderr } = await ftc(["generate", "edited.ftp", ...ask]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("error[FT503]") });
  });
});
