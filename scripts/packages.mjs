/** The packages of package-lock.json: whether they are installed, and installing them. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

/**
 * @typedef {{ readonly version?: string, readonly integrity?: string, readonly optional?: boolean }} Locked
 * @typedef {{ readonly packages: Readonly<Record<string, Locked>> }} Lock
 */

/** Whether node_modules holds what the lock says, by the list that npm itself keeps there. */
export function packagesAreInstalled() {
  const kept = new URL("node_modules/.package-lock.json", root);
  return existsSync(kept) && agrees(read(new URL("package-lock.json", root)), read(kept));
}

/**
 * Optional packages are builds for one kind of machine each, so not all of them are there.
 *
 * @param {Lock} lock
 * @param {Lock} kept
 */
export function agrees(lock, kept) {
  const isSame = (/** @type {Locked | undefined} */ one, /** @type {Locked | undefined} */ other) =>
    one?.version === other?.version && one?.integrity === other?.integrity;
  return (
    Object.entries(lock.packages).every(
      ([path, locked]) => path === "" || locked.optional || isSame(locked, kept.packages[path]),
    ) && Object.entries(kept.packages).every(([path, found]) => isSame(found, lock.packages[path]))
  );
}

/** Runs `npm ci`, and shows what npm said only where it failed. */
export function installPackages() {
  // npm names itself to its scripts; started by hand, setup takes the npm of the PATH.
  const itself = process.env.npm_execpath;
  const isWindows = process.platform === "win32";
  const [command, ...words] =
    itself === undefined ? ["npm", "ci"] : [process.execPath, itself, "ci"];
  const { status, error, stdout, stderr } = spawnSync(command, words, {
    cwd: fileURLToPath(root),
    encoding: "utf8",
    // npm is a .cmd file there, which only a shell starts.
    shell: isWindows && itself === undefined,
  });
  if (status === 0) return;
  throw new Error(`npm ci failed.\n${error?.message ?? `${stdout}${stderr}`}`);
}

/**
 * @param {URL} file
 * @returns {Lock}
 */
function read(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}
