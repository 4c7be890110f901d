/** Ctrl-C while a model writes, in a real process: what is written stays, and the process ends by itself. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { interruptedExit } from "../../runtime/interrupt.ts";
import { folderWith } from "../support/folder.ts";
import { writeTinyLlama } from "../support/tiny-llama.ts";

/** Far more than are written before the signal arrives. */
const limit = 100_000;

test("Ctrl-C ends a text with a line end and exit code 130", async () => {
  const folder = folderWith();
  await writeTinyLlama(join(folder, "model"), { config: { max_position_embeddings: 2 * limit } });
  const program = fileURLToPath(new URL("../../compiler/ftc.js", import.meta.url));
  const words = ["generate", "model", "--prompt", "abc", "--limit", String(limit)];
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let text = "";
  child.stdout.on("data", (more: Buffer) => {
    if (text === "") child.kill("SIGINT");
    text += more.toString();
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code).toBe(interruptedExit);
  expect(text).toMatch(/^[!-~]+\n$/);
  expect(text.length).toBeLessThan(limit);
  // A software adapter compiles each kernel that it has not seen before in tenths of a second.
}, 120_000);
