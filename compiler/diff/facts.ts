/**
 * What a pipeline, a plan or a record says, as facts by section: `train sft` has `learning_rate.peak`. Two
 * of these are compared fact by fact, so a difference has the name that the author gave it.
 */

import { showCount } from "../../runtime/count.ts";

export interface Fact {
  /** Equal for facts that mean the same, however they are written. */
  readonly meaning: string;
  /** As people read it. */
  readonly shown: string;
}

/** By section, then by name, both in the order in which they are to be read. */
export type Facts = ReadonlyMap<string, ReadonlyMap<string, Fact>>;

/** Facts under way. What is added later under the same name takes the place of what was there. */
export class FactList {
  readonly #sections = new Map<string, Map<string, Fact>>();

  add(section: string, name: string, fact: Fact | undefined): void {
    if (fact === undefined) return;
    const facts = this.#sections.get(section) ?? new Map<string, Fact>();
    this.#sections.set(section, facts);
    facts.set(name, fact);
  }

  /** A section that may have no facts is there all the same. */
  open(section: string): void {
    if (!this.#sections.has(section)) this.#sections.set(section, new Map());
  }

  get facts(): Facts {
    return this.#sections;
  }
}

export function wordFact(word: string | boolean): Fact {
  return { meaning: String(word), shown: String(word) };
}

/** A count: `147,456`. */
export function countFact(count: number): Fact {
  return { meaning: String(count), shown: showCount(count) };
}

/** A hash, of which people compare the beginning. */
export function hashFact(hash: string): Fact {
  return { meaning: hash, shown: hash.slice(0, 12) };
}
