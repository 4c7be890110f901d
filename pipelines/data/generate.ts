/**
 * Writes the data of the shipped experiments into this folder: `npx tsx pipelines/data/generate.ts`. What it
 * wrote is checked in, so nobody needs to run it; with the same seed it writes the same bytes.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { corpus } from "./corpus.ts";
import { requests } from "./requests.ts";
import { Dice } from "./world.ts";

const seed = 1;
const characters = 980_000;
const counts = { train: 400, heldOut: 100 };

const rows = requests(new Dice(seed, 1), counts.train + counts.heldOut);

write("corpus.txt", corpus(new Dice(seed, 0), characters), "\n\n");
write("requests.jsonl", rows.slice(0, counts.train).map(line), "\n");
write("requests-held-out.jsonl", rows.slice(counts.train).map(line), "\n");

function line(row: unknown): string {
  return JSON.stringify(row);
}

function write(name: string, texts: readonly string[], between: string): void {
  writeFileSync(join(import.meta.dirname, name), `${texts.join(between)}\n`);
}
