/** Our own faults. A `Bug` ends the command with exit code 70 and asks for a report; nothing recovers from one. */

export class Bug extends Error {
  override readonly name = "Bug";
  /** The text of the level at hand (a graph, a plan), printed under the message. */
  readonly evidence: string;

  constructor(message: string, evidence = "") {
    super(message);
    this.evidence = evidence;
  }
}

export function bug(message: string, evidence = ""): never {
  throw new Bug(message, evidence);
}
