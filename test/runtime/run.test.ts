/** A whole plan: jobs in order, results, and what stops them. */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Device } from "../../runtime/device.ts";
import { MachineError } from "../../runtime/errors.ts";
import { Executor } from "../../runtime/execute.ts";
import { Generator } from "../../runtime/generate.ts";
import { planHash } from "../../runtime/plan-file.ts";
import { Progress } from "../../runtime/progress.ts";
import { compareRecords, readRecord, recordOf, writeRecord } from "../../runtime/record.ts";
import {
  type EvaluateResult,
  evaluationTable,
  type JobResult,
  writingOf,
} from "../../runtime/results.ts";
import { type RunOptions, type RunOutcome, runPlan } from "../../runtime/run.ts";
import { streamText } from "../../runtime/stream.ts";
import { loadTokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import { openCheckpoint } from "../../runtime/weights/checkpoint.ts";
import { lines } from "../data/plans.ts";
import { folderWith } from "../support/folder.ts";
import { bigramPlan, rowsFile } from "./bigram-plan.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

/** Every answer is 2, so that a table of pairs can learn to answer. */
const rows = lines(
  ...["1+1", "3-1", "4/2", "2*1", "9-7"].map((question) => ({ question, answer: "2" })),
);

const pipeline = () => folderWith({ "words.txt": "words", [rowsFile]: rows });

interface Run {
  readonly outcome: RunOutcome;
  readonly shown: string;
}

async function run(
  directory: string,
  steps: number,
  options: Partial<RunOptions> & { readonly interruptAt?: string } = {},
): Promise<Run> {
  let shown = "";
  const progress = new Progress({
    isTerminal: false,
    write(text) {
      shown += text;
      if (options.interruptAt !== undefined && text.includes(options.interruptAt)) {
        process.emit("SIGINT");
      }
    },
  });
  const resolve = async (address: string) => address;
  const outcome = await runPlan(bigramPlan(steps), {
    device,
    directory,
    progress,
    resume: false,
    resolve,
    ...options,
  });
  return { outcome, shown };
}

function resultsOf({ outcome }: Run): readonly JobResult[] {
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
  return outcome.results;
}

function evaluated(results: readonly JobResult[]): EvaluateResult {
  const found = results.find((result) => result.kind === "evaluate");
  if (found?.kind !== "evaluate") throw new Error("nothing was evaluated");
  return found;
}

describe("a plan that runs", () => {
  test("trains, evaluates, answers and exports", async () => {
    const directory = pipeline();
    const results = resultsOf(await run(directory, 12));
    expect(results.map(({ name }) => name)).toEqual(["sft", "quality", "doubled"]);
    const [base, trained] = evaluated(results).models;
    // An empty table gives all 258 tokens the same probability, and answers with the first of them.
    expect(base.values[0]).toBeCloseTo(258, 1);
    expect(base.values[1]).toBe(0);
    expect(trained.values[0]).toBeLessThan(3);
    expect(trained.values[1]).toBe(1);
    expect(trained.samples[0]).toEqual({ prompt: "Q: 1+1\nA: ", expected: "2", answer: "2" });
    const weights = await openCheckpoint(join(directory, "out/sft"));
    const doubled = await openCheckpoint(join(directory, "out/doubled"));
    const single = await weights.singles("table.weight");
    const twice = await doubled.singles("table.weight");
    expect(doubled.tensors.get("table.weight")?.dtype).toBe("BF16");
    // bf16 keeps eight bits.
    for (const at of [0, 17, 5000]) expect(twice[at]).toBeCloseTo(2 * single[at], 2);
    await weights.close();
    await doubled.close();
    const config = JSON.parse(readFileSync(join(directory, "out/doubled/config.json"), "utf8"));
    expect(config).toEqual({ model_type: "bigram", torch_dtype: "bfloat16" });
    expect((await loadTokenizer(join(directory, "out/sft"))).vocabulary).toBe(258);
  });

  test("leaves a model that streams its answer", async () => {
    const directory = pipeline();
    await run(directory, 12, { only: ["sft"] });
    const plan = bigramPlan(12);
    const executor = await Executor.open(device, plan);
    const weights = await openCheckpoint(join(directory, "out/sft"));
    await executor.write("table", await weights.singles("table.weight"));
    await weights.close();
    const { generate } = plan.models.table;
    if (generate === undefined) throw new Error("the table does not generate");
    const generator = await Generator.open(executor, generate);
    const tokenizer = await loadTokenizer(join(directory, "out/sft"));
    const [{ ids }] = await tokenizer.encode(["A: "]);
    const heard: string[] = [];
    const stop = new Set(tokenizer.specials.stops);
    const choice = { kind: "greedy" } as const;
    const writing = { limit: 4, stop, choice };
    const { text, tokens } = await streamText(generator, tokenizer, ids, writing, (more) => {
      heard.push(more);
    });
    expect({ text, tokens: tokens.length }).toEqual({ text: "2", tokens: 1 });
    expect(heard.join("")).toBe("2");
    executor.close();
  });

  test("does not do a finished training again", async () => {
    const directory = pipeline();
    const first = resultsOf(await run(directory, 8));
    const again = await run(directory, 8);
    expect(again.shown).toContain("sft was done before");
    expect(again.shown).not.toContain("step 1/8");
    expect(resultsOf(again)).toEqual(first);
  });

  test("goes on from an interruption and ends as if there had been none", async () => {
    const whole = resultsOf(await run(pipeline(), 12));
    const directory = pipeline();
    const first = await run(directory, 12, { interruptAt: "sft  step 1/12" });
    expect(first.outcome).toMatchObject({ kind: "interrupted", job: "sft" });
    expect(first.shown).toContain("press Ctrl-C again to stop at once");
    expect(first.shown).toMatch(/saved after step \d in .*step-\d; --resume goes on/);
    expect(existsSync(join(directory, "out/sft/model.safetensors"))).toBe(false);
    const rest = await run(directory, 12, { resume: true });
    expect(rest.shown).toMatch(/sft goes on after step \d/);
    expect(comparable(resultsOf(rest))).toEqual(comparable(whole));
  });

  test("starts anew without --resume, and says that it could go on", async () => {
    const directory = pipeline();
    await run(directory, 12, { interruptAt: "sft  step 1/12" });
    const anew = await run(directory, 12, { only: ["sft"] });
    expect(anew.shown).toMatch(/sft starts anew, though .*: --resume would go on/);
    expect(anew.shown).toContain("sft  step 1/12");
    expect(readdirSync(join(directory, "out/sft/checkpoints"))).toEqual(["step-12"]);
  });

  test("does only the jobs that are asked for, and the trainings that these need", async () => {
    const directory = pipeline();
    const results = resultsOf(await run(directory, 4, { only: ["quality"] }));
    expect(results.map(({ name }) => name)).toEqual(["sft", "quality"]);
    const trained = resultsOf(await run(directory, 4, { only: ["sft"] }));
    expect(trained.map(({ name }) => name)).toEqual(["sft"]);
  });

  test("refuses a job that the plan does not have, and names those it has", async () => {
    const running = run(pipeline(), 4, { only: ["qualty"] });
    await expect(running).rejects.toThrow(MachineError);
    await expect(running).rejects.toHaveProperty("hints", ["it has sft, quality, doubled"]);
  });

  test("ends with the faults of a dataset that is not there", async () => {
    const directory = pipeline();
    rmSync(join(directory, rowsFile));
    const { outcome } = await run(directory, 4);
    expect(outcome).toMatchObject({
      kind: "data",
      dataset: "rows",
      faults: [{ slug: "no-such-file", severity: "error" }],
    });
  });

  test("stops at once where there is nothing to save", async () => {
    const directory = pipeline();
    await run(directory, 4, { only: ["sft"] });
    const { outcome } = await run(directory, 4, { interruptAt: "sft was done before" });
    expect(outcome).toEqual({ kind: "interrupted", job: "quality", checkpoint: undefined });
  });
});

/** Without what differs from one folder or hour to another. */
function comparable(results: readonly JobResult[]): unknown {
  return JSON.parse(
    JSON.stringify(results, (key, value) => (key === "seconds" || key === "folder" ? 0 : value)),
  );
}

describe("a record", () => {
  const hash = planHash(bigramPlan(8));

  test("of the same plan on the same device agrees to the bit", async () => {
    const path = join(folderWith(), "bigram.ftp.record");
    const first = recordOf({ plan: hash }, device.description, resultsOf(await run(pipeline(), 8)));
    await writeRecord(path, first);
    const second = recordOf(
      { plan: hash },
      device.description,
      resultsOf(await run(pipeline(), 8)),
    );
    const read = await readRecord(path);
    expect(read).toEqual(first);
    expect(first.trainings.sft.losses).toHaveLength(8);
    expect(first.trainings.sft.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(compareRecords(first, second)).toEqual({ changed: [], differences: [] });
  });
});

test("an evaluation is a table with a row a model", () => {
  const result: EvaluateResult = {
    kind: "evaluate",
    name: "quality",
    metrics: ["perplexity", "exact_match"],
    models: [
      { name: "base", values: [258.00001, 0], samples: [] },
      { name: "sft.model", values: [Number.POSITIVE_INFINITY, 2 / 3], samples: [] },
    ],
  };
  expect(evaluationTable(result)).toBe(
    [
      "quality    perplexity  exact_match",
      "base              258            0",
      "sft.model    Infinity       0.6667",
    ].join("\n"),
  );
});

test("an answer stands under the name of its model, with what was asked and expected", () => {
  const sample = {
    prompt: "Request: A lamp.\nForm:",
    expected: "what: lamp",
    answer: "\nNo idea.",
  };
  expect(writingOf({ name: "base", values: [0], samples: [sample] })).toBe(
    [
      "base writes",
      "  prompt    Request: A lamp.",
      "            Form:",
      "  expected  what: lamp",
      "  answer",
      "            No idea.",
    ].join("\n"),
  );
  expect(writingOf({ name: "base", values: [0], samples: [] })).toBeUndefined();
});
