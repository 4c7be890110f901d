/** An answer comes while one types. `npm run bench language-server` says how fast; this holds that it stays so. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { editTimes, median } from "../support/edit-times.ts";
import { sharedFolder } from "../support/folder.ts";
import { Editor } from "../support/language-client.ts";
import { longProgram } from "../support/long-program.ts";

const folder = sharedFolder();
let editor: Editor;

beforeAll(async () => {
  editor = await Editor.start(folder);
});
afterAll(async () => {
  await editor.stop();
});

// The goal is 30 ms on an idle machine. Tests run beside one another on loaded ones, so it has room here; what this
// is to find is work that grows with the square of the file, or that is done again for every module.
const bound = 250;

test("an edit in a file of 500 lines is answered at once", async () => {
  const text = longProgram(500);
  expect(text.split("\n").length).toBeGreaterThan(500);
  await editor.open("long.ftp", text);
  expect(await editor.diagnostics("long.ftp")).toEqual([]);
  const times = await editTimes(editor, "long.ftp", "let h = x +", "let h = x  +", 20);
  expect(median(times)).toBeLessThan(bound);
});
