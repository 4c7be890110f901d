/** `ftc run --json`: what came of the steps as one object, the progress beside it. */

import { beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../compiler/cli.ts";
import { runJson } from "../../compiler/commands/run-json.ts";
import type { JobResult } from "../../runtime/results.ts";
import { sharedFolder } from "../support/folder.ts";
import { recordingIo } from "../support/io.ts";
import { tinyFiles, tinyPipeline } from "../support/tiny-pipeline.ts";

describe("a run", () => {
  const folder = sharedFolder({ ...tinyFiles, "a.ftp": tinyPipeline });

  async function ran(...words: readonly string[]) {
    const io = recordingIo(folder);
    const code = await runCommandLine(words, io);
    return { code, ...io.written };
  }

  let whole: Awaited<ReturnType<typeof ran>>;
  beforeAll(async () => {
    whole = await ran("run", "a.ftp", "--json");
  });

  test("is trainings, evaluations and exports by name, and the place of its record", () => {
    expect(whole.code).toBe(0);
    expect(JSON.parse(whole.stdout)).toEqual({
      trainings: {
        sft: {
          folder: "out/clerk",
          steps: 20,
          loss: expect.any(Number),
          best: expect.objectContaining({ loss: expect.any(Number) }),
          fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      },
      evaluations: { quality: { clerk: { perplexity: expect.any(Number) } } },
      samples: {},
      exports: {},
      record: "a.ftp.record",
      stopped: null,
    });
  });

  test("keeps its progress on stderr, where no line of it looks like a diagnostic", () => {
    const lines = whole.stderr.split("\n");
    expect(lines.filter((line) => line.includes("sft is in "))).toHaveLength(1);
    const data = lines.filter((line) => line.startsWith("{"));
    expect(data.map((line) => JSON.parse(line).code)).toEqual(["FT609", "FT416"]);
  });

  test("of one step has no record", async () => {
    const { stdout } = await ran("run", "a.ftp", "sft", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ evaluations: {}, record: null });
  });

  test("is compared with its record as data", async () => {
    const { code, stdout } = await ran("verify", "a.ftp", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ changed: [], differences: [] });
  });
});

describe("a result", () => {
  const evaluated: JobResult = {
    kind: "evaluate",
    name: "quality",
    metrics: ["perplexity", "exact_match"],
    models: [
      {
        name: "base",
        values: [Number.POSITIVE_INFINITY, 0.5],
        samples: [{ prompt: "Q: 1 + 1", expected: "2", answer: "3" }],
      },
    ],
  };
  const exported: JobResult = { kind: "export", name: "merged", folder: "/home/out/merged" };
  const data = (results: readonly JobResult[], checkpoint?: string): unknown =>
    JSON.parse(
      JSON.stringify(
        runJson({
          results,
          record: undefined,
          stopped: { step: "sft", checkpoint },
          shown: (path) => path.replace("/home/", ""),
        }),
      ),
    );

  test("that is no number is null, as in a record", () => {
    expect(data([evaluated])).toMatchObject({
      evaluations: { quality: { base: { perplexity: null, exact_match: 0.5 } } },
    });
  });

  test("of a model that wrote has what it was asked and what it answered", () => {
    expect(data([evaluated])).toMatchObject({
      samples: { quality: { base: [{ prompt: "Q: 1 + 1", expected: "2", answer: "3" }] } },
    });
  });

  test("of an export is its folder", () => {
    expect(data([exported])).toMatchObject({ exports: { merged: { folder: "out/merged" } } });
  });

  test("of a run that was stopped says where it goes on from", () => {
    const stopped = (checkpoint?: string) => data([], checkpoint);
    expect(stopped("/home/out/sft/checkpoints/12")).toMatchObject({
      stopped: { step: "sft", checkpoint: "out/sft/checkpoints/12" },
    });
    expect(stopped()).toMatchObject({ stopped: { step: "sft", checkpoint: null } });
  });
});
