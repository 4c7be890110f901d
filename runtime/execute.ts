/**
 * Runs a plan's programs. An `Executor` holds everything that outlives a program: buffers, pipelines and
 * bind groups, all made once. Running is encoding one pass and one submit; nothing waits for the GPU but
 * reading.
 */

import { Buffers, requireMemory } from "./buffers.ts";
import type { Device, LimitName } from "./device.ts";
import { MachineError, planFault } from "./errors.ts";
import { compileKernels, type Pipelines } from "./pipelines.ts";
import type { Dispatch, Dtype, PersistentTensor, Plan, Program, Slice } from "./plan.ts";
import { type BoundDispatch, type DispatchTime, timeDispatches } from "./profile.ts";
import { evaluateScalar, type Variables } from "./scalar.ts";
import {
  bytesOf,
  bytesOfDtype,
  elementCount,
  fromNumbers,
  holds,
  paddedBytes,
  type TensorData,
  viewOf,
} from "./tensor-data.ts";

/** What changes from one execution to the next. */
export interface Execution {
  readonly batch: Readonly<Record<string, TensorData>>;
  readonly variables: Variables;
}

export interface ProgramExecution {
  readonly program: string;
  readonly execution: Execution;
}

/** What a dispatch wrote. */
export interface Written {
  readonly label: string;
  readonly dtype: Dtype;
  readonly elements: number;
  /** Read from the device as they are asked for, before the next dispatch runs. */
  readonly pieces: AsyncIterable<TensorData>;
}

/** Bytes that are read from the device in one piece. */
const bytesAtOnce = 2 ** 26;

/** A result of rank 0, or the elements of a larger one. */
export type Results = Readonly<Record<string, TensorData>>;

export class Executor {
  readonly plan: Plan;
  readonly #device: Device;
  readonly #buffers: Buffers;
  readonly #pipelines: Pipelines;
  readonly #programs = new Map<string, readonly BoundDispatch[]>();
  /** By pipeline and slices: layers that share a dispatch share its bind group. */
  readonly #bindGroups = new Map<string, GPUBindGroup>();

  private constructor(device: Device, plan: Plan, buffers: Buffers, pipelines: Pipelines) {
    this.#device = device;
    this.plan = plan;
    this.#buffers = buffers;
    this.#pipelines = pipelines;
  }

  /**
   * Compiles the kernels and allocates the buffers; every tensor holds zeros.
   * @throws MachineError where the device is not enough, PlanFault where the plan does not hold together.
   */
  static async open(device: Device, plan: Plan): Promise<Executor> {
    requireDevice(device, plan);
    requireMemory(device.description, plan.buffers);
    const pipelines = await compileKernels(device, plan.kernels);
    const buffers = await Buffers.allocate(device, plan.buffers);
    return new Executor(device, plan, buffers, pipelines);
  }

  /** Makes the bind groups of a program and lets Dawn check them. Running an unprepared one is a fault. */
  async prepare(name: string): Promise<void> {
    if (this.#programs.has(name)) return;
    const { dispatches } = this.program(name);
    const bind = () => dispatches.map((dispatch) => this.#bind(dispatch));
    this.#programs.set(name, await this.#device.guard(`binding the buffers of ${name}`, bind));
  }

  /** Queues one execution. What Dawn finds wrong with it is thrown by the next read. */
  run(name: string, execution: Execution): void {
    const bound = this.#programs.get(name) ?? planFault(`program ${name} was not prepared`);
    this.#device.begin(`running ${name}`);
    this.#writeInputs(name, execution);
    this.#submit(name, bound);
  }

  /** Runs a program once, a dispatch at a time, and shows what each wrote. It changes what `run` would. */
  async *trace(name: string, execution: Execution): AsyncGenerator<Written> {
    await this.prepare(name);
    this.#writeInputs(name, execution);
    for (const bound of this.#programs.get(name) ?? []) {
      this.#submit(name, [bound]);
      const { bindings, writes, label } = bound.dispatch;
      for (const { binding, dtype, elements } of writes) {
        const pieces = this.#elements(label, dtype, elements, bindings[binding]);
        yield { label, dtype, elements, pieces };
      }
    }
  }

  /** Runs a program once, slower, and says how long each dispatch took. It changes what `run` would. */
  async profile(name: string, execution: Execution): Promise<readonly DispatchTime[]> {
    await this.prepare(name);
    this.#writeInputs(name, execution);
    return timeDispatches(this.#device, this.#programs.get(name) ?? []);
  }

  /** The results as the last queued execution leaves them. They are copied before any later execution. */
  async results(name: string, results: readonly string[]): Promise<Results> {
    const program = this.program(name);
    const wanted = results.map((result) => program.results[result] ?? noResult(name, result));
    const slices = wanted.map(({ slice, dtype, shape }) =>
      exactly(slice, paddedBytes(dtype, shape)),
    );
    const parts = await this.#buffers.read(`reading the results of ${name}`, slices);
    return Object.fromEntries(
      wanted.map(({ dtype, shape }, index) => [
        results[index],
        viewOf(dtype, shape, parts[index] ?? new Uint8Array(0)),
      ]),
    );
  }

  /** Replaces a persistent tensor's elements. */
  async write(tensor: string, data: TensorData): Promise<void> {
    const { dtype, shape, slice } = this.tensor(tensor);
    requireColumn(`tensor ${tensor}`, dtype, shape, data);
    await this.#buffers.upload(slice, padded(data));
  }

  /** Replaces bytes of a persistent tensor from `offset` on, as they are: weights that stream in. */
  async writeBytes(tensor: string, offset: number, bytes: Uint8Array): Promise<void> {
    await this.#buffers.upload(this.tensor(tensor).slice, wholeWords(bytes), offset);
  }

  async read(tensor: string): Promise<TensorData> {
    const { dtype, shape, slice } = this.tensor(tensor);
    const part = exactly(slice, paddedBytes(dtype, shape));
    const [bytes = new Uint8Array(0)] = await this.#buffers.read(`reading ${tensor}`, [part]);
    return viewOf(dtype, shape, bytes);
  }

  /** A persistent tensor's bytes, at most `count` at a time, without padding. */
  pieces(tensor: string, count: number): AsyncGenerator<Uint8Array> {
    const { dtype, shape, slice } = this.tensor(tensor);
    return this.#pieces(tensor, slice, elementCount(shape) * bytesOfDtype[dtype], count);
  }

  /** A persistent tensor's elements, some at a time. */
  elements(tensor: string): AsyncGenerator<TensorData> {
    const { dtype, shape, slice } = this.tensor(tensor);
    return this.#elements(tensor, dtype, elementCount(shape), slice);
  }

  /** Queues zeros into persistent tensors. */
  clear(tensors: readonly string[]): void {
    this.#buffers.clear(tensors.map((tensor) => this.tensor(tensor).slice));
  }

  /** Waits until everything queued is done. */
  async settle(): Promise<void> {
    await this.#buffers.settle();
  }

  /** @throws PlanFault where the plan has no such tensor. */
  tensor(name: string): PersistentTensor {
    return this.plan.tensors[name] ?? planFault(`the plan has no tensor ${name}`);
  }

  /** @throws PlanFault where the plan has no such program. */
  program(name: string): Program {
    return this.plan.programs[name] ?? planFault(`the plan has no program ${name}`);
  }

  close(): void {
    this.#buffers.free();
  }

  async *#elements(
    what: string,
    dtype: Dtype,
    elements: number,
    slice: Slice,
  ): AsyncGenerator<TensorData> {
    const width = bytesOfDtype[dtype];
    for await (const bytes of this.#pieces(what, slice, elements * width, bytesAtOnce)) {
      yield viewOf(dtype, [bytes.byteLength / width], bytes);
    }
  }

  async *#pieces(
    what: string,
    slice: Slice,
    total: number,
    count: number,
  ): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < total; from += count) {
      const length = Math.min(count, total - from);
      const part = { ...slice, offset: slice.offset + from, bytes: Math.ceil(length / 4) * 4 };
      const [bytes] = await this.#buffers.read(`reading ${what}`, [part]);
      yield bytes.subarray(0, length);
    }
  }

  #submit(name: string, bound: readonly BoundDispatch[]): void {
    const { gpu } = this.#device;
    const encoder = gpu.createCommandEncoder({ label: name });
    const pass = encoder.beginComputePass({ label: name });
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, bindings, dispatch } of bound) {
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(...dispatch.grid);
    }
    pass.end();
    gpu.queue.submit([encoder.finish()]);
  }

  #bind(dispatch: Dispatch): BoundDispatch {
    const { kernel, bindings, label } = dispatch;
    const pipeline =
      this.#pipelines.get(kernel) ??
      planFault(`${label} uses kernel ${kernel}, which is not there`);
    const key = `${kernel} ${bindings.map(({ buffer, offset, bytes }) => `${buffer}+${offset}:${bytes}`).join(" ")}`;
    const known = this.#bindGroups.get(key);
    if (known !== undefined) return { dispatch, pipeline, bindings: known };
    const group = this.#device.gpu.createBindGroup({
      label,
      layout: pipeline.getBindGroupLayout(0),
      entries: bindings.map((slice, binding) => ({
        binding,
        resource: this.#buffers.binding(slice),
      })),
    });
    this.#bindGroups.set(key, group);
    return { dispatch, pipeline, bindings: group };
  }

  #writeInputs(name: string, { batch, variables }: Execution): void {
    const program = this.program(name);
    for (const [column, { dtype, shape, slice }] of Object.entries(program.batch)) {
      const data = batch[column] ?? planFault(`program ${name} reads column ${column}`);
      requireColumn(`column ${column} of ${name}`, dtype, shape, data);
      this.#buffers.write(slice, padded(data));
    }
    for (const { dtype, slice, value } of Object.values(program.scalars)) {
      this.#buffers.write(slice, padded(fromNumbers(dtype, [evaluateScalar(value, variables)])));
    }
  }
}

function noResult(program: string, result: string): never {
  return planFault(`program ${program} has no result ${result}`);
}

function exactly(slice: Slice, bytes: number): Slice {
  return { buffer: slice.buffer, offset: slice.offset, bytes };
}

function requireColumn(
  what: string,
  dtype: Program["batch"][string]["dtype"],
  shape: readonly number[],
  data: TensorData,
): void {
  if (holds(dtype, data) && data.length === elementCount(shape)) return;
  planFault(
    `${what} is ${dtype}[${shape.join(", ")}] and was given ${data.length} elements of ${data.constructor.name}`,
  );
}

function padded(data: TensorData): Uint8Array {
  return wholeWords(bytesOf(data));
}

/** The bytes, with an odd f16 tensor's two bytes of padding. */
function wholeWords(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength % 4 === 0) return bytes;
  const whole = new Uint8Array(bytes.byteLength + 2);
  whole.set(bytes);
  return whole;
}

/** @throws MachineError that lists everything the plan needs and the device lacks. */
function requireDevice(device: Device, plan: Plan): void {
  const { description } = device;
  const lacks = plan.requires.features
    .filter((feature) => !device.has(feature))
    .map((feature) => `has no ${feature}`);
  for (const [name, needed] of Object.entries(plan.requires.limits)) {
    const offered = description.limits[name as LimitName]; // Undefined for a limit we do not know.
    if (offered === undefined)
      planFault(`the plan requires limit ${name}, which is not one we ask for`);
    // Alignments are the limits that are better smaller.
    const isEnough = name.startsWith("min") ? offered <= needed : offered >= needed;
    if (!isEnough) lacks.push(`offers ${offered} of ${name} where ${needed} is needed`);
  }
  if (lacks.length === 0) return;
  throw new MachineError(
    `this plan is for another device: ${description.device} ${lacks.join(", ")}`,
    ["plan again on this machine, or choose another GPU with --device"],
  );
}
