/**
 * `ftc verify FILE`: runs a checked-in experiment again and compares it with its record. It runs from the beginning,
 * in a folder of its own: what an earlier run saved is neither taken for this one's nor overwritten.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MachineError } from "../../runtime/errors.ts";
import { compareRecords, readRecord } from "../../runtime/record.ts";
import { command, exit, required, value } from "./command.ts";
import { LateDevice } from "./late-device.ts";
import { execute, plannedFile, recordPath } from "./run.ts";

export const verify = command({
  name: "verify",
  summary: "run a checked-in experiment again and compare it with its record",
  parameters: {
    file: required("FILE", "the pipeline"),
    device: value("--device <NAME>", "part of the name of the GPU to use"),
  },
  async run(io, { file, device: name }) {
    const expected = await readRecord(recordPath(io, file));
    if (expected === undefined)
      throw new MachineError(`${file} has no record beside it`, [`\`ftc run ${file}\` writes one`]);
    const device = new LateDevice({ name });
    const directory = await mkdtemp(join(tmpdir(), "ftc-verify-"));
    try {
      const made = await plannedFile(io, file, device, "locked");
      if (made === undefined) return exit.program;
      // Rows and weights were found before, so all that is left to the directory is what the steps save.
      const { code, record } = await execute(io, { ...made, directory }, await device.open(), {
        resume: false,
        quiet: false,
        only: undefined,
      });
      if (record === undefined) return code;
      const { isExact, differences } = compareRecords(expected, record);
      for (const { what, expected: old, found } of differences)
        io.stdout.write(`${what}: recorded ${old}, found ${found}\n`);
      const how = isExact ? "bit for bit" : "within the tolerance between devices";
      io.stdout.write(
        differences.length === 0
          ? `the same as the record, ${how}\n`
          : `${differences.length} differences from the record\n`,
      );
      return differences.length === 0 ? exit.done : exit.program;
    } finally {
      device.close();
      await rm(directory, { recursive: true });
    }
  },
});
