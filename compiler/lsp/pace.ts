/**
 * Checks after edits, without a clock: one is due when a turn of the event loop has brought no further edit, and what
 * it finds is thrown away if one came while it was made. So it is as late as typing makes it, and no later.
 */

export class Pace {
  readonly #work: (isCurrent: () => boolean) => Promise<void>;
  readonly #failed: (fault: unknown) => void;
  #edits = 0;
  #isWaiting = false;

  constructor(work: (isCurrent: () => boolean) => Promise<void>, failed: (fault: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  /** Something changed. */
  edited(): void {
    this.#edits += 1;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#wait(this.#edits);
  }

  #wait(seen: number): void {
    setImmediate(() => {
      if (seen !== this.#edits) {
        this.#wait(this.#edits);
        return;
      }
      this.#isWaiting = false;
      this.#work(() => seen === this.#edits).catch(this.#failed);
    });
  }
}
