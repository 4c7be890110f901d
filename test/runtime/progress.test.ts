/** Progress lines: one that rewrites itself on a terminal, few plain ones elsewhere. */

import { describe, expect, test } from "vitest";
import { Progress, type StepProgress, showCount, showDuration } from "../../runtime/progress.ts";

function recorder(isTerminal: boolean): {
  readonly text: () => string;
  readonly stream: ConstructorParameters<typeof Progress>[0];
} {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  return { text: () => text, stream: { isTerminal, write } };
}

const step = (done: number, seconds: number): StepProgress => ({
  job: "sft",
  step: done,
  steps: 100,
  loss: 2 - done / 100,
  tokens: 4096 * done,
  seconds,
  done,
});

describe("progress", () => {
  test("on a terminal is one line that rewrites itself", () => {
    const { text, stream } = recorder(true);
    const progress = new Progress(stream);
    progress.step(step(1, 2));
    progress.step(step(2, 4));
    expect(text()).toBe(
      "\r\u001b[2Ksft  step 1/100  loss 1.9900  2.0k tok/s  3m 18s left" +
        "\r\u001b[2Ksft  step 2/100  loss 1.9800  2.0k tok/s  3m 16s left",
    );
  });

  test("on a terminal makes way for a line that stays", () => {
    const { text, stream } = recorder(true);
    const progress = new Progress(stream);
    progress.step(step(1, 2));
    progress.note("saved");
    expect(text().endsWith("\r\u001b[2Ksaved\n")).toBe(true);
  });

  test("on a terminal leaves the last step in place", () => {
    const { text, stream } = recorder(true);
    const progress = new Progress(stream);
    progress.step(step(99, 198));
    progress.step(step(100, 200));
    progress.end();
    expect(
      text().endsWith("\r\u001b[2Ksft  step 100/100  loss 1.0000  2.0k tok/s  took 3m 20s\n"),
    ).toBe(true);
  });

  test("on a narrow terminal ends before the line does", () => {
    const { text, stream } = recorder(true);
    const progress = new Progress({ ...stream, columns: 20 });
    progress.step(step(1, 2));
    expect(text()).toBe("\r\u001b[2Ksft  step 1/100  lo");
  });

  test("in a log is the first step, one a ten seconds, and the last", () => {
    const { text, stream } = recorder(false);
    const progress = new Progress(stream);
    for (let done = 1; done <= 100; done++) progress.step(step(done, done / 4));
    const steps = [...text().matchAll(/^sft {2}step (\d+)\//gm)].map((match) => Number(match[1]));
    expect(steps).toEqual([1, 41, 81, 100]);
    expect(text()).not.toContain("\r");
  });

  test("in a log of ten hours is some two hundred lines, five minutes apart at most", () => {
    const { text, stream } = recorder(false);
    const progress = new Progress(stream);
    const steps = 36_000;
    for (let done = 1; done <= steps; done++) progress.step({ ...step(done, done), steps });
    const seconds = [...text().matchAll(/step (\d+)\//g)].map((match) => Number(match[1]));
    expect(seconds.length).toBeLessThan(200);
    const gaps = seconds.slice(1).map((at, line) => at - seconds[line]);
    expect(Math.max(...gaps)).toBe(300);
    expect(gaps[0]).toBe(10);
  });

  test("says nothing when it is silent", () => {
    const { text, stream } = recorder(true);
    const progress = new Progress(stream, { silent: true });
    progress.step(step(1, 2));
    progress.activity("held_out  1/20");
    progress.note("saved");
    progress.end();
    expect(text()).toBe("");
  });

  test.each([
    [3.25, "3.3"],
    [850, "850"],
    [12_345, "12.3k"],
    [999_600, "1.0M"],
  ])("shows %d as %s", (count, text) => {
    expect(showCount(count)).toBe(text);
  });

  test.each([
    [41.6, "42s"],
    [190, "3m 10s"],
    [3900, "1h 05m"],
  ])("shows %d seconds as %s", (seconds, text) => {
    expect(showDuration(seconds)).toBe(text);
  });
});
