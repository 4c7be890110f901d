/**
 * `npm run bench start`: how long whole processes take on this machine, in turns: Node alone, `ftc check` of a shipped
 * pipeline from what earlier starts left, without V8's code, without the bundle too, and from the sources by tsx. The
 * time that the processors worked says the same on a machine that has other things to do.
 */

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../test/support/edit-times.ts";
import { print } from "./report.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const bundles = `${root}node_modules/.cache/ftc`;
const cpuTime = fileURLToPath(new URL("cpu-time.cjs", import.meta.url));
const rounds = 9;

const check = ["check", "pipelines/quickstart.ftp"];
const ftc = ["compiler/ftc.js", ...check];
const fromSources = `import { main } from "./compiler/cli.ts"; process.argv.splice(1, 0, "ftc"); process.exitCode = await main();`;

interface Case {
  readonly name: string;
  readonly words: readonly string[];
  readonly before?: () => void;
}

const cases: readonly Case[] = [
  { name: "node", words: ["--eval", "0"] },
  { name: "ftc check", words: ftc },
  { name: "… compiling the bundle", words: ftc, before: forgetCode },
  { name: "… making the bundle", words: ftc, before: forgetBundles },
  {
    name: "… from sources, by tsx",
    words: ["--import", "tsx", "--input-type=module", "--eval", fromSources, "--", ...check],
  },
];

function forgetCode(): void {
  for (const name of readdirSync(bundles, { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".code")) rmSync(join(bundles, name));
}

function forgetBundles(): void {
  rmSync(bundles, { recursive: true, force: true });
}

interface Taken {
  /** In milliseconds, as all here. */
  readonly wall: number;
  readonly cpu: number;
}

function timeOf({ name, words, before }: Case): Taken {
  before?.();
  const start = performance.now();
  const { status, stderr, output } = spawnSync(process.execPath, ["--require", cpuTime, ...words], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const wall = performance.now() - start;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return { wall, cpu: Number(output[3]) };
}

export async function benchStart(): Promise<void> {
  const taken = new Map(cases.map(({ name }) => [name, [] as Taken[]]));
  for (const one of cases) timeOf({ name: one.name, words: one.words });
  for (let round = 0; round < rounds; round++)
    for (const one of cases) taken.get(one.name)?.push(timeOf(one));
  const rows = [...taken].map(([name, times]) => {
    const [wall, cpu] = [times.map(({ wall }) => wall), times.map(({ cpu }) => cpu)].map((all) =>
      all.sort((one, other) => one - other),
    );
    return [name, ...[wall[0], median(wall), cpu[0], median(cpu)].map((time) => time.toFixed(0))];
  });
  const head = ["", "least", "median", "least of CPU", "median of CPU"];
  print(`Whole processes, ms of ${rounds}`, head, rows);
}
