/** `ftc diff`: what is said of each kind of change, and that nothing is said where nothing changed. */

import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { folderWith } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { tinyFiles, tinyPipeline } from "../support/tiny-pipeline.ts";

type Change = readonly [from: string, to: string];

function changed(...changes: readonly Change[]): string {
  return changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, tinyPipeline);
}

async function compared(after: string, ...words: readonly string[]) {
  const folder = folderWith({ ...tinyFiles, "a.ftp": tinyPipeline, "b.ftp": after });
  const io = recordingIo(folder);
  const code = await runCommandLine(["diff", "a.ftp", "b.ftp", ...words], io);
  return { code, ...io.written };
}

test("pipelines that mean the same get one line", async () => {
  const { code, stdout } = await compared(
    changed(
      ["2e-4", "0.0002"],
      ["// A small model that learns to answer.", "// Another comment."],
      ["weight_decay = 0.0", "beta1 = 0.9, weight_decay = 0.0"],
    ),
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: "a.ftp and b.ftp mean the same\n" });
});

describe("a change is told in the author's names, with both values", () => {
  const cases: readonly [string, Change, string][] = [
    ["a schedule's number", ["2e-4", "1e-4"], "train sft\n  learning_rate.peak  2e-4 → 1e-4\n"],
    [
      "a default that is written",
      ["warmup = 10%", "warmup = 10%, floor = 20%"],
      "floor  10% → 20%",
    ],
    [
      "another optimizer argument",
      ["weight_decay = 0.0", "beta2 = 0.95"],
      "optimizer.beta2  0.999 → 0.95",
    ],
    ["a seed", ["seed          = 17", "seed          = 18"], "seed  17 → 18"],
    ["a length", ["20steps", "40steps"], "length  20steps → 40steps"],
    ["a batch", ["= 2seq", "= 4seq"], "batch  2seq → 4seq"],
    ["clipping", ["  grad_clip     = 1.0\n", ""], "grad_clip  1 → not there"],
    ["a rank", ["rank = 4", "rank = 8"], "Lora.rank  4 → 8"],
    [
      "what is adapted",
      ["{q_proj, v_proj}", "{q_proj}"],
      "Lora modules  2 (q_proj, v_proj) → 1 (q_proj)",
    ],
    ["the length of windows", ["length = 32tok", "length = 48tok"], "pad.length  32 → 48"],
    [
      "a template",
      ['"Q: {question}', '"Ask: {question}'],
      "render.template  asking → asking, of other content",
    ],
    [
      "a model's width",
      ["intermediate_size = 32", "intermediate_size = 48"],
      "config.intermediate_size  32 → 48",
    ],
    [
      "an evaluation's limit",
      ["[perplexity]", "[perplexity]\n  limit = 8tok"],
      "limit  256tok → 8tok",
    ],
    [
      "a step that is gone",
      ["evaluate quality", "evaluate other"],
      "evaluate quality  only in a.ftp\n",
    ],
    [
      "a step that is new",
      ["evaluate quality", "evaluate other"],
      "evaluate other  only in b.ftp\n",
    ],
  ];
  test.each(cases)("%s", async (_, change, expected) => {
    const { code, stdout } = await compared(changed(change));
    expect(stdout).toContain(expected);
    expect(code).toBe(0);
  });
});

test("a rank shows in what is trained, in memory and in the graph too", async () => {
  const { stdout } = await compared(changed(["rank = 4", "rank = 8"]));
  expect(stdout).toContain("trained parameters  224 → 448\n");
  expect(stdout).toMatch(/memory\n(.*\n)* {2}in all {2}.*KiB → .*KiB\n/);
  expect(stdout).toContain("graph sft.accumulate\n  operations");
});

test("a number inside a definition of one's own is a difference of the graph", async () => {
  const own = `
fn scaled_loss[B, T, V](logits: float[B, T, V], tokens: int[B, T], learn: bool[B, T]) -> mean {
  return cross_entropy(0.5 * logits, tokens, where = learn)
}
`;
  const before = `${tinyPipeline.replaceAll("= next_token", "= scaled_loss")}${own}`;
  const folder = folderWith({
    ...tinyFiles,
    "a.ftp": before,
    "b.ftp": before.replace("0.5", "0.25"),
  });
  const io = recordingIo(folder);
  await runCommandLine(["diff", "a.ftp", "b.ftp"], io);
  expect(io.written.stdout).toMatch(/graph sft.accumulate\n {2}constants .*0\.5.* → .*0\.25.*\n/);
  expect(io.written.stdout).not.toContain("train sft");
});

test("other rows in the same file are another content", async () => {
  const one = folderWith({ ...tinyFiles, "a.ftp": tinyPipeline });
  const other = folderWith({
    ...tinyFiles,
    "rows.jsonl": `{"question": "5 + 5", "answer": "10"}\n`,
    "a.ftp": tinyPipeline,
  });
  const io = recordingIo(one);
  await runCommandLine(["diff", "a.ftp", `${other}/a.ftp`], io);
  expect(io.written.stdout).toMatch(/dataset training\n {2}rows {2}4 → 1\n/);
  expect(io.written.stdout).toMatch(/content {2}\w{12} → \w{12}\n/);
});

test("JSON has a section, a name and both values", async () => {
  const { stdout } = await compared(changed(["2e-4", "1e-4"]), "--json");
  expect(JSON.parse(stdout)).toEqual([
    { section: "train sft", name: "learning_rate.peak", before: "2e-4", after: "1e-4" },
  ]);
});

test("a pipeline means the same as the plan that was made of it", async () => {
  const io = recordingIo(folderWith({ ...tinyFiles, "a.ftp": tinyPipeline }));
  await runCommandLine(["plan", "a.ftp", "-o", "plan.json"], io);
  io.written.stdout = "";
  await runCommandLine(["diff", "plan.json", "a.ftp"], io);
  expect(io.written.stdout).toBe("plan.json and a.ftp mean the same\n");
});

test("a plan differs from a pipeline in what both can say", async () => {
  const io = recordingIo(
    folderWith({ ...tinyFiles, "a.ftp": tinyPipeline, "b.ftp": changed(["rank = 4", "rank = 8"]) }),
  );
  await runCommandLine(["plan", "a.ftp", "-o", "plan.json"], io);
  io.written.stdout = "";
  await runCommandLine(["diff", "plan.json", "b.ftp"], io);
  expect(io.written.stdout).toContain("trained parameters  224 → 448\n");
});

const record = {
  format: "ftc-record",
  version: 1,
  plan: "0".repeat(64),
  device: { class: "software", driver: "1" },
  trainings: { sft: { losses: [3, 2], evaluations: [], fingerprint: "a".repeat(64) } },
  evaluations: { quality: { clerk: { perplexity: 7.5 } } },
};

test("two records differ in what came of the runs", async () => {
  const after = { ...record, evaluations: { quality: { clerk: { perplexity: 6.25 } } } };
  const io = recordingIo(
    folderWith({ "a.record": JSON.stringify(record), "b.record": JSON.stringify(after) }),
  );
  await runCommandLine(["diff", "a.record", "b.record"], io);
  expect(io.written.stdout).toBe("evaluate quality\n  clerk perplexity  7.5 → 6.25\n");
});

test("a record tells a pipeline that it is of another plan and of fewer steps", async () => {
  const files = { ...tinyFiles, "a.ftp": tinyPipeline, "a.ftp.record": JSON.stringify(record) };
  const io = recordingIo(folderWith(files));
  await runCommandLine(["diff", "a.ftp.record", "a.ftp"], io);
  expect(io.written.stdout).toContain("train sft\n  steps  2 → 20\n");
  expect(io.written.stdout).toContain("run\n  plan  000000000000 → ");
});

test("a pipeline with a fault shows it and ends with 1", async () => {
  const { code, stdout, stderr } = await compared(changed(["learning_rate", "learning_rat"]));
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("FT103");
});
