/** `ftc merge`: an adapter that PEFT wrote, merged, against PEFT's own merging. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { folderOf, tensorsOf } from "../parity/llama.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";

async function merge(folder: string, ...words: readonly string[]) {
  const io = recordingIo(folder);
  const code = await runCommandLine(["merge", ...words], io);
  return { code, ...io.written };
}

const llama = folderOf("llama-grouped");
const model = join(llama, "model");
const adapter = join(llama, "adapter");

test("merges PEFT's adapters to PEFT's merged weights", async () => {
  const folder = folderWith();
  const done = await merge(folder, model, "--adapter", adapter, "-o", "whole");
  expect(done).toMatchObject({ code: 0, stdout: "whole\n" });
  const found = await tensorsOf([join(folder, "whole/model.safetensors")]);
  const expected = await tensorsOf([join(llama, "expected.safetensors")]);
  const names = [...expected.keys()].filter((name) => /^merged\..*weight$/.test(name));
  expect(names).toHaveLength(2);
  for (const name of names) {
    const weight = found.get(name.replace("merged.", ""))?.data ?? [];
    // Rounding to f32, once or twice, of numbers below 1.
    expected.get(name)?.data.forEach((value, at) => {
      expect(Math.abs(weight[at] - value)).toBeLessThan(1e-6);
    });
  }
});

test("--dtype stores the weights in half the bytes, and config.json says so", async () => {
  const folder = folderWith();
  const done = await merge(folder, model, "--adapter", adapter, "-o", "half", "--dtype", "bf16");
  expect(done).toMatchObject({ code: 0 });
  const header = readFileSync(join(folder, "half/model.safetensors"), "latin1");
  expect(header).toContain('"dtype":"BF16"');
  expect(header).not.toContain('"dtype":"F32"');
  const config = JSON.parse(readFileSync(join(folder, "half/config.json"), "utf8"));
  expect(config.torch_dtype).toBe("bfloat16");
});

test.each([
  [["-o", "whole"], "has no adapter to merge; --adapter DIR names one of PEFT's"],
  [["--adapter", adapter], "where does the merged model go? -o DIR"],
  [["--adapter", adapter, "-o", model], "holds what is merged, and would be written over"],
])("with %j it says what is missing", async (words, message) => {
  const { code, stderr } = await merge(folderWith(), model, ...words);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
});
