/** The rows of a pipeline: what they decide, found by reading every dataset of its steps, before a GPU is touched. */

import type { Dataset } from "../../runtime/data/dataset.ts";
import type { DataFault } from "../../runtime/data/fault.ts";
import { type DataSession, dataSession } from "../../runtime/data/run.ts";
import { bug } from "../bug.ts";
import { contextOf as contextOfModel } from "../core/model.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { covers, withAllows } from "../diagnostics/allow.ts";
import { allowable } from "../diagnostics/codes.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type DataFacts, dataPlanOf, datasetsOf } from "../plan/assemble.ts";
import { readings, useFaults } from "./data-checks.ts";
import { dataDiagnostic } from "./data-diagnostics.ts";
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
  const say = (name: string, fault: DataFault) => {
    const dataset = counted.get(name) ?? bug(`${name} was counted and is read by no step`);
    const { program, pipeline } = loaded;
    const written = { dataset: dataset.value, program, context: contextOf(pipeline, name) };
    found.push(dataDiagnostic(fault, dataset.at, written));
  };
  for (const [name, dataset] of counted) {
    const { dataset: made, faults } = await session.run(dataPlanOf(dataset));
    for (const fault of faults) say(name, fault);
    if (made === undefined) continue;
    facts.set(name, { windows: made.count, hash: made.hash });
    datasets.set(name, made);
    const { windows, rows, tokens: count, learned } = made.statistics;
    tokens.set(name, { windows, rows, tokens: count, learned });
  }
  for (const { name, fault } of useFaults(loaded.pipeline, datasets)) say(name, fault);
  const places = [...counted.values()].map(({ at }) => at);
  const diagnostics = withAllows(
    inOrder(found),
    loaded.allows,
    (allow) => allowable[allow.slug] === "rows" && places.some((at) => covers(allow, at)),
  );
  return { session, facts, datasets, tokens, diagnostics };
}

/** The longest text that every model which reads the dataset is made for. */
function contextOf(pipeline: Pipeline, name: string): number {
  const lengths = readings(pipeline).flatMap(([dataset, { root }]) =>
    dataset === name ? [contextOfModel(root) ?? Number.POSITIVE_INFINITY] : [],
  );
  return Math.min(...lengths);
}

/** As the datasets stand in the source. What is wrong with a stage or a template that several share is said of the first. */
function inOrder(found: readonly Diagnostic[]): Diagnostic[] {
  const said = new Set<string>();
  return [...found]
    .sort((one, other) => one.primary.span.start - other.primary.span.start)
    .filter(({ slug, title, primary, secondary: [place] }) => {
      const { file, start } = place?.span ?? primary.span;
      const key = `${slug} ${title} ${file.path} ${start}`;
      return !said.has(key) && said.add(key) !== undefined;
    });
}
