/** `ftc plan FILE`: counts rows, tokens and steps, lays out memory, and prints the table; no GPU. */

import { resolve } from "node:path";
import { showCount } from "../../runtime/count.ts";
import { writePlan } from "../../runtime/plan-file.ts";
import { pinned } from "../plan/pinned.ts";
import { type PlanSummary, planSummary } from "../plan/summary.ts";
import { showBytes } from "../plan/table.ts";
import { softwareTarget } from "../plan/target.ts";
import {
  command,
  exit,
  flag,
  type Output,
  outputOptions,
  required,
  value,
  writeJson,
} from "./command.ts";
import type { CountedData } from "./count-data.ts";
import { addressesOf, type Loaded } from "./load.ts";
import { lockOptions, lockUse } from "./locking.ts";
import { prepare } from "./prepare.ts";

export const plan = command({
  name: "plan",
  summary: "count rows, tokens, steps and bytes of a run, without a GPU",
  parameters: {
    file: required("FILE", "the pipeline"),
    out: value(
      "-o, --out <PATH>",
      "write the plan: a .json file, or a folder with its kernels beside it",
    ),
    verify: flag("--verify", "verify models, graphs after every pass, kernels and the plan"),
    ...outputOptions("print JSON"),
    ...lockOptions,
  },
  async run(io, { file, out, verify, json, ...lock }) {
    const options = { target: softwareTarget, verify, lock: lockUse(lock) };
    const prepared = await prepare(io, file, options);
    if (prepared?.assembled.plan === undefined) return exit.program;
    const { data } = prepared;
    const summary = planSummary(
      prepared.assembled.plan,
      (name) => data.facts.get(name)?.windows ?? 0,
    );
    if (json) writeJson(io.stdout, { data: Object.fromEntries(data.tokens), ...summary });
    else writeTable(io.stdout, summary, data);
    if (out !== undefined) {
      const commits = await commitsOf(prepared.loaded);
      const kept = pinned(prepared.assembled.plan, (address) => commits.get(address));
      await writePlan(resolve(io.cwd, out), kept);
    }
    return exit.done;
  },
});

/** The commits behind the addresses of the hub's models. */
async function commitsOf({ program, placeOf }: Loaded): Promise<ReadonlyMap<string, string>> {
  const commits = new Map<string, string>();
  for (const address of addressesOf(program)) {
    const { commit } = await placeOf(address);
    if (commit !== undefined) commits.set(address, commit);
  }
  return commits;
}

function writeTable(
  output: Output,
  { trainings, models, memory, programs, dispatches, kernels }: PlanSummary,
  data: CountedData,
): void {
  const lines = [
    ...[...data.tokens].map(
      ([name, { windows, rows, tokens, learned }]) =>
        `data   ${name}: ${showCount(rows)} rows, ${showCount(windows)} windows, ${showCount(tokens)} tokens, ${showCount(learned)} learned`,
    ),
    ...trainings.map(
      ({ name, steps, sequences, epochs }) =>
        `train  ${name}: ${showCount(steps)} steps of ${sequences} sequences, ${epochs.toFixed(2)} epochs`,
    ),
    ...models.map(
      ({ name, trained, frozen }) =>
        `model  ${name}: ${showCount(trained)} trained parameters, ${showCount(frozen)} frozen`,
    ),
    ...[...memory.owners, { owner: "in all", bytes: memory.bytes }].map(
      ({ owner, bytes }) => `memory ${owner.padEnd(12)}${showBytes(bytes).padStart(12)}`,
    ),
    `plan   ${programs} programs, ${showCount(dispatches)} dispatches of ${kernels} kernels`,
  ];
  output.write(`${lines.join("\n")}\n`);
}
