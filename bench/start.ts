/**
 * `npm run bench start`: how long whole processes take on this machine, in turns: Node alone, `ftc check` of a shipped
 * pipeline from the bundle that is there, from one that it has to make, and from the sources by tsx.
 */

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { median } from "../test/support/edit-times.ts";
import { print } from "./report.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const rounds = 9;

const check = ["check", "pipelines/quickstart.ftp"];
const fromSources = `import { main } from "./compiler/cli.ts"; process.argv.splice(1, 0, "ftc"); process.exitCode = await main();`;

interface Case {
  readonly name: string;
  readonly words: readonly string[];
  readonly before?: () => void;
}

const cases: readonly Case[] = [
  { name: "node", words: ["--eval", "0"] },
  { name: "ftc check", words: ["compiler/ftc.js", ...check] },
  { name: "… making the bundle", words: ["compiler/ftc.js", ...check], before: forgetBundles },
  {
    name: "… from sources, by tsx",
    words: ["--import", "tsx", "--input-type=module", "--eval", fromSources, "--", ...check],
  },
];

function forgetBundles(): void {
  rmSync(`${root}node_modules/.cache/ftc`, { recursive: true, force: true });
}

export async function benchStart(): Promise<void> {
  const times = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, words, before } of cases) {
      before?.();
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, words, {
        cwd: root,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
      times.get(name)?.push(performance.now() - start);
    }
  }
  const rows = [...times].map(([name, found]) => {
    const sorted = found.sort((one, other) => one - other);
    return [name, ...[sorted[0], median(sorted)].map((time) => time.toFixed(0))];
  });
  print(`Whole processes, ms of ${rounds}`, ["", "least", "median"], rows);
}
