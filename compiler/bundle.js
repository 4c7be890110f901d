/**
 * The compiler as one file of JavaScript, since reading hundreds of TypeScript takes Node longer than checking a
 * pipeline. Made by esbuild when sources are newer than what was made of them, and kept by their state in
 * node_modules/.cache. The sources stay what runs: places that they name are theirs, and stacks show their lines.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { keep, whereDiskCan } from "./kept.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, "node_modules/.cache/ftc");

/** Where our own sources are. */
const folders = ["compiler", "runtime", "scripts"];

/** Packages that load machine code from beside their own files. */
const native = ["tokenizers", "webgpu"];

const script = "cli.cjs";

/** In milliseconds. A command reads all of its bundle when it starts, but for the source map. */
const oldest = 10 * 60 * 1000;

/**
 * @typedef {object} Bundle
 * @property {string} path where it is kept
 * @property {string} text a function of `require` that gives what cli.ts exports
 * @property {() => string | undefined} sourceMap undefined where another bundle has taken this one's place
 */

/** @returns {Promise<Bundle>} */
export async function bundledCli() {
  const home = join(cache, stateOfSources());
  const path = join(home, script);
  // Plain ASCII, which Node reads fastest by this name.
  const text = whereDiskCan(() => readFileSync(path, "latin1"));
  if (text === undefined) return make(home);
  return { path, text, sourceMap: () => whereDiskCan(() => readFileSync(`${path}.map`, "utf8")) };
}

/** Names, sizes and times of the sources, and of npm's account of the packages, as a hash. */
function stateOfSources() {
  const hash = createHash("sha256");
  const installed = statSync(join(root, "node_modules/.package-lock.json"), {
    throwIfNoEntry: false,
  });
  hash.update(`${installed?.mtimeMs} ${installed?.size}\n`);
  for (const folder of folders) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!/\.(m?js|ts|json)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const { mtimeMs, size } = statSync(path);
      hash.update(`${path} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {string} home
 * @returns {Promise<Bundle>}
 */
async function make(home) {
  const path = join(home, script);
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["compiler/cli.ts"],
    outfile: path,
    write: false,
    bundle: true,
    external: native,
    // A script of the older kind, because Node 20 takes V8's code only for those.
    format: "cjs",
    supported: { "dynamic-import": false },
    banner: { js: "(function (require) { const module = {};" },
    footer: { js: "return module.exports; })" },
    platform: "node",
    target: "node20",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "silent",
    plugins: [ownPlaces],
  });
  const [map, made] = outputFiles.map((file) => file.text);
  const text = escaped(made);
  keep(home, (draft) => {
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, script), text);
    writeFileSync(join(draft, `${script}.map`), map);
  });
  whereDiskCan(forgetOld);
  return { path, text, sourceMap: () => map };
}

/**
 * esbuild escapes what is not ASCII, except in regular expressions and comments.
 * @param {string} made
 */
function escaped(made) {
  return made.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Removes bundles of sources as they were. */
function forgetOld() {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const isOld = Date.now() - statSync(path).mtimeMs > oldest;
    if (isOld) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * A source that asks where it is, is told of itself and not of the bundle.
 * @type {import("esbuild").Plugin}
 */
const ownPlaces = {
  name: "own-places",
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      if (!folders.some((folder) => path.startsWith(join(root, folder) + sep))) return undefined;
      const place = JSON.stringify(pathToFileURL(path).href);
      return {
        contents: readFileSync(path, "utf8").replaceAll("import.meta.url", place),
        loader: "ts",
        resolveDir: dirname(path),
      };
    });
  },
};
