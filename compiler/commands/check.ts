/** `ftc check FILE…`: what sources and headers decide; no GPU, no data. */

import { toJson } from "../diagnostics/json.ts";
import { hasErrors } from "../driver.ts";
import { command, exit, many, outputOptions, UsageError, writeJson } from "./command.ts";
import { loadPipeline } from "./load.ts";
import { showDiagnostics } from "./show.ts";

export const check = command({
  name: "check",
  summary: "find mistakes in pipelines and libraries, without a GPU",
  parameters: {
    files: many("FILE", "pipelines and modules to check"),
    ...outputOptions("print diagnostics as JSON"),
  },
  async run(io, { files, json }) {
    if (files.length === 0) throw new UsageError("ftc check needs a file");
    const found = [];
    for (const file of files) found.push(...(await loadPipeline(io, file)).diagnostics);
    if (json) writeJson(io.stdout, found.map(toJson));
    else showDiagnostics(io, found);
    return hasErrors(found) ? exit.program : exit.done;
  },
});
