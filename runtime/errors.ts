/** The machine's faults: a file, a device, memory. They end the command with exit code 3 and say what was being done. */

export class MachineError extends Error {
  override readonly name = "MachineError";
  /** The ways out, best first. */
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = []) {
    super(message);
    this.hints = hints;
  }
}
