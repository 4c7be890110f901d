/**
 * Runs a script with V8's code of an earlier run: to compile what a command calls takes as long as what it does.
 * The code is kept beside the script, in a file for each command and each V8, and written again by a run that had to
 * compile much.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cachedDataVersionTag, getHeapCodeStatistics, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { keep, whereDiskCan } from "./kept.js";

/** In bytes of compiled code: to compile so much takes about as long as to write the file. */
const much = 200_000;

/** Of the sum over the rest of the file. V8 trusts what it reads: a wrong byte ends the process. */
const sumLength = 4;

/**
 * How much of its code a function runs, in bytes, before V8 optimizes it. By V8's own 67,584 that takes a third of the
 * time of a check and half of a plan's, most of it for functions that are hardly called again.
 */
const patience = 1_000_000;

/**
 * @param {{ path: string, text: string }} bundle whose text is a function of `require` that gives what it exports
 * @param {string} command the word that decides what will be called
 * @returns {{ exported: { main: () => Promise<number> }, keep: () => void }} `keep` is to be called when all is done
 */
export function load({ path, text }, command) {
  // Before any code is looked for: code for other flags is other code.
  setFlagsFromString(`--interrupt-budget=${patience}`);
  const name = /^[a-z]+$/.test(command) ? command : "none";
  const file = join(dirname(path), `${name}.${cachedDataVersionTag()}.code`);
  const script = new Script(text, { filename: path, cachedData: codeIn(file) });
  const before = compiledBytes();
  const exported = script.runInThisContext()(createRequire(path));
  return {
    exported,
    keep: () => {
      if (compiledBytes() - before <= much) return;
      const code = script.createCachedData();
      const sum = Buffer.alloc(sumLength);
      sum.writeUInt32LE(crc32(code));
      keep(file, (draft) => writeFileSync(draft, Buffer.concat([sum, code])));
    },
  };
}

function compiledBytes() {
  return getHeapCodeStatistics().bytecode_and_metadata_size;
}

/**
 * Undefined unless it is there and whole. Whether it is of this script and this V8, V8 sees itself.
 * @param {string} file
 */
function codeIn(file) {
  const bytes = whereDiskCan(() => readFileSync(file));
  if (bytes === undefined || bytes.length < sumLength) return undefined;
  const code = bytes.subarray(sumLength);
  return crc32(code) === bytes.readUInt32LE() ? code : undefined;
}
