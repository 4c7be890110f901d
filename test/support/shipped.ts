/** What ships with the project, for tests that work on copies of it. */

import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the shipped pipelines. */
export const shipped = fileURLToPath(new URL("../../pipelines/", import.meta.url));

/** Puts the base model of the pipelines into a folder, where a pipeline beside it finds it. */
export function putBase(folder: string): void {
  cpSync(join(shipped, "models/tiny"), join(folder, "models/tiny"), { recursive: true });
}
