/** `ftc diff A B`: what differs in meaning between two pipelines, plans or records. No GPU. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createColors } from "picocolors";
import { MachineError } from "../../runtime/errors.ts";
import { planHash, readPlan } from "../../runtime/plan-file.ts";
import { readRecord } from "../../runtime/record.ts";
import { common, compareFacts, type Difference, joined, unexplained } from "../diff/compare.ts";
import { type Facts, hashFact } from "../diff/facts.ts";
import { pipelineFacts } from "../diff/pipeline-facts.ts";
import { planFacts, programFacts } from "../diff/plan-facts.ts";
import { recordFacts } from "../diff/record-facts.ts";
import { softwareTarget } from "../plan/target.ts";
import { command, exit, type Io, outputOptions, required, writeJson } from "./command.ts";
import { prepare } from "./prepare.ts";

export const diff = command({
  name: "diff",
  summary: "say what differs in meaning between two pipelines, plans or records",
  parameters: {
    before: required("A", "a pipeline, a plan or a record"),
    after: required("B", "what to compare it with"),
    ...outputOptions("print JSON"),
  },
  async run(io, { before, after, json }) {
    const one = await sayingsOf(io, before);
    const other = await sayingsOf(io, after);
    if (one === undefined || other === undefined) return exit.program;
    const found = differences(one, other);
    if (json) writeJson(io.stdout, found);
    else writeDifferences(io, found, before, after);
    return exit.done;
  },
});

/** What a file says, in each of the ways in which another file may say it too. */
interface Sayings {
  /** Undefined for a plan and a record. */
  readonly pipeline: Facts | undefined;
  /** Undefined for a record. */
  readonly plan: Facts | undefined;
  /** Which plan ran, and what came of it. */
  readonly run: Facts;
  readonly isRecord: boolean;
}

/** Undefined after faults of the program, which have been shown. */
async function sayingsOf(io: Io, file: string): Promise<Sayings | undefined> {
  const path = resolve(io.cwd, file);
  if (file.endsWith(".record")) {
    const record = await readRecord(path);
    if (record === undefined) throw new MachineError(`there is no record ${file}`);
    const run = recordFacts(record);
    return { pipeline: undefined, plan: undefined, run, isRecord: true };
  }
  if (file.endsWith(".json") || existsSync(join(path, "plan.json"))) {
    const plan = await readPlan(path);
    const said = joined(planFacts(plan), programFacts(plan));
    return {
      pipeline: undefined,
      plan: said,
      run: runFacts(planHash(plan), said),
      isRecord: false,
    };
  }
  const prepared = await prepare(io, file, { target: softwareTarget, verify: false });
  const plan = prepared?.assembled.plan;
  if (prepared === undefined || plan === undefined) return undefined;
  const { loaded, data, assembled } = prepared;
  const said = planFacts(plan);
  const own = pipelineFacts({
    steps: loaded.pipeline.steps,
    counts: data.tokens,
    hashes: new Map([...data.facts].map(([name, { hash }]) => [name, hash])),
    graphs: assembled.graphs,
  });
  return {
    pipeline: joined(said, own),
    plan: joined(said, programFacts(plan)),
    run: runFacts(planHash(plan), said),
    isRecord: false,
  };
}

/** What a record says too: the hash of the plan, and the steps of its trainings. */
function runFacts(hash: string, plan: Facts): Facts {
  return joined(plan, new Map([["run", new Map([["plan", hashFact(hash)]])]]));
}

function differences(one: Sayings, other: Sayings): readonly Difference[] {
  if (one.isRecord && other.isRecord) return compareFacts(one.run, other.run);
  if (one.isRecord || other.isRecord)
    return compareFacts(common(one.run, other.run), common(other.run, one.run));
  if (one.pipeline !== undefined && other.pipeline !== undefined)
    return unexplained(compareFacts(one.pipeline, other.pipeline));
  return compareFacts(one.plan ?? new Map(), other.plan ?? new Map());
}

function writeDifferences(
  io: Io,
  found: readonly Difference[],
  before: string,
  after: string,
): void {
  const { bold, red, green } = createColors(io.stdout.colours);
  if (found.length === 0) {
    io.stdout.write(`${before} and ${after} mean the same\n`);
    return;
  }
  let section = "";
  for (const one of found) {
    if (one.name === "") {
      const home = one.before === undefined ? green(`only in ${after}`) : red(`only in ${before}`);
      io.stdout.write(`${bold(one.section)}  ${home}\n`);
      continue;
    }
    if (one.section !== section) io.stdout.write(`${bold(one.section)}\n`);
    section = one.section;
    const [old, now] = [one.before ?? "not there", one.after ?? "not there"];
    const also = old === now ? ", of other content" : "";
    io.stdout.write(`  ${one.name}  ${red(old)} → ${green(now)}${also}\n`);
  }
}
