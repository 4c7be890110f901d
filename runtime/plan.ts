/**
 * The plan: everything that running needs and nothing that needs the compiler. It is data (JSON, kernels as
 * WGSL text), owned by the runtime and checked against plan.schema.json when it is read from a file.
 *
 * A plan holds *programs* (one execution of a fixed list of dispatches), the *tensors* that live between
 * them, and *jobs*: what the host does with them, in order.
 */

import type { DataPlan, TokenizerReference } from "./data/plan.ts";

export type Dtype = "f32" | "f16" | "i32" | "u32" | "bool";

export interface Plan {
  readonly format: "ftc-plan";
  readonly version: 1;
  /** The compiler that wrote it. */
  readonly compiler: string;
  /** The pipeline's file name, for messages. */
  readonly source: string;
  readonly requires: Requirements;
  /** By name. Kernels with equal text are one kernel. */
  readonly kernels: Readonly<Record<string, Kernel>>;
  /** GPU buffers, allocated before anything runs. */
  readonly buffers: readonly BufferPlan[];
  /** Tensors that outlive a program: weights, optimizer state, gradient sums, caches. */
  readonly tensors: Readonly<Record<string, PersistentTensor>>;
  readonly programs: Readonly<Record<string, Program>>;
  readonly models: Readonly<Record<string, ModelPlan>>;
  readonly datasets: Readonly<Record<string, DataPlan>>;
  /** In the order of execution. */
  readonly jobs: readonly Job[];
}

/** What a device must offer. Checked before anything is allocated. */
export interface Requirements {
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** Bytes of all buffers together. */
  readonly bytes: number;
}

export interface Kernel {
  readonly wgsl: string;
  /** Threads of a workgroup. */
  readonly workgroup: readonly [number, number, number];
}

export interface BufferPlan {
  /** `weights`, `state`, `saved`, `scratch.0`, … for messages and the memory table. */
  readonly arena: string;
  readonly bytes: number;
}

/**
 * Part of a buffer. Offsets are multiples of 256 and sizes of 4: a tensor of f16 with an odd number of
 * elements has two bytes of padding.
 */
export interface Slice {
  readonly buffer: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface PersistentTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly slice: Slice;
  readonly source: TensorSource;
}

/** What a persistent tensor holds before the first program runs. */
export type TensorSource =
  | { readonly kind: "zeros" }
  | { readonly kind: "fill"; readonly value: number }
  /** The tensor `name` of the checkpoint of `model`, a key of `Plan.models`; converted to the tensor's dtype. */
  | { readonly kind: "checkpoint"; readonly model: string; readonly name: string }
  /** Counter-based random numbers: `stream` names the parameter. */
  | {
      readonly kind: "normal";
      readonly std: number;
      readonly seed: number;
      readonly stream: string;
    }
  | {
      readonly kind: "uniform";
      readonly bound: number;
      readonly seed: number;
      readonly stream: string;
    };

/**
 * One execution of a list of dispatches. Executions are queued without waiting for one another, so what a
 * program leaves in its result slices holds only until its next execution; the host copies results away in
 * the queue, right behind the execution they belong to.
 *
 * Variables that scalars may use:
 * - `step`, from 0, and `seed`: every program of a train job
 * - `execution`: a number that no two executions of a train job share (`step` × executions a step + the
 *   execution's place in the step); 0, 1, … over the batches of an evaluation
 * - `rows`: evaluation programs; the sequences of the batch that are not padding, which come first
 * - `offset`: programs of a `GeneratePlan`
 */
export interface Program {
  /** Columns of the batch, uploaded before each execution; by name. The first axis is the sequences. */
  readonly batch: Readonly<Record<string, ProgramInput>>;
  /** Values that change by step, uploaded before each execution; by name. */
  readonly scalars: Readonly<Record<string, ScalarInput>>;
  readonly dispatches: readonly Dispatch[];
  /** What the host may read after an execution; by name. */
  readonly results: Readonly<Record<string, ProgramResult>>;
}

export interface ProgramInput {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly slice: Slice;
}

/**
 * A rank-0 value. `value` says how the host computes it, in double precision, from the variables of the
 * run; it is never a number baked into a kernel.
 */
export interface ScalarInput {
  readonly dtype: Dtype;
  readonly slice: Slice;
  readonly value: Scalar;
}

/**
 * A scalar expression over the variables of a run. Booleans are 0 and 1; `remainder` has the sign of the
 * dividend, as in WGSL; `select` takes (condition, then, otherwise).
 */
export type Scalar =
  | number
  | { readonly variable: string }
  | { readonly op: ScalarOp; readonly args: readonly Scalar[] };

export type ScalarOp =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "remainder"
  | "power"
  | "minimum"
  | "maximum"
  | "negate"
  | "absolute"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "sin"
  | "cos"
  | "tanh"
  | "floor"
  | "less"
  | "lessEqual"
  | "equal"
  | "notEqual"
  | "and"
  | "or"
  | "not"
  | "select";

export interface ProgramResult {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly slice: Slice;
}

export interface Dispatch {
  readonly kernel: string;
  /** In the order of the kernel's bindings, group 0. */
  readonly bindings: readonly Slice[];
  readonly grid: readonly [number, number, number];
  /** The tensors that it leaves; what the dispatches of one operation keep between them is none. */
  readonly writes: readonly DispatchWrite[];
  /** What it computes, for messages and profiles: `layers.0.self_attn.q_proj`. */
  readonly label: string;
}

export interface DispatchWrite {
  /** Its place among the bindings. */
  readonly binding: number;
  readonly dtype: Dtype;
  readonly elements: number;
}

// Models ----------------------------------------------------------------------------------------

export interface ModelPlan {
  /** A folder or an `hf:` address, which the lock resolves; undefined for a model that starts fresh. */
  readonly checkpoint: string | undefined;
  /** Undefined for a model that reads no text. */
  readonly tokenizer: TokenizerReference | undefined;
  /** Written beside exported weights; the checkpoint's own config.json with what changed. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Parameters by the checkpoint's own names. */
  readonly parameters: readonly ParameterPlan[];
  /** How the model generates; absent if its forward has no incremental form. */
  readonly generate: GeneratePlan | undefined;
  /** LoRA-like adapters to export, in the PEFT layout. */
  readonly adapters: readonly AdapterPlan[];
  /** PEFT's word for what the model does: `CAUSAL_LM`, `SEQ_CLS`, `TOKEN_CLS`, … */
  readonly task?: string;
}

export interface ParameterPlan {
  /** `model.layers.0.self_attn.q_proj.weight` */
  readonly name: string;
  /** Key of `Plan.tensors`. */
  readonly tensor: string;
  readonly trained: boolean;
  /** For a parameter that an adapter brings: the module it is on, by its path, and its name there (`lora_A`). */
  readonly adapter?: { readonly module: string; readonly parameter: string };
}

/** One application of an adapter, as PEFT wants to hear of it. */
export interface AdapterPlan {
  /** The adapter item's name, e.g. `Lora`. */
  readonly name: string;
  /** Its parameters' values: rank, alpha, … */
  readonly arguments: Readonly<Record<string, number | string | boolean>>;
  /** Module paths it was put on. */
  readonly modules: readonly string[];
  /** What its `checkpoint "peft"` clause says; without one it cannot be written in that layout. */
  readonly peft?: PeftLayout;
}

export interface PeftLayout {
  /** Fields of adapter_config.json: `peft_type`, `r`, `lora_alpha`, … */
  readonly config: Readonly<Record<string, number | string | boolean>>;
  /** From a parameter to the end of its key: `lora_A` to `lora_A.weight`. */
  readonly weights: Readonly<Record<string, string>>;
}

/**
 * How a model writes on, `rows` texts at once. Each program reads the next `chunk` tokens of every row,
 * writes their keys, values and segments into the caches at slots `offset` … `offset + chunk - 1`, and
 * leaves the logits of each row's last token.
 *
 * A program's batch is any of these columns, i32[rows, chunk]:
 * - `tokens`
 * - `position`: the token's place in its own row's text, from 0
 * - `segment`: 0, or −1 for padding
 *
 * and its scalars may use the variable `offset`. Its results hold `logits`: f32[rows, vocabulary], those of
 * the chunk's last column.
 *
 * Texts shorter than the longest one are padded **on the left**, so the last column is a token of every
 * row that still writes, and one `offset` serves all rows. A query sees a slot if the slot is not after its
 * own (in cache order, not by `position`), and both have segment 0; a sliding window measures by
 * `position`. So the caches hold the segments too: i32[rows, context], filled with −1 at first. What a
 * query of segment −1 computes is never read, but must be finite.
 */
export interface GeneratePlan {
  readonly rows: number;
  /** The widest chunk first; the last is 1. */
  readonly programs: readonly { readonly chunk: number; readonly program: string }[];
  /** Slots of the caches: a row's text, its padding and what it writes must fit. */
  readonly context: number;
  readonly vocabulary: number;
  /** Persistent tensors to set to their sources' values before new texts. */
  readonly caches: readonly string[];
}

// Jobs ------------------------------------------------------------------------------------------

export type Job = TrainJob | EvaluateJob | ExportJob;

/**
 * Each step runs `accumulate` sequences / atOnce times and then `update` once. Losses are sums and counts,
 * on the device too, so a step's answer does not depend on how it is cut into executions.
 */
export interface TrainJob {
  readonly kind: "train";
  readonly name: string;
  readonly model: string;
  readonly dataset: string;
  /**
   * A hash of everything that decides what the run computes, and of nothing that only decides how: the
   * graph with its constants, the data, the schedule, the seed; not kernels, slices or micro-batches. A run
   * goes on from a checkpoint of the same identity, and a finished one is not run again.
   */
  readonly identity: string;
  /** Adds the gradients, the sum of losses and their count of `atOnce` sequences to persistent tensors. */
  readonly accumulate: string;
  /**
   * Divides by the count, clips, updates the parameters, and clears the sums. Its results, each f32[] of
   * the whole step: `loss.sum`, `loss.count`, and `norm`, the gradient's length before clipping. Where
   * `loss.sum` or `norm` is not finite it changes nothing, so that neither do the steps queued after it.
   */
  readonly update: string;
  /**
   * Every persistent tensor that the two programs change, as keys of `Plan.tensors`: the trained
   * parameters with any copies in other dtypes, optimizer state, and the sums. Between steps they are all
   * there is to a run, so a checkpoint holds them and resuming restores them bit for bit.
   */
  readonly state: readonly string[];
  /** Absent where no training of the plan comes before that changes what this one begins with. */
  readonly start?: StartPlan;
  readonly steps: number;
  readonly sequences: number;
  /** Sequences of one execution of `accumulate`; divides `sequences`. */
  readonly atOnce: number;
  readonly seed: number;
  /** For display and metrics; the update program has its own scalar. */
  readonly learningRate: Scalar;
  readonly evaluate: PeriodicEvaluation | undefined;
  readonly save: SavePlan | undefined;
}

/** What is done before the first step of a training that goes on from another's result. */
export interface StartPlan {
  /** Persistent tensors of one dtype and shape: `to` takes what `from` holds. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  /** Tensors that are set to what their sources say: the other's optimizer state. */
  readonly fresh: readonly string[];
}

/**
 * Programs that read windows of a dataset and change nothing that lives. For each mean M that they measure, the
 * step's `loss` among them, the results `M.sum` and `M.count`, each f32[].
 */
export interface Measurement {
  readonly program: string;
  /** Reads the windows that are left over, fewer than `program` reads at once; absent where none are. */
  readonly rest?: string | undefined;
}

export interface PeriodicEvaluation extends Measurement {
  /** Steps; the last step is evaluated as well. */
  readonly every: number;
  readonly dataset: string;
}

/**
 * Where a trained model goes: its adapters in PEFT's layout, or all of a model without adapters in the
 * layout of its checkpoint. Checkpoints and metrics.jsonl lie there as well.
 */
export interface SavePlan {
  readonly to: string;
  readonly dtype: FileDtype;
  /** `best` keeps the state with the lowest evaluation loss; `last` the final one. */
  readonly keep: "best" | "last";
  /** A checkpoint to resume from, every so many steps; undefined for only at the end. */
  readonly every: number | undefined;
}

/** How a metric's number is found. */
export type MetricPlan =
  /** The mean `of` that programs measure, or e to its power. */
  | { readonly name: string; readonly kind: "mean" | "exponential"; readonly of: string }
  /** The share of rows whose generated answer is the expected one. */
  | { readonly name: string; readonly kind: "answers" };

export interface EvaluateJob {
  readonly kind: "evaluate";
  readonly name: string;
  readonly models: readonly (Measurement & { readonly name: string; readonly model: string })[];
  readonly dataset: string;
  readonly metrics: readonly MetricPlan[];
  /** For metrics that need generated text: at most `limit` new tokens a row. */
  readonly generate: { readonly limit: number } | undefined;
}

export interface ExportJob {
  readonly kind: "export";
  readonly name: string;
  readonly model: string;
  /** `peft` writes the adapters alone, `safetensors` the whole model in the layout of its checkpoint. */
  readonly format: "peft" | "safetensors";
  readonly to: string;
  readonly dtype: FileDtype;
  /** Parameters that adapters change, in the whole model. */
  readonly merges: readonly MergePlan[];
}

/** How the floats of a whole model are stored in files. Adapters are always f32. */
export type FileDtype = "f32" | "f16" | "bf16";

/** Running `program` leaves `parameter` with its adapters merged in as the f32 result `weight`. */
export interface MergePlan {
  readonly parameter: string;
  readonly program: string;
}
