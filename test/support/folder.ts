/** A folder of files for tests, gone after them. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** For the test that asks. */
export function folderWith(files: Files = {}): string {
  const folder = filled(files);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** For all the tests of a file or of a `describe`, which asks outside of its tests and hooks. */
export function sharedFolder(files: Files = {}): string {
  const folder = filled(files);
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

function filled(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "ftc-test-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
