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

/** The message of anything that was thrown; of a call of the system, what it means for a file. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = "code" in thrown ? String(thrown.code) : "";
  return Object.hasOwn(systemWords, code) ? systemWords[code] : thrown.message;
}

/** By the system's code. Its own message repeats the path, which whoever throws has said by its short name. */
const systemWords: Readonly<Record<string, string>> = {
  EACCES: "you have no permission for it",
  EEXIST: "a file of that name is in the way",
  EISDIR: "it is a folder, and a file is needed",
  EMFILE: "too many files are open",
  ENOENT: "there is no such file",
  ENOSPC: "the disk is full",
  ENOTDIR: "its path goes through a file as if that were a folder",
  EPERM: "the system does not permit it",
  EROFS: "the disk can only be read",
};
