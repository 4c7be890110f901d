/**
 * The GPU, opened headless through Dawn (npm `webgpu`). A `Device` has asked for every limit and feature
 * of use that its adapter offers, since one that asks for nothing gets WebGPU's defaults (128 MiB a
 * binding, 16 KiB of workgroup memory), and it turns Dawn's asynchronous errors into ours: a submit that
 * failed validation would otherwise be dropped in silence.
 */

import { create, globals } from "webgpu";
import { MachineError, messageOf, PlanFault } from "./errors.ts";
import { outcomeOf } from "./outcome.ts";
import { patiently } from "./patience.ts";
import { quietly } from "./quiet.ts";

export type Backend = "vulkan" | "metal" | "d3d12" | "null";

export interface DeviceOptions {
  /** Part of an adapter's name, as `--device` gives it. */
  readonly name?: string | undefined;
  /** The platform's own, unless asked for. `null` builds pipelines but computes nothing. */
  readonly backend?: Backend | undefined;
  /** The plan's verifier has proved every index in bounds, so kernels run without clamps. */
  readonly proved?: boolean | undefined;
}

export interface DeviceDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  /** The driver and its version, in the driver's own words. */
  readonly driver: string;
  readonly backend: Backend;
  /** A software adapter: correct, and slow. */
  readonly isSoftware: boolean;
  /** Threads of a subgroup; 0 where the adapter has none. */
  readonly subgroup: { readonly smallest: number; readonly largest: number };
  readonly features: readonly string[];
  readonly limits: Readonly<Record<LimitName, number>>;
  readonly matrices: readonly MatrixConfig[];
}

/** A shape that the device's matrix units multiply: M×K by K×N. */
export interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** The limits that plans depend on; each is asked for at what the adapter offers. */
export const limitNames = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "minStorageBufferOffsetAlignment",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

export type LimitName = (typeof limitNames)[number];

/** Asked for where the adapter has them. The last is Dawn's own so far. */
const wantedFeatures = [
  "shader-f16",
  "subgroups",
  "subgroup-size-control",
  "timestamp-query",
  "chromium-experimental-subgroup-matrix",
] as const;

// `webgpu` types its globals as Object; these two are WebGPU's own constants.
const constants = globals as {
  readonly GPUBufferUsage: Readonly<Record<keyof typeof GPUBufferUsage, number>>;
  readonly GPUMapMode: Readonly<Record<keyof typeof GPUMapMode, number>>;
};
export const bufferUsage = constants.GPUBufferUsage;
export const mapMode = constants.GPUMapMode;

export class Device {
  readonly gpu: GPUDevice;
  readonly description: DeviceDescription;
  #isClosed = false;
  #doing = "opening the device";
  #fault: Error | undefined;
  readonly #lost: Promise<void>;

  private constructor(gpu: GPUDevice, description: DeviceDescription) {
    this.gpu = gpu;
    this.description = description;
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#fault ??= this.#faultOf(event.error, this.#doing);
    });
    this.#lost = gpu.lost.then(({ reason, message }) => {
      if (reason === "destroyed" && this.#isClosed) return;
      this.#fault ??= new MachineError(`the GPU stopped while ${this.#doing}: ${message.trim()}`, [
        "resume from the last checkpoint with --resume",
        "if it happens again at the same place, use a smaller `batch` or window, or another driver",
      ]);
    });
  }

  /** @throws MachineError without a suitable adapter. */
  static async open(options: DeviceOptions = {}): Promise<Device> {
    const backend = options.backend ?? platformBackend();
    const instance = dawn(flags(backend, options));
    const adapter = await findAdapter(instance, backend, options.name);
    const offered = describe(adapter, backend);
    const gpu = await adapter
      .requestDevice({
        // The experimental names are not part of the type.
        requiredFeatures: offered.features as GPUFeatureName[],
        requiredLimits: offered.limits,
      })
      .catch((error: unknown) => {
        throw new MachineError(`${offered.device} did not open: ${messageOf(error)}`);
      });
    return new Device(gpu, offered);
  }

  has(feature: string): boolean {
    return this.description.features.includes(feature);
  }

  /**
   * Runs `work` and waits for Dawn's verdict on it. `doing` completes "while …".
   * @throws MachineError when memory ran out or the device was lost, PlanFault when Dawn refused a call.
   */
  async guard<T>(doing: string, work: () => T | Promise<T>): Promise<T> {
    this.begin(doing);
    for (const filter of scopes) this.gpu.pushErrorScope(filter);
    const outcome = await this.#patiently(outcomeOf(work));
    const errors: GPUError[] = [];
    for (const _ of scopes) {
      const error = await this.gpu.popErrorScope();
      if (error !== null) errors.push(error);
    }
    // A thrown fault of our own knows more than the consequences that Dawn saw.
    if (!outcome.done && isOurs(outcome.error)) throw outcome.error;
    const first = errors[0];
    if (first !== undefined) throw this.#faultOf(first, doing);
    this.check();
    if (!outcome.done) throw outcome.error;
    return outcome.value;
  }

  /**
   * Waits for something that the GPU answers, or for its loss.
   * @throws as `guard`
   */
  async answer<T>(doing: string, promise: Promise<T>): Promise<T> {
    // Before anything can throw, so that the promise's rejection always has a listener.
    const waiting = outcomeOf(() => Promise.race([promise, this.#lost.then(() => lost)]));
    this.begin(doing);
    const outcome = await this.#patiently(waiting);
    this.check();
    if (!outcome.done) throw new MachineError(`${doing} failed: ${messageOf(outcome.error)}`);
    if (outcome.value === lost) throw new MachineError(`the device was closed while ${doing}`);
    return outcome.value as T; // Only `lost` is not a T, and it has left above.
  }

  /** Says what comes next, for the messages of errors that arrive while nobody waits. */
  begin(doing: string): void {
    this.check();
    this.#doing = doing;
  }

  /** Throws the first error that arrived while nobody waited. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Frees the GPU. Closing twice is closing once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.gpu.destroy();
  }

  /** Where the CPU computes, it has better to do than to ask whether it is done. Elsewhere asking is faster. */
  #patiently<T>(promise: Promise<T>): Promise<T> {
    return this.description.isSoftware ? patiently(promise) : promise;
  }

  #faultOf(error: GPUError, doing: string): Error {
    // The classes are not installed as globals, so the constructor's name tells them apart.
    switch (error.constructor.name) {
      case "GPUOutOfMemoryError":
        return new MachineError(`the GPU has no memory left while ${doing}`, [
          "close other programs that use this GPU, or choose another with --device",
          "`ftc plan --fit` says what would fit",
        ]);
      case "GPUValidationError":
        return new PlanFault(`the device refused a call while ${doing}`, error.message.trim());
      default:
        return new MachineError(`the driver failed while ${doing}: ${error.message.trim()}`);
    }
  }
}

/**
 * Every one that was made. dawn.node asks an instance for its events on a later turn of the event loop and does not
 * keep it for that, so one that was collected before would be read after it is gone.
 */
const instances: GPU[] = [];

function dawn(options: string[]): GPU {
  const instance = create(options);
  instances.push(instance);
  return instance;
}

/** The names of all adapters there are, as `--device` matches them. */
export async function adapterNames(
  backend: Backend = platformBackend(),
): Promise<readonly string[]> {
  // Dawn lists what there is when it is asked for an adapter that is not.
  const none = "\u0000";
  const listing = await outcomeOf(() =>
    quietly(() => dawn([`backend=${backend}`, `adapter=${none}`]).requestAdapter()),
  );
  if (listing.done) return [];
  return [...messageOf(listing.error).matchAll(/name: '([^'\n]*)'/g)].map(
    (match) => match[1] ?? "",
  );
}

const scopes = ["validation", "out-of-memory", "internal"] as const;
const lost = Symbol("lost");

function isOurs(error: unknown): boolean {
  return error instanceof PlanFault || error instanceof MachineError;
}

function platformBackend(): Backend {
  if (process.platform === "darwin") return "metal";
  return process.platform === "win32" ? "d3d12" : "vulkan";
}

function flags(backend: Backend, options: DeviceOptions): string[] {
  // f16 is block-listed on NVIDIA's Vulkan driver (crbug.com/42251215) and matrix units are experimental.
  const enabled = ["allow_unsafe_apis", "vulkan_enable_f16_on_nvidia"];
  if (options.proved === true) enabled.push("disable_robustness");
  const all = [
    `backend=${backend}`,
    `enable-dawn-features=${enabled.join(",")}`,
    "disable-dawn-features=timestamp_quantization",
  ];
  return options.name === undefined ? all : [...all, `adapter=${options.name}`];
}

async function findAdapter(
  instance: GPU,
  backend: Backend,
  name: string | undefined,
): Promise<GPUAdapter> {
  const asked = await outcomeOf(() =>
    quietly(() => instance.requestAdapter({ powerPreference: "high-performance" })),
  );
  if (asked.done && asked.value !== null) return asked.value;
  const names = await adapterNames(backend);
  if (names.length > 0 && name !== undefined) {
    throw new MachineError(`no GPU's name contains "${name}"`, [
      `there is ${names.join(", and ")}`,
    ]);
  }
  throw new MachineError(`no GPU that ${backend} can use was found`, [howToInstall()]);
}

function howToInstall(): string {
  if (process.platform === "linux") {
    return "install the card's Vulkan driver, or Mesa 25 or newer (mesa-vulkan-drivers) to compute on the CPU";
  }
  return "install the card's current driver";
}

function describe(adapter: GPUAdapter, backend: Backend): DeviceDescription {
  const { info } = adapter;
  const limits = Object.fromEntries(limitNames.map((name) => [name, adapter.limits[name]]));
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    driver: info.description,
    backend,
    isSoftware: info.isFallbackAdapter,
    subgroup: { smallest: info.subgroupMinSize ?? 0, largest: info.subgroupMaxSize ?? 0 },
    features: wantedFeatures.filter((feature) => adapter.features.has(feature)),
    limits: limits as Record<LimitName, number>, // Its keys are exactly `limitNames`.
    matrices: matricesOf(info),
  };
}

/** `subgroupMatrixConfigs` is not in WebGPU's types yet. */
function matricesOf(info: GPUAdapterInfo): readonly MatrixConfig[] {
  const { subgroupMatrixConfigs = [] } = info as {
    subgroupMatrixConfigs?: readonly MatrixConfig[];
  };
  return subgroupMatrixConfigs.map(({ componentType, resultComponentType, M, N, K }) => ({
    componentType,
    resultComponentType,
    M,
    N,
    K,
  }));
}
