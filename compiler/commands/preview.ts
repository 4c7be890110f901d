/** `ftc preview FILE DATASET`: the first rows of a dataset as the model sees them; no GPU. */

import { windowFaults } from "../../runtime/data/checks.ts";
import { countsOf, previewOf } from "../../runtime/data/preview.ts";
import { dataSession } from "../../runtime/data/run.ts";
import { bug } from "../bug.ts";
import { withAllows } from "../diagnostics/allow.ts";
import { hasErrors } from "../driver.ts";
import type { DatasetValue } from "../types/value.ts";
import {
  command,
  count,
  exit,
  optional,
  outputOptions,
  pageColumns,
  required,
  UsageError,
} from "./command.ts";
import { dataDiagnostic } from "./data-diagnostics.ts";
import { loadPipeline } from "./load.ts";
import { meant } from "./meant.ts";
import { drawCounts, drawPreview } from "./preview-text.ts";
import { showDiagnostics } from "./show.ts";

/** Enough to see a pattern, few enough to read. */
const rowsShown = 3;

export const preview = command({
  name: "preview",
  summary: "show rows of a dataset as the model sees them, what is learned marked",
  parameters: {
    file: required("FILE", "the pipeline"),
    dataset: optional("DATASET", "the dataset's name; of a split, chats.train"),
    rows: count("-n, --rows <N>", `how many rows or windows to show (${rowsShown} if left out)`, 1),
    ...outputOptions("print one JSON object a row or window"),
  },
  async run(io, { file, dataset: name, rows, json }) {
    const loaded = await loadPipeline(io, file);
    const { datasets } = loaded.pipeline;
    const dataset = datasets.get(name ?? "");
    if (dataset === undefined || name === undefined) {
      // A dataset that is there and faulty has no value: its faults say why.
      if (hasErrors(loaded.diagnostics)) {
        showDiagnostics(io, loaded.diagnostics);
        return exit.program;
      }
      throw new UsageError(noSuchDataset(name, file, datasets));
    }
    const session = dataSession(loaded.directory, loaded.folderOf);
    const { flow, faults } = await session.flow(dataset.stages);
    const before = (await session.flow(dataset.stages.slice(0, -1))).flow;
    const all = flow?.kind === "windows" ? [...faults, ...windowFaults(flow)] : faults;
    const item =
      loaded.program.entry.items.get(name.split(".")[0]) ?? bug(`no item defines ${name}`);
    const at = item.name.span;
    const ofRows = all.map((fault) => dataDiagnostic(fault, at));
    // Of the rows' warnings some come of what steps do with them, so this is no place to call a comment unused.
    const found = [...loaded.diagnostics, ...withAllows(ofRows, loaded.allows, () => false)];
    if (flow !== undefined) {
      const shown = await previewOf(flow, {
        count: rows ?? rowsShown,
        columns: new Set(dataset.columns.keys()),
        before: before?.kind === "tokens" ? before : undefined,
      });
      if (json) for (const row of shown) io.stdout.write(`${JSON.stringify(row)}\n`);
      else {
        const page = {
          columns: pageColumns(io.stdout),
          colours: io.stdout.colours,
        };
        shown.forEach((row, index) => {
          io.stdout.write(`${drawPreview(row, index, page)}\n`);
        });
        io.stdout.write(`${drawCounts(countsOf(flow), page)}\n`);
      }
    }
    showDiagnostics(io, found);
    return hasErrors(found) ? exit.program : exit.done;
  },
});

function noSuchDataset(
  name: string | undefined,
  file: string,
  datasets: ReadonlyMap<string, DatasetValue>,
): string {
  const names = [...datasets.keys()];
  const there =
    names.length === 0 ? `${file} has no dataset` : `${file} has the datasets ${names.join(", ")}`;
  if (name === undefined) return `ftc preview needs the name of a dataset; ${there}`;
  return `there is no dataset ${name}; ${meant(name, names) ?? there}`;
}
