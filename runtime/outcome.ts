/**
 * How something that was waited for ended, as a value. A promise that may fail before anybody waits for it
 * is turned into one at once, so that its failure is thrown where it is looked at and nowhere else.
 */

export type Outcome<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly error: unknown };

export async function outcomeOf<T>(work: Promise<T> | (() => T | Promise<T>)): Promise<Outcome<T>> {
  try {
    return { done: true, value: await (typeof work === "function" ? work() : work) };
  } catch (error) {
    return { done: false, error };
  }
}

/** @throws what the work threw. */
export function unwrapped<T>(outcome: Outcome<T>): T {
  if (!outcome.done) throw outcome.error;
  return outcome.value;
}
