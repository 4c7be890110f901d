/** The project's own files, by their paths from the root: what is written here, not what tools put here. */

import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path/posix";

const fromTools = new Set([".cache", ".git", "node_modules", "out", "shared"]);

/** The sources under some top-level folders. */
export function sourcesUnder(...folders: readonly string[]): readonly string[] {
  return projectFiles().filter(
    (path) => folders.includes(path.split("/")[0]) && /\.(m?js|ts)$/.test(path),
  );
}

export function projectFiles(folder = "."): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(
    ({ name }) => !fromTools.has(name),
  );
  return entries.sort(byName).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? projectFiles(path) : [path];
  });
}

function byName(one: Dirent, other: Dirent): number {
  return one.name < other.name ? -1 : 1;
}
