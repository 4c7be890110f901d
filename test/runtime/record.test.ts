/** Records of runs: what is kept, and what counts as the same. */

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MachineError } from "../../runtime/errors.ts";
import { compareRecords, type RunRecord, readRecord, writeRecord } from "../../runtime/record.ts";
import { folderWith } from "../support/folder.ts";

const record: RunRecord = {
  format: "ftc-record",
  version: 1,
  plan: "abc",
  device: { class: "vulkan mesa software llvmpipe", driver: "Mesa 25.0.7" },
  trainings: {
    sft: {
      losses: [4, 3, 2],
      evaluations: [{ step: 3, metrics: { loss: 2.5, perplexity: null } }],
      fingerprint: "f00d",
    },
  },
  evaluations: { quality: { base: { perplexity: 20 } } },
};

const withLosses = (losses: readonly number[]): RunRecord => ({
  ...record,
  trainings: { sft: { ...record.trainings.sft, losses } },
});

const elsewhere: RunRecord["device"] = { class: "metal apple m4", driver: "macOS 15" };

describe("comparing records", () => {
  test("on the same device reports the last bit", () => {
    const { changed, differences } = compareRecords(record, withLosses([4, 3.0000000000000004, 2]));
    expect(changed).toEqual([]);
    expect(differences).toEqual([
      { what: "loss of sft at step 2", expected: "3", found: "3.0000000000000004" },
    ]);
  });

  test("on the same device reports weights that differ", () => {
    const found = {
      ...record,
      trainings: { sft: { ...record.trainings.sft, fingerprint: "beef" } },
    };
    expect(compareRecords(record, found).differences).toEqual([
      { what: "weights of sft", expected: "f00d", found: "beef" },
    ]);
  });

  test("on another device allows the tolerance and no more", () => {
    const near = { ...withLosses([4.05, 3, 2]), device: elsewhere };
    expect(compareRecords(record, near)).toEqual({
      changed: ["device", "driver"],
      differences: [],
    });
    const far = { ...withLosses([4.2, 3, 2]), device: elsewhere };
    expect(compareRecords(record, far).differences.map(({ what }) => what)).toEqual([
      "loss of sft at step 1",
    ]);
  });

  test("is not exact across drivers", () => {
    const device = { ...record.device, driver: "Mesa 25.1.0" };
    expect(compareRecords(record, { ...record, device }).changed).toEqual(["driver"]);
  });

  test("reports what only one of them has", () => {
    const found = { ...withLosses([4, 3]), evaluations: {} };
    expect(compareRecords(record, found).differences).toEqual([
      { what: "loss of sft at step 3", expected: "2", found: "nothing" },
      { what: "perplexity of base in quality", expected: "20", found: "nothing" },
    ]);
  });
});

describe("a record on disk", () => {
  test("reads back as it was written", async () => {
    const path = join(folderWith(), "a.ftp.record");
    await writeRecord(path, record);
    expect(await readRecord(path)).toEqual(record);
  });

  test("that is not there is none", async () => {
    expect(await readRecord(join(folderWith(), "a.ftp.record"))).toBeUndefined();
  });

  test("with a loss that is text is refused by its field", async () => {
    const text = JSON.stringify(record).replace("[4,3,2]", '[4,"three",2]');
    const path = join(folderWith({ "a.ftp.record": text }), "a.ftp.record");
    await expect(readRecord(path)).rejects.toThrow(MachineError);
    await expect(readRecord(path)).rejects.toThrow("/trainings/sft/losses/1 must be number");
  });
});
