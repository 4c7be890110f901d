/** Ctrl-C in a real process: the first saves, the second stops. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { interruptedExit } from "../../runtime/interrupt.ts";
import { folderWith } from "../support/folder.ts";

interface Running {
  readonly child: ChildProcess;
  /** All of standard output so far, when it contains `text`. */
  until(text: string): Promise<string>;
  /** The exit code, when it has ended. */
  readonly ended: Promise<number | null>;
}

function start(...args: readonly string[]): Running {
  const script = fileURLToPath(new URL("interrupted-run.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let text = "";
  const waiting = new Set<() => void>();
  child.stdout?.on("data", (more: Buffer) => {
    text += more.toString();
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const until = (wanted: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (text.includes(wanted)) resolve(text);
      };
      waiting.add(look);
      void ended.then(() => reject(new Error(`ended before it said "${wanted}": ${text}`)));
      look();
    });
  return { child, until, ended };
}

describe("Ctrl-C", () => {
  test("once finishes the step, saves a checkpoint and ends by itself", async () => {
    const directory = folderWith();
    const run = start(directory);
    await run.until("step 1/");
    run.child.kill("SIGINT");
    const text = await run.until("interrupted");
    expect(text).toContain("finishing this step");
    expect(await run.ended).toBe(0);
    const [name] = readdirSync(join(directory, "checkpoints"));
    expect(text).toContain(`"step":${name.replace("step-", "")},`);
    expect(existsSync(join(directory, "checkpoints", name, "run.json"))).toBe(true);
  });

  test("twice stops at once", async () => {
    const run = start();
    await run.until("step 1/");
    run.child.kill("SIGINT");
    await run.until("finishing this step");
    run.child.kill("SIGINT");
    expect(await run.ended).toBe(interruptedExit);
  });
});
