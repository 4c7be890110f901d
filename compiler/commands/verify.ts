/**
 * `ftc verify FILE`: runs a checked-in experiment again and compares it with its record. It runs from the beginning,
 * in a folder of its own: what an earlier run saved is neither taken for this one's nor overwritten.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MachineError } from "../../runtime/errors.ts";
import { type Comparison, compareRecords, readRecord } from "../../runtime/record.ts";
import {
  command,
  exit,
  type Output,
  outputOptions,
  required,
  value,
  writeJson,
} from "./command.ts";
import { LateDevice } from "./late-device.ts";
import { execute, plannedFile, recordPath, showResult } from "./run.ts";

export const verify = command({
  name: "verify",
  summary: "run a checked-in experiment again and compare it with its record",
  parameters: {
    file: required("FILE", "the pipeline"),
    device: value("--device <NAME>", "part of the name of the GPU to use"),
    ...outputOptions("print what differs as JSON"),
  },
  async run(io, { file, device: name, json }) {
    // What the steps print is not what is asked for here.
    const told = json ? { ...io, stdout: io.stderr } : io;
    const expected = await readRecord(recordPath(io, file));
    if (expected === undefined)
      throw new MachineError(`${file} has no record beside it`, [`\`ftc run ${file}\` writes one`]);
    const device = new LateDevice({ name });
    const directory = await mkdtemp(join(tmpdir(), "ftc-verify-"));
    try {
      const made = await plannedFile(io, file, device, "locked");
      if (made === undefined) return exit.program;
      // Rows and weights were found before, so all that is left to the directory is what the steps save.
      const replayed = { ...made, directory };
      const { code, record } = await execute(io, replayed, await device.open(), {
        resume: false,
        quiet: false,
        only: undefined,
        finished: (result) => showResult(told, replayed, result),
      });
      if (record === undefined) return code;
      const comparison = compareRecords(expected, record);
      if (json) writeJson(io.stdout, comparison);
      else writeComparison(io.stdout, comparison);
      return comparison.differences.length === 0 ? exit.done : exit.program;
    } finally {
      device.close();
      await rm(directory, { recursive: true });
    }
  },
});

function writeComparison(output: Output, { changed, differences }: Comparison): void {
  for (const { what, expected, found } of differences)
    output.write(`${what}: recorded ${expected}, found ${found}\n`);
  const others = changed.map((one) => `another ${one}`).join(", ");
  const how = changed.length === 0 ? "bit for bit" : `within the tolerance (${others})`;
  output.write(
    differences.length === 0
      ? `the same as the record, ${how}\n`
      : `${differences.length} differences from the record\n`,
  );
}
