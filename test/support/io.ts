/** A command's surroundings without a process: what it wrote is there to be read. */

import type { Input, Io, Output } from "../../compiler/commands/command.ts";

export interface Recorded extends Io {
  readonly written: { stdout: string; stderr: string };
}

/** `typed` is what stands in standard input. */
export function recordingIo(cwd = process.cwd(), typed = ""): Recorded {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written): Output => ({
    write(text) {
      written[name] += text;
    },
    isTerminal: false,
    colours: false,
  });
  const stdin: Input = {
    text: async () => typed,
    lines: async function* () {
      if (typed !== "") yield* typed.replace(/\n$/, "").split("\n");
    },
    isTerminal: false,
  };
  return { stdin, stdout: output("stdout"), stderr: output("stderr"), env: {}, cwd, written };
}
