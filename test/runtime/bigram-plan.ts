/**
 * A hand-written language model for whole runs: a table of logits for each token after each token, trained by
 * gradient descent on the tokens that are to be learned. Two models share the plan: `table`, which the
 * training `sft` trains, and `zero`, which nothing trains.
 */

import type { DataStage } from "../../runtime/data/plan.ts";
import type { GeneratePlan, ModelPlan, Plan, Program, Slice } from "../../runtime/plan.ts";
import { asking, byteTokenizer, problem, stage } from "../data/plans.ts";

const vocabulary = 258;
const length = 32;
const windowsAtOnce = 2;
/** Of five rows. */
const left = 1;
const rows = 2;
const context = 64;

const arenas = ["weights", "state", "batch", "scalars", "results"] as const;
const tableBytes = 4 * vocabulary * vocabulary;
/** Two tables a buffer, each at a multiple of 256. */
const half = Math.ceil(tableBytes / 256) * 256;

function slice(arena: (typeof arenas)[number], offset: number, bytes: number): Slice {
  return { buffer: arenas.indexOf(arena), offset, bytes };
}

const table = slice("weights", 0, tableBytes);
const zero = slice("weights", half, tableBytes);
const gradient = slice("state", 0, tableBytes);
const losses = slice("state", half, 8);
const windowBytes = 4 * windowsAtOnce * length;
const tokens = slice("batch", 0, windowBytes);
const segment = slice("batch", 256, windowBytes);
const learn = slice("batch", 512, windowBytes);
const newest = slice("batch", 768, 4 * rows);
const rate = slice("scalars", 0, 4);
const sum = slice("results", 0, 4);
const count = slice("results", 256, 4);
const norm = slice("results", 512, 4);
const logits = slice("results", 1024, 4 * rows * vocabulary);
const merged = slice("results", half, tableBytes);

/** Runs `body` for each position to learn, with `first`, `to` and `total`, the sum of exponentials. */
const positions = (body: string, windows = windowsAtOnce): string => /* wgsl */ `
  for (var at = 0; at < ${windows * length}; at++) {
    if (at % ${length} == 0 || learn[at] == 0 || segment[at] != segment[at - 1]) { continue; }
    let first = tokens[at - 1] * ${vocabulary};
    let to = first + tokens[at];
    var total = 0.0;
    for (var id = 0; id < ${vocabulary}; id++) { total += exp(table[first + id]); }
    ${body}
  }`;

const inputs = /* wgsl */ `
@group(0) @binding(0) var<storage, read> tokens: array<i32>;
@group(0) @binding(1) var<storage, read> segment: array<i32>;
@group(0) @binding(2) var<storage, read> learn: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<f32>;`;

const accumulate = /* wgsl */ `${inputs}
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(1) fn main() {
  ${positions(`
    losses[0] += log(total) - table[to];
    losses[1] += 1.0;
    for (var id = 0; id < ${vocabulary}; id++) {
      gradient[first + id] += exp(table[first + id]) / total;
    }
    gradient[to] -= 1.0;`)}
}`;

const evaluateOf = (windows: number): string => /* wgsl */ `${inputs}
@group(0) @binding(4) var<storage, read_write> sum: f32;
@group(0) @binding(5) var<storage, read_write> count: f32;

@compute @workgroup_size(1) fn main() {
  sum = 0.0;
  count = 0.0;
  ${positions("sum += log(total) - table[to]; count += 1.0;", windows)}
}`;

const update = /* wgsl */ `
@group(0) @binding(0) var<storage, read> rate: f32;
@group(0) @binding(1) var<storage, read_write> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;
@group(0) @binding(4) var<storage, read_write> sum: f32;
@group(0) @binding(5) var<storage, read_write> count: f32;
@group(0) @binding(6) var<storage, read_write> norm: f32;

@compute @workgroup_size(1) fn main() {
  sum = losses[0];
  count = losses[1];
  losses[0] = 0.0;
  losses[1] = 0.0;
  var square = 0.0;
  for (var at = 0; at < ${vocabulary * vocabulary}; at++) {
    let mean = gradient[at] / count;
    square += mean * mean;
    table[at] -= rate * mean;
    gradient[at] = 0.0;
  }
  norm = sqrt(square);
}`;

const next = /* wgsl */ `
@group(0) @binding(0) var<storage, read> newest: array<i32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;

@compute @workgroup_size(1) fn main() {
  for (var at = 0; at < ${rows * vocabulary}; at++) {
    logits[at] = table[newest[at / ${vocabulary}] * ${vocabulary} + at % ${vocabulary}];
  }
}`;

const double = /* wgsl */ `
@group(0) @binding(0) var<storage, read> table: array<f32>;
@group(0) @binding(1) var<storage, read_write> merged: array<f32>;

@compute @workgroup_size(1) fn main() {
  for (var at = 0; at < ${vocabulary * vocabulary}; at++) { merged[at] = 2.0 * table[at]; }
}`;

const batchOf = (windows: number): Program["batch"] => ({
  tokens: { dtype: "i32", shape: [windows, length], slice: tokens },
  segment: { dtype: "i32", shape: [windows, length], slice: segment },
  learn: { dtype: "bool", shape: [windows, length], slice: learn },
});

function program(kernel: string, bindings: readonly Slice[], rest: Partial<Program> = {}): Program {
  const dispatch = { kernel, bindings, grid: [1, 1, 1], writes: [], label: kernel } as const;
  return { batch: {}, scalars: {}, results: {}, dispatches: [dispatch], ...rest };
}

const scalar = (place: Slice) => ({ dtype: "f32", shape: [], slice: place }) as const;

function programsOf(weights: Slice): Readonly<Record<"evaluate" | "rest" | "next", Program>> {
  const measuring = (kernel: string, windows: number) =>
    program(kernel, [tokens, segment, learn, weights, sum, count], {
      batch: batchOf(windows),
      results: { "loss.sum": scalar(sum), "loss.count": scalar(count) },
    });
  return {
    evaluate: measuring("evaluate", windowsAtOnce),
    rest: measuring("rest", left),
    next: program("next", [newest, weights, logits], {
      batch: { tokens: { dtype: "i32", shape: [rows, 1], slice: newest } },
      results: { logits: { dtype: "f32", shape: [rows, vocabulary], slice: logits } },
    }),
  };
}

function modelOf(name: "table" | "zero"): ModelPlan {
  const generate: GeneratePlan = {
    rows,
    programs: [{ chunk: 1, program: `${name}.next` }],
    context,
    vocabulary,
    caches: [],
  };
  return {
    checkpoint: undefined,
    tokenizer: byteTokenizer,
    config: { model_type: "bigram" },
    parameters: [{ name: `${name}.weight`, tensor: name, trained: name === "table" }],
    generate,
    adapters: [],
  };
}

export const rowsFile = "rows.jsonl";

const read: readonly DataStage[] = [
  stage("jsonl", { path: rowsFile, row: problem }),
  stage("render", { template: asking }),
  stage("tokenize", { tokenizer: byteTokenizer }),
  stage("pad", { length }),
];

/** Trains `sft`, evaluates `quality` of both models, and exports `doubled`, a merged model. */
export function bigramPlan(steps: number): Plan {
  const shape = [vocabulary, vocabulary];
  const tensor = (place: Slice) =>
    ({ dtype: "f32", shape, slice: place, source: { kind: "zeros" } }) as const;
  const kernels = {
    accumulate,
    evaluate: evaluateOf(windowsAtOnce),
    rest: evaluateOf(left),
    update,
    next,
    double,
  };
  const [trained, untrained] = [programsOf(table), programsOf(zero)];
  return {
    format: "ftc-plan",
    version: 1,
    compiler: "0.1.0",
    source: "bigram.ftp",
    requires: { features: [], limits: {}, bytes: 10 * half },
    kernels: Object.fromEntries(
      Object.entries(kernels).map(([name, wgsl]) => [name, { wgsl, workgroup: [1, 1, 1] }]),
    ),
    buffers: arenas.map((arena) => ({ arena, bytes: 2 * half })),
    tensors: {
      table: tensor(table),
      zero: tensor(zero),
      gradient: tensor(gradient),
      losses: { dtype: "f32", shape: [2], slice: losses, source: { kind: "zeros" } },
    },
    programs: {
      accumulate: program("accumulate", [tokens, segment, learn, table, gradient, losses], {
        batch: batchOf(windowsAtOnce),
      }),
      update: program("update", [rate, table, gradient, losses, sum, count, norm], {
        scalars: { rate: { dtype: "f32", slice: rate, value: 5 } },
        results: { "loss.sum": scalar(sum), "loss.count": scalar(count), norm: scalar(norm) },
      }),
      "table.evaluate": trained.evaluate,
      "table.rest": trained.rest,
      "table.next": trained.next,
      "zero.evaluate": untrained.evaluate,
      "zero.rest": untrained.rest,
      "zero.next": untrained.next,
      double: program("double", [table, merged], {
        results: { weight: { dtype: "f32", shape, slice: merged } },
      }),
    },
    models: { table: modelOf("table"), zero: modelOf("zero") },
    datasets: { rows: { stages: read } },
    jobs: [
      {
        kind: "train",
        name: "sft",
        model: "table",
        dataset: "rows",
        identity: `bigrams in ${steps} steps`,
        accumulate: "accumulate",
        update: "update",
        state: ["table", "gradient", "losses"],
        steps,
        sequences: 2 * windowsAtOnce,
        atOnce: windowsAtOnce,
        seed: 1,
        learningRate: 5,
        evaluate: { every: 4, dataset: "rows", program: "table.evaluate", rest: "table.rest" },
        save: { to: "out/sft", dtype: "f32", keep: "best", every: 4 },
      },
      {
        kind: "evaluate",
        name: "quality",
        models: [
          { name: "base", model: "zero", program: "zero.evaluate", rest: "zero.rest" },
          { name: "sft.model", model: "table", program: "table.evaluate", rest: "table.rest" },
        ],
        dataset: "rows",
        metrics: [
          { name: "perplexity", kind: "exponential", of: "loss" },
          { name: "exact_match", kind: "answers" },
        ],
        generate: { limit: 4 },
      },
      {
        kind: "export",
        name: "doubled",
        model: "table",
        format: "safetensors",
        to: "out/doubled",
        dtype: "bf16",
        merges: [{ parameter: "table.weight", program: "double" }],
      },
    ],
  };
}
