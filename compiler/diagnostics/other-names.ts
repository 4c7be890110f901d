/**
 * What other programs call the things that have names here: people bring these with them, and no count of slips leads
 * from `lora_alpha` to `alpha`.
 */

/** By our name, those of others. */
const others: Readonly<Record<string, readonly string[]>> = {
  // Items
  adapt: ["lora", "peft"],
  evaluate: ["eval", "test", "benchmark"],
  fn: ["def", "func", "function"],
  let: ["const", "var"],
  record: ["class", "struct", "type"],
  train: ["finetune", "fit", "run"],
  // Steps, their words among the items
  at_once: ["micro_batch_size", "per_device_train_batch_size"],
  batch: ["batch_size", "train_batch_size", "global_batch_size"],
  dataset: ["data", "datasets", "train_dataset", "train_data"],
  eval: ["evaluate", "evaluation", "eval_dataset", "val_dataset", "validation"],
  grad_clip: ["clip", "max_grad_norm", "gradient_clipping", "gradient_clip_val", "clip_grad_norm"],
  learning_rate: ["lr", "rate"],
  length: ["epochs", "num_epochs", "num_train_epochs", "steps", "max_steps", "iters", "duration"],
  limit: ["max_tokens", "max_new_tokens", "max_length"],
  loss: ["criterion", "objective"],
  memory: ["vram", "max_memory"],
  model: ["base_model", "model_name_or_path"],
  optimizer: ["optim", "optimiser"],
  precision: ["dtype", "torch_dtype", "bf16", "fp16", "mixed_precision"],
  save: ["output_dir", "out", "checkpoint"],
  seed: ["random_seed", "random_state"],
  to: ["output_dir", "out", "path"],
  // Adapters
  alpha: ["lora_alpha"],
  drop: ["dropout", "lora_dropout"],
  rank: ["r", "lora_r", "lora_rank"],
  // Optimizers and schedules
  eps: ["epsilon", "adam_eps", "adam_epsilon"],
  beta1: ["adam_beta1"],
  beta2: ["adam_beta2"],
  floor: ["min_lr", "min_lr_ratio", "eta_min", "cosine_min_lr_ratio"],
  peak: ["lr", "max_lr", "learning_rate"],
  warmup: ["warmup_ratio", "warmup_steps", "num_warmup_steps"],
  weight_decay: ["wd", "decay"],
  // Data
  over: ["truncation", "overflow"],
  held_out: ["test_size", "val_size", "val_set_size", "validation_split"],
};

/** By what others call it: what says it here, where that is no field and no argument. */
const sayings: Readonly<Record<string, string>> = {
  bias: "`train PATH` in `adapt`, which trains what a base has",
  chat_template: "`render(…)` where the dataset is made",
  eval_steps: "`eval = every(50steps, on = …)`",
  gradient_accumulation_steps:
    "`batch` for what a step learns from, and `at_once` for how much of it is in memory together",
  layers: "`on` and a path after the adapter, as in Lora() on layers.*.self_attn.{q_proj, v_proj}",
  load_in_4bit: "`as nf4()` after the model's place",
  load_in_8bit: "`as int8` after the model's place",
  max_seq_length: "`pack(length = …)` or `pad(length = …)` where the dataset is made",
  modules_to_save: "`train PATH` in `adapt`",
  packing: "`pack(length = …)` where the dataset is made",
  save_steps: "`save = last(to = …, every = 50steps)`",
  scheduler: "`learning_rate = cosine(…)`",
  target_module:
    "`on` and a path after the adapter, as in Lora() on layers.*.self_attn.{q_proj, v_proj}",
  warmup_ratio: "`warmup` of the schedule, as in learning_rate = cosine(peak = …, warmup = 3%)",
};

/** Other spellings of these. */
const spellings: Readonly<Record<string, string>> = {
  cutoff_len: "max_seq_length",
  evaluation_strategy: "eval_steps",
  evals_per_epoch: "eval_steps",
  gradient_accumulation: "gradient_accumulation_steps",
  lr_scheduler: "scheduler",
  lr_scheduler_type: "scheduler",
  max_len: "max_seq_length",
  sample_packing: "packing",
  sequence_len: "max_seq_length",
  target_modules: "target_module",
  warmup: "warmup_ratio",
  warmup_steps: "warmup_ratio",
};

/** How what others have a name for is said here. */
export function saidElsewhere(name: string): string | undefined {
  const known = Object.hasOwn(spellings, name) ? spellings[name] : name;
  return Object.hasOwn(sayings, known) ? sayings[known] : undefined;
}

/** The candidate that others call by this name. */
export function calledElsewhere(name: string, candidates: ReadonlySet<string>): string | undefined {
  return Object.keys(others).find((own) => candidates.has(own) && others[own].includes(name));
}
