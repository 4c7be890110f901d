/** Writing on: prompts of several lengths at once, stops, and sampling. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Choice, chooseToken } from "../../runtime/choose.ts";
import { Device } from "../../runtime/device.ts";
import { MachineError } from "../../runtime/errors.ts";
import { Executor } from "../../runtime/execute.ts";
import { Generator, type Writing } from "../../runtime/generate.ts";
import { type AdderOptions, adderAnswer, adderPlan } from "./adder-plan.ts";

let device: Device;
beforeAll(async () => {
  device = await Device.open();
});
afterAll(() => device.close());

const greedy: Writing = { limit: 6, stop: new Set(), choice: { kind: "greedy" } };

async function write(
  options: AdderOptions,
  prompts: readonly (readonly number[])[],
  writing: Writing = greedy,
): Promise<readonly (readonly number[])[]> {
  const { plan, generate } = adderPlan(options);
  const executor = await Executor.open(device, plan);
  const generator = await Generator.open(executor, generate);
  // Twice, so that what the first texts left in the caches would show.
  await generator.write(
    prompts.map((prompt) => [...prompt, 7]),
    greedy,
  );
  const answers = await generator.write(prompts, writing);
  executor.close();
  return answers;
}

const one = { rows: 1, context: 64, chunks: [8, 4, 1] };
const three = { rows: 3, context: 64, chunks: [8, 4, 1] };

describe("generation", () => {
  test.each([1, 3, 4, 5, 8, 9, 12, 20])("writes on after a prompt of %d tokens", async (length) => {
    const prompt = Array.from({ length }, (_, at) => (3 * at + 1) % 10);
    expect(await write(one, [prompt])).toEqual([adderAnswer(prompt, 6)]);
  });

  test("writes rows of unequal length on as if each were alone", async () => {
    const prompts = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [4], [9, 9, 9]];
    expect(await write(three, prompts)).toEqual(prompts.map((prompt) => adderAnswer(prompt, 6)));
  });

  test("takes fewer texts than there are rows", async () => {
    expect(await write(three, [[5, 1]])).toEqual([adderAnswer([5, 1], 6)]);
  });

  test("ends each row at its own stop token, which is not part of the answer", async () => {
    const prompts = [[1], [3, 4], [1, 2]];
    const answers = prompts.map((prompt) => adderAnswer(prompt, 6));
    const stop = new Set([5]);
    const cut = answers.map((answer) =>
      answer.includes(5) ? answer.slice(0, answer.indexOf(5)) : answer,
    );
    expect(cut.map(({ length }) => length)).toEqual([3, 2, 6]);
    expect(await write(three, prompts, { ...greedy, stop })).toEqual(cut);
  });

  test("tells of each token when it is chosen", async () => {
    const heard: [number, number][] = [];
    const listening = {
      ...greedy,
      limit: 2,
      heard: (row: number, token: number) => heard.push([row, token]),
    };
    await write({ ...three, rows: 2 }, [[1], [2]], listening);
    const [first, second] = [adderAnswer([1], 2), adderAnswer([2], 2)];
    expect(heard).toEqual([
      [0, first[0]],
      [1, second[0]],
      [0, first[1]],
      [1, second[1]],
    ]);
  });

  test("ends when the context is full", async () => {
    const prompt = [1, 1, 1, 1, 1];
    const [answer] = await write({ rows: 1, context: 8, chunks: [4, 1] }, [prompt], {
      ...greedy,
      limit: 100,
    });
    // Three slots hold three new tokens, and the last of them foretells one more.
    expect(answer).toEqual(adderAnswer(prompt, 4));
  });

  test("refuses a prompt that leaves no room", async () => {
    const writing = write({ rows: 1, context: 4, chunks: [1] }, [[1, 2, 3, 4]]);
    await expect(writing).rejects.toThrow(MachineError);
    await expect(writing).rejects.toThrow(/leaves no room to answer in the model's 4/);
  });
});

describe("choosing a token", () => {
  const logits = Float32Array.of(1, 3, 2, 3, 0);

  function shares(choice: Choice, draws = 4000): number[] {
    const counts = logits.map(() => 0);
    for (let draw = 0; draw < draws; draw++) counts[chooseToken(logits, choice, draw)]++;
    return [...counts].map((count) => count / draws);
  }

  const sample = { kind: "sample", temperature: 1, seed: 3 } as const;
  const near = (share: number) => expect.closeTo(share, 1);

  test("greedily takes the first of the likeliest", () => {
    expect(chooseToken(logits, { kind: "greedy" }, 0)).toBe(1);
  });

  test("draws each token as often as its probability says", () => {
    const weights = [...logits].map(Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight);
    // Four standard errors of 4000 draws are 0.03.
    shares(sample).forEach((share, id) => {
      expect(Math.abs(share - weights[id] / total)).toBeLessThan(0.03);
    });
  });

  test("draws only from the k likeliest", () => {
    expect(shares({ ...sample, topK: 2 })).toEqual([0, near(0.5), 0, near(0.5), 0]);
  });

  test("draws only from the fewest that reach the share", () => {
    // Probabilities 0.39, 0.39, 0.14, …: two reach 0.7, and 0.8 needs the third.
    expect(shares({ ...sample, topP: 0.7 })[2]).toBe(0);
    expect(shares({ ...sample, topP: 0.8 })[2]).toBeGreaterThan(0);
    expect(shares({ ...sample, topP: 0.8 })[0]).toBe(0);
  });

  test("nears the greedy choice as the temperature falls", () => {
    const [, first, , second] = shares({ ...sample, temperature: 0.05 });
    expect(first + second).toBe(1);
  });

  test("gives the same draw for the same seed and counter, and another for another seed", () => {
    const draws = (seed: number) =>
      Array.from({ length: 20 }, (_, at) => chooseToken(logits, { ...sample, seed }, at));
    expect(draws(3)).toEqual(draws(3));
    expect(draws(4)).not.toEqual(draws(3));
  });
});
