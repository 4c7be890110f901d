/** `ftc explain`: finding a page by its code or its slug. The pages themselves are tested with the diagnostics. */

import { expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { recordingIo } from "../support/io.ts";

async function explain(...words: readonly string[]) {
  const io = recordingIo();
  const code = await runCommandLine(["explain", ...words], io);
  return { code, ...io.written };
}

test("explain prints the same page for a code and for its slug", async () => {
  const byCode = await explain("FT501");
  expect(byCode).toMatchObject({ code: 0, stdout: expect.stringContaining("FT501") });
  expect(await explain("no-such-layer")).toEqual(byCode);
});

test("explain without a code lists them all", async () => {
  const { code, stdout } = await explain();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^FT501 no-such-layer$/m);
});

test("explain of a code that there is not ends with 2 and names the nearest", async () => {
  const { code, stderr } = await explain("no-such-lair");
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "error: there is no code no-such-lair; did you mean no-such-layer?\n",
  });
});

test("explain of what may be a warning says how to allow it, and of an error does not", async () => {
  expect((await explain("few-examples")).stdout).toContain("`// ftc: allow FT416 — the reason`");
  expect((await explain("leak")).stdout).not.toContain("ftc: allow");
});
