/** `ftc merge MODEL -o DIR`: an adapted model that was saved, as a whole one in the layout of its base. */

import { resolve } from "node:path";
import { Device } from "../../runtime/device.ts";
import { exportModel } from "../../runtime/export.ts";
import { loadTokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import { adaptedBlocks } from "../core/adapt.ts";
import { unmergeable } from "../core/exports.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { hasErrors } from "../driver.ts";
import { mergingPlan } from "../plan/merging.ts";
import { savedModelKey } from "../plan/saved.ts";
import {
  choice,
  command,
  exit,
  type Io,
  outputOptions,
  UsageError,
  value,
  writeJson,
} from "./command.ts";
import type { WritableModel } from "./saved-model.ts";
import { showDiagnostics } from "./show.ts";
import { modelParameters, openSaved, savedOptions, writableModel } from "./writer.ts";

export const merge = command({
  name: "merge",
  summary: "write an adapted model as a whole one",
  parameters: {
    ...modelParameters,
    out: value("-o, --out <DIR>", "where the model goes"),
    dtype: choice("--dtype <DTYPE>", ["f32", "f16", "bf16"], "how weights are stored"),
    device: value("--device <NAME>", "part of the name of the GPU to use"),
    ...outputOptions("print where the model is as JSON"),
  },
  async run(io, { out, dtype = "f32", device: name, json, ...options }) {
    if (out === undefined) throw new UsageError("where does the merged model go? -o DIR");
    const model = await writableModel(io, options);
    if (model === undefined) return exit.program;
    await demandMerge(io, model, options.of, out);
    const found: Diagnostic[] = unmergeable(model.named.model.root, undefined);
    const device = hasErrors(found) ? undefined : await Device.open({ name });
    try {
      const made = device && mergingPlan(model.named, savedOptions(model, device, found));
      showDiagnostics(io, found);
      if (device === undefined || made === undefined || hasErrors(found)) return exit.program;
      const executor = await openSaved(io, model, device, made.plan);
      const readsText = model.named.model.tokenizer !== undefined;
      const tokenizer = readsText ? await loadTokenizer(model.tokenizer) : undefined;
      const files = {
        executor,
        model: made.plan.models[savedModelKey],
        tokenizer,
        resolve: model.folderOf,
      };
      await exportModel(files, resolve(io.cwd, out), dtype, made.merges);
      executor.close();
      if (json) writeJson(io.stdout, { folder: out });
      else io.stdout.write(`${out}\n`);
      return exit.done;
    } finally {
      device?.close();
    }
  },
});

/** @throws UsageError where there is nothing to merge, or where the result would take the place of its base */
async function demandMerge(
  io: Io,
  { named, placeOf, folderOf }: WritableModel,
  of: string,
  out: string,
): Promise<void> {
  if (adaptedBlocks(named.model.root).length === 0)
    throw new UsageError(`${of} has no adapter to merge; --adapter DIR names one of PEFT's`);
  const place = resolve(io.cwd, out);
  for (let at: typeof named | undefined = named; at !== undefined; at = at.from) {
    if ((await folderOf(placeOf(at))) === place)
      throw new UsageError(`${out} holds what is merged, and would be written over`);
  }
}
