/** A command's surroundings without a process: what it wrote is there to be read. */

import type { Io, Output } from "../../compiler/commands/command.ts";

export interface Recorded extends Io {
  readonly written: { stdout: string; stderr: string };
}

export function recordingIo(cwd = process.cwd()): Recorded {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written): Output => ({
    write(text) {
      written[name] += text;
    },
    isTerminal: false,
    colours: false,
  });
  return { stdout: output("stdout"), stderr: output("stderr"), env: {}, cwd, written };
}
