/** `ftc chat` on a random model: turns by the model's own template. */

import { expect, test } from "vitest";
import { models } from "./models.ts";

const { ftc, json } = models();

const linesOf = (stdout: string): unknown[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).text);

test("turns are what the model writes after the template's prompt, earlier answers with their end mark", async () => {
  const { code, stdout } = await ftc(["chat", "model", "--limit", "4", "--json"], "hi\n\nyou\n");
  const [first, second, ...more] = linesOf(stdout);
  expect({ code, more }).toEqual({ code: 0, more: [] });
  const written = async (prompt: string) =>
    (await json(["generate", "model", "--prompt", prompt, "--limit", "4"])).text;
  const opening = "<|user|>hi<|assistant|>";
  expect(first).toBe(await written(opening));
  expect(second).toBe(await written(`${opening}${first}<|end|><|user|>you<|assistant|>`));
});

test("a system text stands before the first turn, and an adapter talks by its base's template", async () => {
  const words = ["chat", "model", "--limit", "8", "--adapter", "out/sft", "--system", "be kind"];
  const { code, stdout } = await ftc(words, "hi\n");
  const prompt = "<|system|>be kind<|user|>hi<|assistant|>";
  const asked = ["generate", "model", "--adapter", "out/sft", "--prompt", prompt, "--limit", "8"];
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${(await json(asked)).text}\n` });
});

test("a conversation that fills the context ends with its length", async () => {
  const { code, stderr } = await ftc(["chat", "model", "--limit", "4"], `${"x".repeat(80)}\n`);
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringContaining("64 with the answer are all that is read"),
  });
});

test("a model without a template does not talk", async () => {
  const { code, stderr } = await ftc(["chat", "plain"], "hi\n");
  expect(code).toBe(3);
  expect(stderr).toContain("plain has no chat template");
  expect(stderr).toContain("`ftc generate` goes on from plain text");
});
