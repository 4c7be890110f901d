/**
 * `npm run fuzz [-- COUNT [SEED [FROM]]]`: so many texts, a million if nothing is said, through parser, checker and
 * formatter. A seed makes the same texts each time, so that a run that was stopped goes on with its seed from where
 * it was. Ends with 1 at the first text that one of them does not survive, made as short as can be.
 */

import fc, { type Arbitrary } from "fast-check";
import { damaged } from "../test/support/damaged.ts";
import { bytes, program, remarks, scripts, soup } from "../test/support/programs.ts";
import { survive } from "../test/support/survival.ts";

const [count = 1_000_000, seed = Date.now() % 2 ** 31, from = 0] = process.argv
  .slice(2)
  .map(Number);

/** Texts of a round, whose share of each kind adds up to all of it. */
const round = 1000;
const kinds: readonly (readonly [name: string, texts: Arbitrary<string>, share: number])[] = [
  ["random bytes", bytes, 250],
  ["soups of words", soup, 350],
  ["letters of all alphabets", scripts, 150],
  ["comments and line ends", remarks, 150],
  ["damaged programs", damaged, 80],
  ["programs without a fault", program, 20],
];

if (!(count > 0) || !Number.isSafeInteger(seed) || !(from >= 0) || from % round !== 0) {
  console.error(
    `npm run fuzz -- COUNT SEED FROM takes whole numbers, the last in rounds of ${round}`,
  );
  process.exit(2);
}

console.log(`seed ${seed}`);
const start = performance.now();
for (let done = from; done < count; done += round) {
  for (const [name, texts, share] of kinds) {
    const numRuns = Math.min(share, count - done);
    const result = fc.check(fc.property(texts, survive), { numRuns, seed: seed + done });
    if (!result.failed) continue;
    console.error(`\n${name}: ${JSON.stringify(result.counterexample?.[0])}`);
    console.error(result.errorInstance);
    console.error(`npm run fuzz -- ${done + round} ${seed} ${done} comes to it again`);
    process.exit(1);
  }
  report(Math.min(done + round, count));
}
console.log(`${shown(count - from)} texts are survived`);

/** Lines for whoever looks at a file, and one line that changes for whoever watches. */
function report(done: number): void {
  const seconds = (performance.now() - start) / 1000;
  const rate = (done - from) / seconds;
  const left = Math.ceil((count - done) / rate / 60);
  const line = `${shown(done)} of ${shown(count)}, ${rate.toFixed(0)} a second, ${left} min left`;
  process.stderr.write(process.stderr.isTTY ? `\r${line}   ` : `${line}\n`);
  if (process.stderr.isTTY && done === count) process.stderr.write("\n");
}

function shown(number: number): string {
  return number.toLocaleString("en-US");
}
