/** The command line as a process of its own, for signals and for surroundings that only a process has. */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, watch } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export interface Running {
  /** When standard error contains `text`. Fails if the process ends before. */
  until(text: string): Promise<void>;
  /** When something of that name is in the folder. */
  folder(path: string, name: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
}

const script = fileURLToPath(new URL("../../compiler/ftc.js", import.meta.url));

export function startFtc(
  cwd: string,
  ...given: readonly [Surroundings, ...string[]] | readonly string[]
): Running {
  const [first, ...rest] = given;
  const env = typeof first === "object" ? first.env : {};
  const words = (typeof first === "object" ? rest : given).map(String);
  const child = spawn(process.execPath, [script, ...words], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const said = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (more: Buffer) => {
      said[name] += more.toString();
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const until = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (said.stderr.includes(text)) resolve();
      };
      waiting.add(look);
      void ended.then(() => reject(new Error(`ended before it said "${text}": ${said.stderr}`)));
      look();
    });
  const folder = (path: string, name: RegExp) =>
    new Promise<void>((resolve, reject) => {
      mkdirSync(path, { recursive: true });
      const watcher = watch(path);
      const look = () => {
        if (!existsSync(path) || !readdirSync(path).some((entry) => name.test(entry))) return;
        watcher.close();
        resolve();
      };
      watcher.on("change", look);
      void ended.then(() => {
        watcher.close();
        reject(new Error(`ended before ${path} held ${name}: ${said.stderr}`));
      });
      look();
    });
  return {
    until,
    folder,
    signal: (name) => void child.kill(name),
    ended,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
  };
}
