/**
 * The compiler as few files of JavaScript, since reading hundreds of TypeScript takes Node longer than checking a
 * pipeline. Made by esbuild when sources are newer than what was made of them, and kept by their state in
 * node_modules/.cache. The sources stay what runs: places that they name are theirs, and stacks show their lines.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, "node_modules/.cache/ftc");

/** Where our own sources are. */
const folders = ["compiler", "runtime", "scripts"];

/** Packages that load machine code from beside their own files. */
const native = ["tokenizers", "webgpu"];

/** In milliseconds. Commands load all that they need when they start, so what is that old is in nobody's use. */
const oldest = 10 * 60 * 1000;

/**
 * Where the command line is to be imported from.
 * @returns {Promise<string>} an address
 */
export async function bundledCli() {
  const home = join(cache, stateOfSources());
  if (!existsSync(home)) await make(home);
  return pathToFileURL(join(home, "cli.js")).href;
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
 * Written beside and renamed, so that nobody meets half of it. Of two that make the same at once, one keeps its own.
 * @param {string} home
 */
async function make(home) {
  const { build } = await import("esbuild");
  const draft = `${home}.${process.pid}`;
  await build({
    absWorkingDir: root,
    entryPoints: ["compiler/cli.ts"],
    outdir: draft,
    bundle: true,
    splitting: true,
    external: native,
    // Packages of the older kind ask for Node's own modules by `require`, which modules lack.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    logLevel: "silent",
    plugins: [ownPlaces],
  });
  try {
    renameSync(draft, home);
  } catch (fault) {
    rmSync(draft, { recursive: true });
    if (!existsSync(home)) throw fault;
  }
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
