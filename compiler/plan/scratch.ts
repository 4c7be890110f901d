/** How long the values of one program live that are in memory only while it runs. */

import { bytesOfType, type Life, relate } from "./arena.ts";
import type { Held, Steps } from "./steps.ts";

/** `v12` for a value, `s3` for memory between the stages of a kernel. */
export type ScratchKey = string;

export function keyOf(held: Held): ScratchKey {
  return typeof held === "number" ? `v${held}` : `s${held.scratch}`;
}

export interface ScratchLives {
  readonly lives: ReadonlyMap<ScratchKey, Life>;
  readonly conflicts: ReadonlyMap<ScratchKey, ReadonlySet<ScratchKey>>;
}

/** `isElsewhere` tells what has a place already. */
export function scratchLives(steps: Steps, isElsewhere: (held: Held) => boolean): ScratchLives {
  const lives = new Map<ScratchKey, Life>();
  const conflicts = new Map<ScratchKey, Set<ScratchKey>>();
  for (const [at, { bindings }] of steps.steps.entries()) {
    const ours = bindings.filter(({ held }) => !isElsewhere(held));
    for (const { held } of ours) {
      const key = keyOf(held);
      const bytes = typeof held === "number" ? bytesOfType(steps.types[held]) : held.bytes;
      lives.set(key, { bytes, first: lives.get(key)?.first ?? at, last: at });
    }
    const keys = (access: string) =>
      ours.filter((one) => one.access === access).map(({ held }) => keyOf(held));
    for (const own of keys("write"))
      for (const other of keys("read")) relate(conflicts, own, other);
  }
  // The host reads results after the last step.
  for (const value of steps.outputs.values()) {
    const life = lives.get(keyOf(value));
    if (life !== undefined) lives.set(keyOf(value), { ...life, last: steps.steps.length });
  }
  return { lives, conflicts };
}
