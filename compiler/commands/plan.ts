/** `ftc plan FILE`: counts rows, tokens and steps, lays out memory, and prints the table; no GPU. */

import { resolve } from "node:path";
import type { Plan } from "../../runtime/plan.ts";
import { writePlan } from "../../runtime/plan-file.ts";
import { memoryTable, showBytes } from "../plan/table.ts";
import { softwareTarget } from "../plan/target.ts";
import { command, exit, flag, type Output, required, value } from "./command.ts";
import type { CountedData } from "./load.ts";
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
    verify: flag("--verify", "verify every graph after every pass"),
    ...lockOptions,
  },
  async run(io, { file, out, verify, ...lock }) {
    const options = { target: softwareTarget, verify, lock: lockUse(lock) };
    const prepared = await prepare(io, file, options);
    if (prepared?.assembled.plan === undefined) return exit.program;
    writeTable(io.stdout, prepared.assembled.plan, prepared.data);
    if (out !== undefined) await writePlan(resolve(io.cwd, out), prepared.assembled.plan);
    return exit.done;
  },
});

function writeTable(output: Output, made: Plan, data: CountedData): void {
  const number = (count: number) => count.toLocaleString("en-US");
  for (const [name, { windows, rows, tokens, learned }] of data.tokens) {
    output.write(
      `data   ${name}: ${number(rows)} rows, ${number(windows)} windows, ${number(tokens)} tokens, ${number(learned)} learned\n`,
    );
  }
  for (const job of made.jobs) {
    if (job.kind !== "train") continue;
    const epochs =
      (job.steps * job.sequences) / Math.max(1, data.facts.get(job.dataset)?.windows ?? 1);
    output.write(
      `train  ${job.name}: ${number(job.steps)} steps of ${job.sequences} sequences, ${epochs.toFixed(2)} epochs\n`,
    );
    const parameters = made.models[job.model]?.parameters ?? [];
    const count = (trained: boolean) =>
      parameters
        .filter((one) => one.trained === trained)
        .reduce(
          (total, one) =>
            total +
            (made.tensors[one.tensor]?.shape.reduce((product, size) => product * size, 1) ?? 0),
          0,
        );
    output.write(
      `model  ${job.model}: ${number(count(true))} trained parameters, ${number(count(false))} frozen\n`,
    );
  }
  for (const { owner, bytes } of memoryTable(made))
    output.write(`memory ${owner.padEnd(12)}${showBytes(bytes).padStart(12)}\n`);
  output.write(`memory ${"in all".padEnd(12)}${showBytes(made.requires.bytes).padStart(12)}\n`);
  const dispatches = Object.values(made.programs).reduce(
    (total, program) => total + program.dispatches.length,
    0,
  );
  output.write(
    `plan   ${Object.keys(made.programs).length} programs, ${number(dispatches)} dispatches of ${Object.keys(made.kernels).length} kernels\n`,
  );
}
