/**
 * A hand-written plan small enough to check by eye: least squares, y ≈ w₀x₀ + w₁x₁ + w₂, trained by gradient
 * descent with momentum. Its gradients are scaled by a factor that depends on the execution, so that a run
 * that resumes with the wrong counters is not the same run.
 */

import type { Windows } from "../../runtime/data/batches.ts";
import type { DispatchWrite, Plan, Slice, TrainJob } from "../../runtime/plan.ts";

export const rowsAtOnce = 4;

const buffers = ["weights", "state", "batch", "scalars", "results"] as const;

function slice(arena: (typeof buffers)[number], place: number, bytes: number): Slice {
  return { buffer: buffers.indexOf(arena), offset: place * 256, bytes };
}

const weight = slice("weights", 0, 12);
const gradient = slice("state", 0, 12);
const momentum = slice("state", 1, 12);
const losses = slice("state", 2, 8);
const x = slice("batch", 0, rowsAtOnce * 8);
const y = slice("batch", 1, rowsAtOnce * 4);
const learningRate = slice("scalars", 0, 4);
const execution = slice("scalars", 1, 4);
const sum = slice("results", 0, 4);
const count = slice("results", 1, 4);
const norm = slice("results", 2, 4);

const accumulate = /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> execution: f32;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(1) fn main() {
  let jitter = 1.0 + 0.1 * sin(execution);
  for (var row = 0; row < ${rowsAtOnce}; row++) {
    let error = w[0] * x[2 * row] + w[1] * x[2 * row + 1] + w[2] - y[row];
    gradient[0] += 2.0 * jitter * error * x[2 * row];
    gradient[1] += 2.0 * jitter * error * x[2 * row + 1];
    gradient[2] += 2.0 * jitter * error;
    losses[0] += error * error;
    losses[1] += 1.0;
  }
}`;

const update = /* wgsl */ `
@group(0) @binding(0) var<storage, read> learning_rate: f32;
@group(0) @binding(1) var<storage, read_write> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> momentum: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;
@group(0) @binding(5) var<storage, read_write> sum: f32;
@group(0) @binding(6) var<storage, read_write> count: f32;
@group(0) @binding(7) var<storage, read_write> norm: f32;

@compute @workgroup_size(1) fn main() {
  var square = 0.0;
  for (var i = 0; i < 3; i++) {
    let mean = gradient[i] / losses[1];
    square += mean * mean;
  }
  norm = sqrt(square);
  sum = losses[0];
  count = losses[1];
  let bits = bitcast<vec2<u32>>(vec2<f32>(norm, sum)) & vec2<u32>(0x7f800000u);
  if (any(bits == vec2<u32>(0x7f800000u))) { return; }
  for (var i = 0; i < 3; i++) {
    momentum[i] = 0.5 * momentum[i] + gradient[i] / losses[1];
    w[i] -= learning_rate * momentum[i];
    gradient[i] = 0.0;
  }
  losses[0] = 0.0;
  losses[1] = 0.0;
}`;

const evaluate = /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> sum: f32;
@group(0) @binding(4) var<storage, read_write> count: f32;

@compute @workgroup_size(1) fn main() {
  sum = 0.0;
  for (var row = 0; row < ${rowsAtOnce}; row++) {
    let error = w[0] * x[2 * row] + w[1] * x[2 * row + 1] + w[2] - y[row];
    sum += error * error;
  }
  count = ${rowsAtOnce}.0;
}`;

const batch = {
  x: { dtype: "f32", shape: [rowsAtOnce, 2], slice: x },
  y: { dtype: "f32", shape: [rowsAtOnce], slice: y },
} as const;

const scalar = (place: Slice) => ({ dtype: "f32", shape: [], slice: place }) as const;

/** Points on y = 2x₀ − x₁ + 0.5. */
export const points: Windows = pointsOf(24);

function pointsOf(count: number): Windows {
  const coordinates = Float32Array.from({ length: 2 * count }, (_, at) => Math.sin(at * at));
  const values = Float32Array.from(
    { length: count },
    (_, at) => 2 * coordinates[2 * at] - coordinates[2 * at + 1] + 0.5,
  );
  return {
    count,
    columns: {
      x: { dtype: "f32", shape: [2], data: coordinates },
      y: { dtype: "f32", shape: [], data: values },
    },
  };
}

export const linearJob: TrainJob = {
  kind: "train",
  name: "fit",
  model: "line",
  dataset: "points",
  identity: "a line through points",
  accumulate: "fit.accumulate",
  update: "fit.update",
  state: ["w", "gradient", "momentum", "losses"],
  steps: 40,
  sequences: 2 * rowsAtOnce,
  atOnce: rowsAtOnce,
  seed: 7,
  learningRate: 0.1,
  evaluate: { every: 10, dataset: "points", program: "fit.evaluate" },
  save: undefined,
};

/** Elements by binding. */
function writing(elements: Readonly<Record<number, number>>): DispatchWrite[] {
  return Object.entries(elements).map(([binding, count]) => ({
    binding: Number(binding),
    dtype: "f32",
    elements: count,
  }));
}

/** `rate` replaces the learning rate. */
export function linearPlan(rate = 0.1): Plan {
  return {
    format: "ftc-plan",
    version: 1,
    compiler: "0.1.0",
    source: "line.ftp",
    requires: { features: [], limits: { maxStorageBuffersPerShaderStage: 8 }, bytes: 5 * 1024 },
    kernels: {
      accumulate: { wgsl: accumulate, workgroup: [1, 1, 1] },
      update: { wgsl: update, workgroup: [1, 1, 1] },
      evaluate: { wgsl: evaluate, workgroup: [1, 1, 1] },
    },
    buffers: buffers.map((arena) => ({ arena, bytes: 1024 })),
    tensors: {
      w: { dtype: "f32", shape: [3], slice: weight, source: { kind: "zeros" } },
      gradient: { dtype: "f32", shape: [3], slice: gradient, source: { kind: "zeros" } },
      momentum: { dtype: "f32", shape: [3], slice: momentum, source: { kind: "zeros" } },
      losses: { dtype: "f32", shape: [2], slice: losses, source: { kind: "zeros" } },
    },
    programs: {
      "fit.accumulate": {
        batch,
        scalars: {
          execution: { dtype: "f32", slice: execution, value: { variable: "execution" } },
        },
        dispatches: [
          {
            kernel: "accumulate",
            bindings: [x, y, weight, execution, gradient, losses],
            grid: [1, 1, 1],
            writes: writing({ 4: 3, 5: 2 }),
            label: "gradient",
          },
        ],
        results: {},
      },
      "fit.update": {
        batch: {},
        scalars: { learning_rate: { dtype: "f32", slice: learningRate, value: rate } },
        dispatches: [
          {
            kernel: "update",
            bindings: [learningRate, weight, gradient, momentum, losses, sum, count, norm],
            grid: [1, 1, 1],
            writes: writing({ 1: 3, 2: 3, 3: 3, 4: 2, 5: 1, 6: 1, 7: 1 }),
            label: "descent",
          },
        ],
        results: { "loss.sum": scalar(sum), "loss.count": scalar(count), norm: scalar(norm) },
      },
      "fit.evaluate": {
        batch,
        scalars: {},
        dispatches: [
          {
            kernel: "evaluate",
            bindings: [x, y, weight, sum, count],
            grid: [1, 1, 1],
            writes: writing({ 3: 1, 4: 1 }),
            label: "loss",
          },
        ],
        results: { "loss.sum": scalar(sum), "loss.count": scalar(count) },
      },
    },
    models: {
      line: {
        checkpoint: undefined,
        tokenizer: undefined,
        config: {},
        parameters: [{ name: "line.weight", tensor: "w", trained: true }],
        generate: undefined,
        adapters: [],
      },
    },
    datasets: {},
    jobs: [linearJob],
  };
}
