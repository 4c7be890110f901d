/**
 * Adapted llamas as ftc writes them: by themselves in PEFT's layout, and merged; and the logits that ftc has for them.
 * Adapters are random rather than trained, so that their files are the same bytes wherever they are written.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "../../compiler/commands/prepare.ts";
import { checkpointOf, fileName } from "../../compiler/core/checkpoint.ts";
import { parametersOf } from "../../compiler/core/tree.ts";
import { interpret } from "../../compiler/graph/interpret.ts";
import { numbersOf } from "../../compiler/graph/lower.ts";
import { targetOf } from "../../compiler/plan/target.ts";
import type { NdArray } from "../../compiler/tensor/ndarray.ts";
import type { Instance } from "../../compiler/types/value.ts";
import type { Device } from "../../runtime/device.ts";
import { Executor } from "../../runtime/execute.ts";
import { exportAdapters, exportModel } from "../../runtime/export.ts";
import { loadTensors } from "../../runtime/load.ts";
import { bytesOf, writeSafetensors } from "../../runtime/weights/write.ts";
import { batchOf, folderOf, logitColumns, tensorsOf } from "../parity/llama.ts";
import { recordingIo } from "../support/io.ts";
import { logitsGraph } from "../support/merged.ts";
import { randomTensors } from "../support/random-tensors.ts";

/** Each is a pipeline `NAME-llama.ftp` of test/extend that exports a model `clerk` twice. */
export const written = ["lora", "ia3"] as const;

const llama = "llama-grouped";
const pipelines = fileURLToPath(new URL("../extend/", import.meta.url));

/** Writes `adapter/`, `merged/`, and `claimed.safetensors`: a packed batch with our logits. */
export async function writeAdapted(
  name: (typeof written)[number],
  device: Device,
  folder: string,
): Promise<void> {
  const io = recordingIo(pipelines);
  const target = targetOf(device.description);
  const prepared = await prepare(io, `${name}-llama.ftp`, { target, verify: true });
  if (prepared === undefined) throw new Error(io.written.stderr);
  const { loaded, assembled } = prepared;
  const { plan } = assembled;
  if (plan === undefined) throw new Error(io.written.stderr);
  const named = loaded.pipeline.models.find((one) => one.name === "clerk");
  if (named === undefined) throw new Error("the pipeline has changed");
  const adapters = adapterTensors(name, named.model.root);
  const executor = await Executor.open(device, plan);
  await loadTensors(executor, loaded.folderOf);
  for (const [path, { data }] of adapters)
    await executor.write(`clerk.${path}`, Float32Array.from(data));
  mkdirSync(folder, { recursive: true });
  for (const job of plan.jobs) {
    if (job.kind !== "export") throw new Error("the pipeline has changed");
    const model = plan.models[job.model];
    const files = { executor, model, tokenizer: undefined, resolve: loaded.folderOf };
    const to = join(folder, job.to);
    if (job.format === "peft") await exportAdapters(files, to);
    else await exportModel(files, to, job.dtype, job.merges);
  }
  executor.close();
  await writeClaim(named.model.root, adapters, join(folder, "claimed.safetensors"));
}

/** By path; what the rewrites bring is small beside the weights, and never what it is before training. */
function adapterTensors(title: string, root: Instance): ReadonlyMap<string, NdArray> {
  const random = randomTensors(title);
  return new Map(
    parametersOf(root)
      .filter(({ owner }) => owner.adapter !== undefined)
      .map(({ parameter }) => [
        parameter.path,
        random.float(numbersOf(parameter.shape), [-0.5, 0.5]),
      ]),
  );
}

async function writeClaim(
  root: Instance,
  adapters: ReadonlyMap<string, NdArray>,
  file: string,
): Promise<void> {
  const clause = checkpointOf(root.item, "hf");
  const stored = await tensorsOf([`${folderOf(llama)}model/model.safetensors`]);
  const batch = batchOf(await tensorsOf([`${folderOf(llama)}batches.safetensors`]), 1);
  const weights: Record<string, NdArray> = Object.fromEntries(adapters);
  for (const { parameter } of parametersOf(root)) {
    const tensor = stored.get(fileName(clause, parameter.path));
    if (tensor !== undefined) weights[parameter.path] = tensor;
  }
  const model = { root, nameOf: (path: string) => path };
  const graph = logitsGraph(model, { sequences: 2, columns: logitColumns });
  const { logits } = interpret(graph, { ...weights, ...batch });
  const columns = [...logitColumns.keys()].map((name) => ({
    name,
    dtype: "I32" as const,
    shape: batch[name].shape,
    data: () => [new Uint8Array(Int32Array.from(batch[name].data).buffer)],
  }));
  const claim = {
    name: "logits",
    dtype: "F32" as const,
    shape: logits.shape,
    data: () => [bytesOf(Float32Array.from(logits.data))],
  };
  await writeSafetensors(file, [...columns, claim]);
}
