/**
 * `npm run fuzz [-- COUNT [SEED]]`: random bytes and soups of words, a million if nothing is said, and a hundredth
 * as many damaged programs, through parser, checker and formatter. Ends at the first text that one of them does
 * not survive, made as short as can be, with the seed that finds it again.
 */

import fc, { type Arbitrary } from "fast-check";
import { bytes, damaged, program, soup } from "../test/support/programs.ts";
import { survive } from "../test/support/survival.ts";

const [count = 1_000_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
if (!(count > 0) || !Number.isSafeInteger(seed)) {
  console.error("npm run fuzz -- COUNT SEED takes two whole numbers");
  process.exit(2);
}
const kinds: readonly (readonly [name: string, texts: Arbitrary<string>, share: number])[] = [
  ["random bytes", bytes, 0.5],
  ["soups of words", soup, 0.5],
  ["damaged programs", damaged, 0.01],
  ["programs without a fault", program, 0.01],
];

/** Reported in rounds, so that a long run shows that it goes on. */
const round = 5000;

console.log(`seed ${seed}`);
for (const [name, texts, share] of kinds) {
  const runs = Math.ceil(count * share);
  for (let done = 0; done < runs; done += round) {
    const numRuns = Math.min(round, runs - done);
    const result = fc.check(fc.property(texts, survive), { numRuns, seed: seed + done });
    if (result.failed) {
      console.error(`\n${name}: ${JSON.stringify(result.counterexample?.[0])}`);
      console.error(result.errorInstance);
      console.error(`seed ${seed}`);
      process.exit(1);
    }
    process.stdout.write(`\r${name}: ${done + numRuns} of ${runs}`);
  }
  process.stdout.write("\n");
}
