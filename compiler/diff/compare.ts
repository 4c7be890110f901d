/** Two lists of facts, compared: which differ, and what is there in one alone. */

import type { Fact, Facts } from "./facts.ts";

export interface Difference {
  readonly section: string;
  /** Empty where the whole section is in one alone. */
  readonly name: string;
  /** Undefined where it is in one alone. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The sections of the first in its order, then those of the second alone. */
export function compareFacts(before: Facts, after: Facts): readonly Difference[] {
  const sections = new Set([...before.keys(), ...after.keys()]);
  return [...sections].flatMap((section): readonly Difference[] => {
    const [old, now] = [before.get(section), after.get(section)];
    if (old === undefined) return [{ section, name: "", before: undefined, after: section }];
    if (now === undefined) return [{ section, name: "", before: section, after: undefined }];
    const names = new Set([...old.keys(), ...now.keys()]);
    return [...names].flatMap((name) => {
      const [one, other] = [old.get(name), now.get(name)];
      if (one?.meaning === other?.meaning) return [];
      return [{ section, name, before: one?.shown, after: other?.shown }];
    });
  });
}

/** What a step's schedule, optimizer and clipping turn into, in the graph of its update. */
const ofUpdate = /^(optimizer|learning_rate|length|grad_clip|steps)\b/;

/**
 * Without what other differences explain: where a step's rate or optimizer differs, so do the numbers in its
 * update's graph.
 */
export function unexplained(found: readonly Difference[]): readonly Difference[] {
  return found.filter(({ section, name }) => {
    const step = /^graph (.*)\.update$/.exec(section)?.[1];
    if (step === undefined || name !== "constants") return true;
    return !found.some((other) => other.section === `train ${step}` && ofUpdate.test(other.name));
  });
}

/** The facts of `facts` whose section and name `other` has too: what a plan and a record can both say. */
export function common(facts: Facts, other: Facts): Facts {
  const kept = new Map<string, ReadonlyMap<string, Fact>>();
  for (const [section, own] of facts) {
    const there = other.get(section);
    if (there === undefined) continue;
    kept.set(section, new Map([...own].filter(([name]) => there.has(name))));
  }
  return kept;
}

/** Both lists; a fact of the second takes the place of the first's of that name. */
export function joined(first: Facts, second: Facts): Facts {
  const all = new Map([...first].map(([section, facts]) => [section, new Map(facts)]));
  for (const [section, facts] of second) {
    const own = all.get(section) ?? new Map<string, Fact>();
    all.set(section, own);
    for (const [name, fact] of facts) own.set(name, fact);
  }
  return all;
}
