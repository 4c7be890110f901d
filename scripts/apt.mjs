/**
 * Installs packages with apt and leaves apt as it was: lists and archives go to a folder of their own that
 * is removed again. Backports come from the mirror that the machine itself uses, with its own keys.
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @typedef {{ readonly name: string, readonly text: string }} SourcesFile */

/**
 * @param {readonly string[]} packages
 * @param {string | undefined} backportsOf the suite whose backports are wanted
 */
export function aptInstall(packages, backportsOf) {
  const folder = mkdtempSync(join(tmpdir(), "ftc-apt-"));
  try {
    // apt downloads as a user of its own, who has to get in.
    chmodSync(folder, 0o755);
    for (const name of ["lists", "cache", "sources"]) mkdirSync(join(folder, name));
    const options = [
      `Dir::State::Lists=${join(folder, "lists")}`,
      `Dir::Cache=${join(folder, "cache")}`,
      "DPkg::Lock::Timeout=120",
    ];
    if (backportsOf !== undefined) {
      const { name, text } = sourcesWithBackports(machineSources(), backportsOf);
      writeFileSync(join(folder, "sources", name), text);
      options.push(
        "Dir::Etc::SourceList=/dev/null",
        `Dir::Etc::SourceParts=${join(folder, "sources")}`,
        // Where both have a package, the backport.
        `APT::Default-Release=${backportsOf}-backports`,
      );
    }
    const words = options.flatMap((option) => ["-o", option]);
    aptGet([...words, "update"]);
    aptGet([...words, "install", "--yes", "--no-install-recommends", ...packages]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The first source that has the suite, with the suite's backports beside it and all else as it was.
 *
 * @param {readonly SourcesFile[]} files
 * @param {string} suite
 * @returns {SourcesFile}
 */
export function sourcesWithBackports(files, suite) {
  for (const { name, text } of files) {
    const found = name.endsWith(".sources") ? stanzaFor(text, suite) : linesFor(text, suite);
    if (found !== undefined)
      return { name: name.endsWith(".sources") ? "ftc.sources" : "ftc.list", text: found };
  }
  throw new Error(`apt's sources name no mirror for ${suite}.`);
}

/**
 * In the format of fields, a stanza an archive. Keys may be written out, in lines that begin with a space.
 *
 * @param {string} text
 * @param {string} suite
 */
function stanzaFor(text, suite) {
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = new Map(
      (stanza.match(/^[^\s#].*(?:\n[ \t].*)*/gm) ?? []).map((field) => {
        const [name = "", ...rest] = field.split(":");
        return [name.toLowerCase(), rest.join(":")];
      }),
    );
    const has = (/** @type {string} */ name, /** @type {string} */ word) =>
      fields.get(name)?.trim().split(/\s+/).includes(word) ?? false;
    if (has("enabled", "no") || !has("types", "deb") || !has("suites", suite)) continue;
    fields.set("types", " deb");
    fields.set("suites", ` ${suite} ${suite}-backports`);
    fields.set("components", " main");
    return [...fields].map(([name, value]) => `${name}:${value}\n`).join("");
  }
  return undefined;
}

/**
 * In the format of lines: `deb [options] address suite components`.
 *
 * @param {string} text
 * @param {string} suite
 */
function linesFor(text, suite) {
  for (const [, start, found] of text.matchAll(
    /^[ \t]*(deb[ \t]+(?:\[[^\]]*\][ \t]+)?\S+)[ \t]+(\S+)/gm,
  )) {
    if (found === suite) return `${start} ${suite} main\n${start} ${suite}-backports main\n`;
  }
  return undefined;
}

/** @returns {readonly SourcesFile[]} */
function machineSources() {
  const folder = "/etc/apt/sources.list.d";
  const parts = existsSync(folder) ? readdirSync(folder).sort() : [];
  return ["/etc/apt/sources.list", ...parts.map((name) => join(folder, name))]
    .filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))
    .map((name) => ({ name, text: readFileSync(name, "utf8") }));
}

/** @param {readonly string[]} words */
function aptGet(words) {
  const { status, error, stdout, stderr } = spawnSync("apt-get", words, {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
  });
  if (status === 0) return;
  throw new Error(`apt-get ${words.at(-1)} failed.\n${error?.message ?? `${stdout}${stderr}`}`);
}
