/** What a schema cannot say of a plan: that every name it uses is there, and every slice within its buffer. */

import type { Job, Measurement, Plan, Program, Slice } from "./plan.ts";
import { paddedBytes } from "./tensor-data.ts";

/** The first thing that does not hold, with the field it is in; undefined for a plan that holds together. */
export function brokenReference(plan: Plan): string | undefined {
  return faults(plan).next().value;
}

function* faults(plan: Plan): Generator<string, undefined> {
  for (const [name, tensor] of Object.entries(plan.tensors)) {
    const field = `tensors.${name}`;
    yield* placeFaults(plan, field, tensor);
    const { source } = tensor;
    if (source.kind === "checkpoint")
      yield* missing(plan.models, source.model, `${field}.source.model`);
  }
  for (const [name, program] of Object.entries(plan.programs)) {
    yield* programFaults(plan, `programs.${name}`, program);
  }
  for (const [name, model] of Object.entries(plan.models)) {
    for (const [index, { tensor }] of model.parameters.entries()) {
      yield* missing(plan.tensors, tensor, `models.${name}.parameters[${index}].tensor`);
    }
    for (const [index, { program }] of (model.generate?.programs ?? []).entries()) {
      yield* missing(plan.programs, program, `models.${name}.generate.programs[${index}].program`);
    }
    for (const [index, cache] of (model.generate?.caches ?? []).entries()) {
      yield* missing(plan.tensors, cache, `models.${name}.generate.caches[${index}]`);
    }
  }
  for (const [index, job] of plan.jobs.entries()) yield* jobFaults(plan, `jobs[${index}]`, job);
  return undefined;
}

function* programFaults(plan: Plan, field: string, program: Program): Generator<string> {
  for (const [name, input] of Object.entries(program.batch)) {
    yield* placeFaults(plan, `${field}.batch.${name}`, input);
  }
  for (const [name, input] of Object.entries(program.scalars)) {
    yield* placeFaults(plan, `${field}.scalars.${name}`, { ...input, shape: [] });
  }
  for (const [name, result] of Object.entries(program.results)) {
    yield* placeFaults(plan, `${field}.results.${name}`, result);
  }
  for (const [index, { kernel, bindings, writes }] of program.dispatches.entries()) {
    const place = `${field}.dispatches[${index}]`;
    yield* missing(plan.kernels, kernel, `${place}.kernel`);
    for (const { binding, dtype, elements } of writes) {
      const slice = bindings[binding];
      if (slice === undefined) yield `${place} has no binding ${binding}, which it writes`;
      else
        yield* placeFaults(plan, `${place}.bindings[${binding}]`, {
          dtype,
          shape: [elements],
          slice,
        });
    }
    for (const [binding, slice] of bindings.entries()) {
      yield* sliceFaults(plan, `${place}.bindings[${binding}]`, slice);
    }
  }
}

function* jobFaults(plan: Plan, field: string, job: Job): Generator<string> {
  switch (job.kind) {
    case "train":
      yield* missing(plan.models, job.model, `${field}.model`);
      yield* missing(plan.datasets, job.dataset, `${field}.dataset`);
      yield* missing(plan.programs, job.accumulate, `${field}.accumulate`);
      yield* missing(plan.programs, job.update, `${field}.update`);
      for (const [index, tensor] of job.state.entries()) {
        yield* missing(plan.tensors, tensor, `${field}.state[${index}]`);
      }
      for (const [index, { from, to }] of (job.start?.copies ?? []).entries()) {
        yield* missing(plan.tensors, from, `${field}.start.copies[${index}].from`);
        yield* missing(plan.tensors, to, `${field}.start.copies[${index}].to`);
      }
      for (const [index, tensor] of (job.start?.fresh ?? []).entries()) {
        yield* missing(plan.tensors, tensor, `${field}.start.fresh[${index}]`);
      }
      if (job.sequences % job.atOnce !== 0) {
        yield `${field}.atOnce, ${job.atOnce}, does not divide the ${job.sequences} sequences of a step`;
      }
      if (job.evaluate === undefined) return;
      yield* missing(plan.datasets, job.evaluate.dataset, `${field}.evaluate.dataset`);
      yield* measurementFaults(plan, job.evaluate, `${field}.evaluate`);
      return;
    case "evaluate":
      yield* missing(plan.datasets, job.dataset, `${field}.dataset`);
      for (const [index, one] of job.models.entries()) {
        yield* missing(plan.models, one.model, `${field}.models[${index}].model`);
        yield* measurementFaults(plan, one, `${field}.models[${index}]`);
      }
      return;
    case "export":
      yield* missing(plan.models, job.model, `${field}.model`);
      for (const [index, { program }] of job.merges.entries()) {
        yield* missing(plan.programs, program, `${field}.merges[${index}].program`);
      }
      return;
    default:
      job satisfies never;
  }
}

function* measurementFaults(
  plan: Plan,
  { program, rest }: Measurement,
  field: string,
): Generator<string> {
  yield* missing(plan.programs, program, `${field}.program`);
  if (rest !== undefined) yield* missing(plan.programs, rest, `${field}.rest`);
}

function* placeFaults(
  plan: Plan,
  field: string,
  { dtype, shape, slice }: Program["batch"][string],
): Generator<string> {
  const needed = paddedBytes(dtype, shape);
  if (slice.bytes < needed) {
    yield `${field}.slice.bytes is ${slice.bytes}, and ${dtype}[${shape.join(", ")}] takes ${needed}`;
  }
  yield* sliceFaults(plan, `${field}.slice`, slice);
}

function* sliceFaults(plan: Plan, field: string, slice: Slice): Generator<string> {
  const buffer = plan.buffers[slice.buffer];
  if (buffer === undefined) {
    yield `${field}.buffer is ${slice.buffer}, and there are ${plan.buffers.length} buffers`;
  } else if (slice.offset + slice.bytes > buffer.bytes) {
    yield `${field} ends at ${slice.offset + slice.bytes} of the ${buffer.bytes} bytes of ${buffer.arena}`;
  }
}

function* missing(
  table: Readonly<Record<string, unknown>>,
  name: string,
  field: string,
): Generator<string> {
  if (!Object.hasOwn(table, name)) yield `${field} is "${name}", which the plan does not have`;
}
