/** Which compiler this is: the version of our own package.json. */

import { readFileSync } from "node:fs";

export function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  // Our own package.json: a string version is npm's condition for installing it.
  return (manifest as { readonly version: string }).version;
}
