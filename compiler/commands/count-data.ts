/** The rows of a pipeline: what they decide, found by reading every dataset of its steps, before a GPU is touched. */

import type { Dataset } from "../../runtime/data/dataset.ts";
import type { DataFault } from "../../runtime/data/fault.ts";
import { type DataSession, dataSession } from "../../runtime/data/run.ts";
import { bug } from "../bug.ts";
import { covers, withAllows } from "../diagnostics/allow.ts";
import { allowable, isAllowable } from "../diagnostics/codes.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { type DataFacts, dataPlanOf, datasetsOf } from "../plan/assemble.ts";
import type { Span } from "../source/file.ts";
import { useFaults } from "./data-checks.ts";
import type { Loaded } from "./load.ts";

export interface CountedData {
  readonly session: DataSession;
  readonly facts: ReadonlyMap<string, DataFacts>;
  /** Of the datasets without errors. */
  readonly datasets: ReadonlyMap<string, Dataset>;
  readonly tokens: ReadonlyMap<
    string,
    { windows: number; rows: number; tokens: number; learned: number }
  >;
  readonly diagnostics: readonly Diagnostic[];
}

export async function countData(loaded: Loaded): Promise<CountedData> {
  const session = dataSession(loaded.directory, loaded.folderOf);
  const facts = new Map<string, DataFacts>();
  const datasets = new Map<string, Dataset>();
  const tokens = new Map<
    string,
    { windows: number; rows: number; tokens: number; learned: number }
  >();
  const found: Diagnostic[] = [];
  const counted = datasetsOf(loaded.pipeline);
  for (const [name, dataset] of counted) {
    const { at } = dataset;
    const { dataset: made, faults } = await session.run(dataPlanOf(dataset));
    found.push(...faults.map((fault) => dataDiagnostic(fault, at)));
    if (made === undefined) continue;
    facts.set(name, { windows: made.count, hash: made.hash });
    datasets.set(name, made);
    const { windows, rows, tokens: count, learned } = made.statistics;
    tokens.set(name, { windows, rows, tokens: count, learned });
  }
  for (const { name, fault } of useFaults(loaded.pipeline, datasets)) {
    const { at } = counted.get(name) ?? bug(`${name} was counted and is read by no step`);
    found.push(dataDiagnostic(fault, at));
  }
  const places = [...counted.values()].map(({ at }) => at);
  const diagnostics = withAllows(
    found,
    loaded.allows,
    (allow) => allowable[allow.slug] === "rows" && places.some((at) => covers(allow, at)),
  );
  return { session, facts, datasets, tokens, diagnostics };
}

/** A fault of rows as a diagnostic of the dataset, with the places in its file. */
export function dataDiagnostic(fault: DataFault, at: Span): Diagnostic {
  const more = fault.examples.slice(1).map((one) => one.line);
  const rest = fault.count - fault.examples.length;
  const notes =
    more.length > 0
      ? [`The same in lines ${more.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`]
      : [];
  const others = fault.count > 1 ? ` and ${(fault.count - 1).toLocaleString("en-US")} more` : "";
  const place = fault.line > 0 ? ` (${fault.file}:${fault.line}${others})` : "";
  const { slug, severity, message } = fault;
  const parts = { at, title: `${message.replace(/\.$/, "")}${place}`, notes };
  if (severity === "error") return error(slug, parts);
  return warning(isAllowable(slug) ? slug : bug(`${slug} is no warning`), parts);
}
