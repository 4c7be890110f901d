/**
 * What a model is worth on a dataset: means of what an evaluation program measures, and the share of rows
 * that the model answers as the dataset does when it writes on by itself.
 */

import { type Batch, evaluationBatches, type Windows } from "./data/batches.ts";
import type { Example } from "./data/examples.ts";
import { planFault } from "./errors.ts";
import type { Execution, Executor, Results } from "./execute.ts";
import { Generator } from "./generate.ts";
import { type Outcome, outcomeOf, unwrapped } from "./outcome.ts";
import type { GeneratePlan, Measurement, MetricPlan } from "./plan.ts";
import type { Tokenizer } from "./tokenizer/tokenizer.ts";

/** A sum and a count, added up in double precision. */
export interface Mean {
  readonly sum: number;
  readonly count: number;
}

/** Executions that the host may be ahead of the device. */
const ahead = 2;

/**
 * Measures all of a dataset: the means that the programs give, by name, `loss` among them. `seen` hears how many
 * windows are done.
 * @throws PlanFault where the programs are made for another number of windows
 */
export async function measure(
  executor: Executor,
  { program, rest }: Measurement,
  dataset: Windows,
  seen: (done: number) => void = () => {},
): Promise<Readonly<Record<string, Mean>>> {
  const atOnce = windowsAtOnce(executor, program);
  const left = rest === undefined ? 0 : windowsAtOnce(executor, rest);
  if (dataset.count % atOnce !== left)
    planFault(`${program} and what comes after it do not read ${dataset.count} windows`);
  const means: Record<string, Mean> = {};
  const pending: Promise<Outcome<Results>>[] = [];
  const take = async (): Promise<void> => {
    const oldest = pending.shift();
    if (oldest !== undefined) addResults(means, unwrapped(await oldest));
  };
  await executor.prepare(program);
  if (rest !== undefined) await executor.prepare(rest);
  let done = 0;
  let execution = 0;
  for (const batch of evaluationBatches(dataset, atOnce)) {
    const running = done + atOnce <= dataset.count ? program : (rest ?? program);
    executor.run(running, { batch: columnsOf(batch), variables: { execution } });
    const names = Object.keys(executor.program(running).results);
    pending.push(outcomeOf(executor.results(running, names)));
    if (pending.length > ahead) await take();
    done = Math.min(done + atOnce, dataset.count);
    execution++;
    seen(done);
  }
  while (pending.length > 0) await take();
  return means;
}

/** A batch as an execution takes it. */
export function columnsOf(batch: Batch): Execution["batch"] {
  return Object.fromEntries(Object.entries(batch).map(([name, { data }]) => [name, data]));
}

/** A mean as a number. @throws PlanFault where nothing measured it. */
export function meanOf(means: Readonly<Record<string, Mean>>, name: string): number {
  const { sum, count } = means[name] ?? planFault(`no program measures ${name}`);
  return sum / count;
}

/** The number that a metric stands for. @throws PlanFault where nothing measured it. */
export function metricOf(
  metric: MetricPlan,
  means: Readonly<Record<string, Mean>>,
  answers: Answers | undefined,
): number {
  switch (metric.kind) {
    case "mean":
      return meanOf(means, metric.of);
    case "exponential":
      return Math.exp(meanOf(means, metric.of));
    case "answers":
      if (answers === undefined) planFault(`nothing was answered for ${metric.name}`);
      return answers.right / answers.asked;
    default:
      return metric satisfies never;
  }
}

export interface Answers {
  /** Rows that could be asked. */
  readonly asked: number;
  /** Of those, answered with the expected text. */
  readonly right: number;
  readonly samples: readonly {
    readonly prompt: string;
    readonly expected: string;
    readonly answer: string;
  }[];
}

const samplesKept = 3;

/**
 * Lets the model answer each example, greedily, in at most `limit` tokens, and compares texts: special
 * tokens do not count, nor does white space at either end.
 */
export async function answer(
  executor: Executor,
  plan: GeneratePlan,
  tokenizer: Tokenizer,
  examples: readonly Example[],
  limit: number,
  seen: (done: number) => void = () => {},
): Promise<Answers> {
  const generator = await Generator.open(executor, plan);
  const samples: Answers["samples"][number][] = [];
  let right = 0;
  for (let first = 0; first < examples.length; first += plan.rows) {
    const asked = examples.slice(first, first + plan.rows);
    const answers = await generator.write(
      asked.map(({ prompt }) => prompt),
      { limit, stop: stopTokens(tokenizer, asked), choice: { kind: "greedy" } },
    );
    for (const [row, example] of asked.entries()) {
      const text = (await tokenizer.decode(answers[row] ?? [])).trim();
      const expected = example.answerText.trim();
      if (text === expected) right++;
      if (samples.length < samplesKept) {
        samples.push({ prompt: example.promptText, expected, answer: text });
      }
    }
    seen(first + asked.length);
  }
  return { asked: examples.length, right, samples };
}

/** Where the model's texts end, and the special tokens with which the expected answers do. */
function stopTokens(tokenizer: Tokenizer, examples: readonly Example[]): ReadonlySet<number> {
  const last = examples.map(({ answer: expected }) => expected[expected.length - 1]);
  return new Set([...tokenizer.specials.stops, ...last.filter((id) => tokenizer.isSpecial(id))]);
}

/** The first axis of a program's columns, on which they must agree. */
function windowsAtOnce(executor: Executor, program: string): number {
  const sizes = new Set(
    Object.values(executor.program(program).batch).map(({ shape }) => shape[0]),
  );
  const [size] = sizes;
  if (size === undefined || sizes.size !== 1) {
    planFault(`the columns of ${program} differ in how many windows they hold`);
  }
  return size;
}

function addResults(means: Record<string, Mean>, results: Results): void {
  for (const name of Object.keys(results)) {
    if (!name.endsWith(".sum")) continue;
    const metric = name.slice(0, -".sum".length);
    const { sum, count } = means[metric] ?? { sum: 0, count: 0 };
    means[metric] = {
      sum: sum + numberOf(results, name),
      count: count + numberOf(results, `${metric}.count`),
    };
  }
}

/** A result of rank 0. @throws PlanFault where the program gives none of that name. */
export function numberOf(results: Results, name: string): number {
  return results[name]?.[0] ?? planFault(`a program gives no result ${name}`);
}
