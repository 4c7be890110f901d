/** Plans on disk: written, read back, and refused where they do not hold together. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MachineError } from "../../runtime/errors.ts";
import type { Plan } from "../../runtime/plan.ts";
import { checkedPlan, planHash, readPlan, writePlan } from "../../runtime/plan-file.ts";
import { folderWith } from "../support/folder.ts";
import { adderPlan } from "./adder-plan.ts";
import { linearPlan } from "./linear-plan.ts";

const data = { stages: [{ stage: "jsonl", args: { path: "points.jsonl" } }] };

/** With everything that a plan can hold somewhere. */
function fullPlan(): Plan {
  const { plan, generate } = adderPlan({ rows: 2, context: 8, chunks: [4, 1] });
  const linear = linearPlan();
  const kept = { to: "out", dtype: "f32", keep: "best", every: 10 } as const;
  const job = { ...linear.jobs[0], save: kept } as Plan["jobs"][number];
  const adapter = {
    name: "Lora",
    arguments: { rank: 8, alpha: 16 },
    modules: ["q_proj"],
    peft: { config: { peft_type: "LORA", r: 8 }, weights: { lora_A: "lora_A.weight" } },
  };
  const tokenizer = { kind: "tokenizer", folder: "base" } as const;
  const line = { ...linear.models.line, generate: undefined, adapters: [adapter], tokenizer };
  return {
    ...linear,
    kernels: { ...linear.kernels, ...plan.kernels },
    models: { line: { ...line, task: "CAUSAL_LM" } },
    datasets: { points: data },
    jobs: [
      job,
      {
        kind: "evaluate",
        name: "quality",
        models: [{ name: "fit", model: "line", program: "fit.evaluate" }],
        dataset: "points",
        metrics: [{ name: "loss", kind: "mean", of: "loss" }],
        generate: { limit: generate.context },
      },
      {
        kind: "export",
        name: "merged",
        model: "line",
        format: "safetensors",
        to: "out/merged",
        dtype: "bf16",
        merges: [{ parameter: "line.weight", program: "fit.evaluate" }],
      },
    ],
  };
}

/** Without fields that are undefined, as JSON has it. */
const asJson = (plan: Plan): unknown => JSON.parse(JSON.stringify(plan));

describe("a plan on disk", () => {
  test.each(["plan.json", "plan"])("reads back as it was written to %s", async (name) => {
    const path = join(folderWith(), name);
    await writePlan(path, fullPlan());
    const read = await readPlan(path);
    expect(read).toEqual(asJson(fullPlan()));
    expect(planHash(read)).toBe(planHash(fullPlan()));
  });

  test("has the same hash from whichever folder its pipeline is named", () => {
    expect(planHash({ ...linearPlan(), source: "../line.ftp" })).toBe(planHash(linearPlan()));
    expect(planHash(linearPlan(0.2))).not.toBe(planHash(linearPlan()));
  });

  test("as a folder has a file of WGSL a kernel", async () => {
    const folder = join(folderWith(), "plan");
    const plan = linearPlan();
    await writePlan(folder, { ...plan, datasets: { points: data } });
    const files = readdirSync(join(folder, "kernels"));
    expect(files.sort()).toEqual(["0.accumulate.wgsl", "1.update.wgsl", "2.evaluate.wgsl"]);
    const text = readFileSync(join(folder, "kernels", "1.update.wgsl"), "utf8");
    expect(text).toBe(plan.kernels.update.wgsl);
    expect(existsSync(join(folder, "plan.json"))).toBe(true);
  });

  test("does not reach for kernels outside its folder", async () => {
    const kernels = { update: { file: "../update.wgsl", workgroup: [1, 1, 1] } };
    const text = JSON.stringify({ ...linearPlan(), kernels });
    const folder = folderWith({ "plan/plan.json": text, "update.wgsl": "" });
    await expect(readPlan(join(folder, "plan"))).rejects.toThrow(
      /update\.wgsl, outside its folder/,
    );
  });

  test("that is not there is a fault of the machine", async () => {
    await expect(readPlan(join(folderWith(), "plan.json"))).rejects.toThrow(MachineError);
  });

  test("that is cut off is a fault of the machine", async () => {
    const path = join(folderWith(), "plan.json");
    await writePlan(path, fullPlan());
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 500));
    await expect(readPlan(path)).rejects.toThrow(MachineError);
  });
});

/** The plan's JSON with the member at a path replaced; undefined removes it. */
function changed(path: string, value: unknown): unknown {
  const plan = asJson(fullPlan());
  const names = path.split("/");
  const last = names.pop() ?? "";
  // Paths of the table below lead where they say.
  let at = plan as Record<string, unknown>;
  for (const name of names) at = at[name] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return plan;
}

describe("a plan is refused", () => {
  test.each([
    ["format", "onnx", 'format is not "ftc-plan"'],
    ["version", 2, "version is not 1"],
    ["colour", "red", "colour is not a field"],
    ["jobs", undefined, "jobs is missing"],
    ["jobs/0/steps", 1.5, "jobs[0].steps must be integer"],
    ["jobs/0/identity", undefined, "jobs[0].identity is missing"],
    ["jobs/0/kind", "dream", 'jobs[0].kind is "dream", which is not known'],
    ["jobs/0/save/keep", "all", "jobs[0].save.keep is none of best, last"],
    ["tensors/w/dtype", "f64", "tensors.w.dtype is none of f32, f16, i32, u32, bool"],
    ["tensors/w/source/kind", "magic", 'tensors.w.source.kind is "magic", which is not known'],
    ["tensors/w/slice/offset", 4, "tensors.w.slice.offset must be multiple of 256"],
    [
      "programs/fit.update/scalars/learning_rate/value",
      { op: "sinh", args: [1] },
      "value.op is none of",
    ],
    ["buffers/0/bytes", 6, "buffers[0].bytes must be multiple of 4"],
    [
      "programs/fit.update/dispatches/0/kernel",
      "no",
      'dispatches[0].kernel is "no", which the plan does not have',
    ],
    ["tensors/w/slice/buffer", 9, "tensors.w.slice.buffer is 9, and there are 5 buffers"],
    ["tensors/w/slice/offset", 1024, "tensors.w.slice ends at 1036 of the 1024 bytes of weights"],
    ["tensors/w/shape", [4], "tensors.w.slice.bytes is 12, and f32[4] takes 16"],
    ["jobs/0/atOnce", 3, "jobs[0].atOnce, 3, does not divide the 8 sequences of a step"],
    ["jobs/0/state", ["w", "u"], 'jobs[0].state[1] is "u", which the plan does not have'],
    ["jobs/1/dataset", "lines", 'jobs[1].dataset is "lines", which the plan does not have'],
    ["jobs/2/merges/0/program", "no", 'merges[0].program is "no", which the plan does not have'],
    [
      "models/line/parameters/0/tensor",
      "v",
      'parameters[0].tensor is "v", which the plan does not have',
    ],
  ])("for %s = %j", (path, value, message) => {
    const check = () => checkedPlan(changed(path, value), "p.json");
    expect(check).toThrow(MachineError);
    expect(check).toThrow("p.json is no plan that this version can run: ");
    expect(check).toThrow(message);
  });
});
