/** What a record says: which plan ran where, and what came of it. */

import type { RunRecord } from "../../runtime/record.ts";
import { countFact, FactList, type Facts, hashFact, wordFact } from "./facts.ts";

export function recordFacts(record: RunRecord): Facts {
  const list = new FactList();
  for (const [name, { losses, evaluations, fingerprint }] of Object.entries(record.trainings)) {
    const section = `train ${name}`;
    list.add(section, "steps", countFact(losses.length));
    const [first] = losses;
    const last = losses.at(-1);
    if (first !== undefined) list.add(section, "first loss", numberFact(first));
    if (last !== undefined) list.add(section, "last loss", numberFact(last));
    for (const [metric, value] of Object.entries(evaluations.at(-1)?.metrics ?? {}))
      list.add(section, `last eval.${metric}`, numberFact(value));
    list.add(section, "trained weights", hashFact(fingerprint));
  }
  for (const [name, models] of Object.entries(record.evaluations)) {
    for (const [model, metrics] of Object.entries(models)) {
      for (const [metric, value] of Object.entries(metrics))
        list.add(`evaluate ${name}`, `${model} ${metric}`, numberFact(value));
    }
  }
  list.add("run", "plan", hashFact(record.plan));
  list.add("run", "device", wordFact(record.device.class));
  list.add("run", "driver", wordFact(record.device.driver));
  return list.facts;
}

/** Compared bit for bit, shown to five digits. */
function numberFact(value: number | null) {
  return {
    meaning: String(value),
    shown: value === null ? "not a number" : String(Number(value.toPrecision(5))),
  };
}
