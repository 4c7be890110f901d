/** What is said where one piece is more than a device takes. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { prepare } from "../../compiler/commands/prepare.ts";
import { plainTarget, softwareTarget } from "../../compiler/plan/target.ts";
import { task } from "../faults/task.ts";
import { recordingIo } from "../support/io.ts";

const folder = fileURLToPath(new URL("../fixtures/pages/", import.meta.url));
const embedding = 4 * 258 * 16;

test("a device that does not take a tensor is told before anything is allocated", async () => {
  const io = recordingIo(folder);
  const target = { ...softwareTarget, name: "Small GPU", mostBound: embedding - 1 };
  expect(await prepare(io, "setting.ftp", { target, verify: false })).toBeUndefined();
  const [title] = /^.*FT701.*$/m.exec(io.written.stderr) ?? [];
  expect(title).toMatch(
    /^error\[FT701\] .* is \S+KiB in one piece, and Small GPU takes 16\.12KiB$/,
  );
  expect(io.written.stderr).toContain("train sft {");
});

test("a device with fewer buffers than attention's gradients need is told so", async () => {
  const io = recordingIo(folder);
  const target = { ...softwareTarget, name: "Small GPU", mostBindings: 8 };
  expect(await prepare(io, "setting.ftp", { target, verify: false })).toBeUndefined();
  const [title] = /^.*FT701.*$/m.exec(io.written.stderr) ?? [];
  expect(title).toMatch(
    /^error\[FT701\] attentionGradientKeyValue in layers\.\d\.self_attn: .* works on 9 buffers at once, and Small GPU takes 8$/,
  );
});

// States that several results of one kernel read are bound beside what replaces them.
test.each([9, 10, 12, 16])(
  "no kernel of a clipped update binds more than %d buffers",
  async (most) => {
    const clipped = task();
    clipped.edit("seed ", "grad_clip = 1.0\n  seed ");
    const io = recordingIo(clipped.folder);
    const target = { ...plainTarget, name: "Some GPU", mostBindings: most };
    const prepared = await prepare(io, "task.ftp", { target, verify: true });
    expect(io.written.stderr).toBe("");
    expect(prepared?.assembled.plan?.requires.limits).toMatchObject({
      maxStorageBuffersPerShaderStage: expect.toSatisfy((bound: number) => bound <= most),
    });
  },
);

test("a device that takes every piece is not spoken of", async () => {
  const io = recordingIo(folder);
  const prepared = await prepare(io, "setting.ftp", { target: softwareTarget, verify: false });
  expect(prepared?.assembled.plan?.jobs).toHaveLength(1);
  expect(io.written.stderr).toBe("");
});
