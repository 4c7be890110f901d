/**
 * What ends a run. `MachineError`: a file, a device, memory; exit code 3, says what was being done.
 * `PlanFault`: a plan that does not hold together (a kernel that does not compile, a tensor that is not
 * there), so the compiler's fault and ours: exit code 70. Nothing recovers from either.
 */

export class MachineError extends Error {
  override readonly name = "MachineError";
  /** The ways out, best first. */
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = []) {
    super(message);
    this.hints = hints;
  }
}

export class PlanFault extends Error {
  override readonly name = "PlanFault";
  /** The text at hand (a kernel, a dispatch), printed under the message. */
  readonly evidence: string;

  constructor(message: string, evidence = "") {
    super(message);
    this.evidence = evidence;
  }
}

export function planFault(message: string, evidence = ""): never {
  throw new PlanFault(message, evidence);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
