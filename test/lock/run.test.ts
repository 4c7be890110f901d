/** Runs, records and locks together. */

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockHash } from "../../runtime/lock.ts";
import { experiment } from "./experiment.ts";

test("a run writes lock and record, and `ftc verify` holds to both", async () => {
  const made = await experiment();
  expect((await made.ftc("run", "exp.ftp", "--quiet")).code).toBe(0);
  const lock = await made.lock();
  expect(JSON.parse(made.read("exp.ftp.record")).lock).toBe(lockHash(lock));

  // What was saved is not taken for the answer.
  const kept = readdirSync(join(made.folder, "out/sft/checkpoints"));
  const again = await made.ftc("verify", "exp.ftp");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("bit for bit") });
  expect(again.stderr).toContain("step 1/2");
  expect(readdirSync(join(made.folder, "out/sft/checkpoints"))).toEqual(kept);

  made.edit("rows.jsonl", '"answer":"5"', '"answer":"6"');
  const changed = await made.ftc("verify", "exp.ftp");
  expect(changed).toMatchObject({ code: 1, stderr: expect.stringContaining("error[FT802]") });

  await made.ftc("lock", "exp.ftp");
  const accepted = await made.ftc("verify", "exp.ftp", "--json");
  expect(accepted.code).toBe(1);
  expect(JSON.parse(accepted.stdout).differences).toContainEqual(
    expect.objectContaining({ what: "lock" }),
  );

  rmSync(join(made.folder, "exp.ftp.lock"));
  const without = await made.ftc("verify", "exp.ftp");
  expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining("error[FT801]") });
  // A software adapter compiles each kernel that it has not seen before in tenths of a second.
}, 180_000);

test("a module that says the same in other words leaves a record as good as it was", async () => {
  const made = await experiment();
  await made.ftc("lock", "exp.ftp");
  const before = lockHash(await made.lock());
  made.edit("own.ftp", "/// How a row is", "/// How one is");
  await made.ftc("lock", "exp.ftp");
  expect(lockHash(await made.lock())).toBe(before);
  made.edit("rows.jsonl", '"answer":"5"', '"answer":"6"');
  await made.ftc("lock", "exp.ftp");
  expect(lockHash(await made.lock())).not.toBe(before);
});

test("a plan has no lock to hold it to", async () => {
  const made = await experiment();
  await made.ftc("plan", "exp.ftp", "-o", "plan.json");
  const { code, stderr } = await made.ftc("run", "plan.json", "--locked");
  expect(code).toBe(2);
  expect(stderr).toContain("--locked is for a pipeline, which has a lock");
});
