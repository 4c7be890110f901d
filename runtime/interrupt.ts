/**
 * Ctrl-C. The first asks the run to finish the step at hand and save; the second stops the process at once.
 * SIGTERM counts like Ctrl-C, since that is how clusters say it.
 */

/** What shells report for a process that Ctrl-C ended: 128 + SIGINT. */
export const interruptedExit = 130;

/** Ends work that has nothing to save, from within. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

const signals = ["SIGINT", "SIGTERM"] as const;

export class Interrupt {
  #requested = false;
  readonly #announce: () => void;
  readonly #listener = (): void => {
    if (this.#requested) process.exit(interruptedExit);
    this.#requested = true;
    this.#announce();
  };

  /** `announce` runs on the first signal. Listens until `close`. */
  constructor(announce: () => void) {
    this.#announce = announce;
    for (const signal of signals) process.on(signal, this.#listener);
  }

  get isRequested(): boolean {
    return this.#requested;
  }

  /** @throws Interrupted once an end was asked for */
  check(): void {
    if (this.#requested) throw new Interrupted();
  }

  close(): void {
    for (const signal of signals) process.off(signal, this.#listener);
  }
}
