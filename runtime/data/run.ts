/**
 * Runs data plans. A session remembers what a list of stages gave, so that two datasets that begin alike
 * (the two parts of a split) read their file once, and a tokenizer is loaded or trained once.
 */

import { resolve } from "node:path";
import { planFault } from "../errors.ts";
import { loadTokenizer, type Tokenizer, tokenizerFrom } from "../tokenizer/tokenizer.ts";
import { trainBpe } from "../tokenizer/train.ts";
import { windowFaults } from "./checks.ts";
import { type Dataset, datasetOf } from "./dataset.ts";
import { type DataFault, FaultLog } from "./fault.ts";
import type { FilePlace, FileRecord } from "./lines.ts";
import type { DataPlan, DataStage, TokenizerReference } from "./plan.ts";
import type { Flow } from "./row.ts";
import type { NamedFlows, StageContext } from "./stage.ts";
import { stages as table } from "./stages/table.ts";

export interface DataResult {
  /** Undefined after an error among the faults. */
  readonly dataset: Dataset | undefined;
  readonly faults: readonly DataFault[];
}

export interface DataSession {
  /** The windows of a dataset. Throws a MachineError for a tokenizer or a disk that fails. */
  run(plan: DataPlan): Promise<DataResult>;
  /** The rows before they are windows, for previews and row checks; undefined after an error. */
  flow(stages: readonly DataStage[]): Promise<FlowResult>;
  tokenizer(reference: TokenizerReference): Promise<Tokenizer>;
  /** Every file that was read so far, for whichever dataset or tokenizer; for the lock. */
  readonly files: ReadonlyMap<string, FileRecord>;
  /** The dataset when it is first asked for, and the same one after that. */
  lazily(plan: DataPlan): () => Promise<DataResult>;
}

export interface FlowResult {
  readonly flow: Flow | undefined;
  readonly faults: readonly DataFault[];
  readonly files: readonly FileRecord[];
}

/**
 * `directory` is the folder of the pipeline, from which its relative paths start. `folderOf` finds a model's
 * folder by its address: pass hub.ts's `modelFolders` where `hf:` addresses may stand.
 */
export function dataSession(
  directory: string,
  folderOf: (address: string) => Promise<string> = async (path) => resolve(directory, path),
): DataSession {
  const flows = new Map<string, Promise<StageResult>>();
  const tokenizers = new Map<string, Promise<Tokenizer>>();
  const read = new Map<string, FileRecord>();
  const place = (path: string): FilePlace => ({ name: path, path: resolve(directory, path) });

  const tokenizer = (reference: TokenizerReference): Promise<Tokenizer> =>
    remembered(tokenizers, JSON.stringify(reference), async () =>
      reference.kind === "tokenizer"
        ? loadTokenizer(await folderOf(reference.folder))
        : trained(reference, await flow(reference.data)),
    );

  const results = (stages: readonly DataStage[]): Promise<StageResult> =>
    remembered(flows, JSON.stringify(stages), async () => {
      const last = stages.at(-1);
      if (last === undefined) return { flow: undefined, faults: [], files: [] };
      const before = await flow(stages.slice(0, -1));
      const log = new FaultLog();
      for (const fault of before.faults) log.put(fault);
      const files = [...before.files];
      if (log.hasErrors) return { flow: undefined, faults: log.faults, files };
      const context: StageContext = {
        log,
        resolve: place,
        folderOf,
        fileWasRead: (file) => {
          files.push(file);
          read.set(file.path, file);
        },
        tokenizer,
        flow: async (other) => {
          const result = await flow(other);
          for (const fault of result.faults) log.put(fault);
          files.push(...result.files);
          return result.flow;
        },
      };
      if (!Object.hasOwn(table, last.stage)) planFault(`there is no stage ${last.stage}`);
      const after = await table[last.stage](before.flow, last.args, context);
      const faults = log.faults.map((fault) => ({ stage: last.stage, ...fault }));
      return { flow: log.hasErrors ? undefined : after, faults, files };
    });

  const flow = async (stages: readonly DataStage[]): Promise<FlowResult> => {
    const last = stages.at(-1);
    // The parts of a split are one result, whichever of them goes on.
    const result = await results(
      stages.map((stage) => (stage === last ? withoutOutput(stage) : stage)),
    );
    return { ...result, flow: result.flow && chosen(result.flow, last) };
  };

  const run = async (plan: DataPlan): Promise<DataResult> => {
    const result = await flow(plan.stages);
    if (result.flow === undefined) return { dataset: undefined, faults: result.faults };
    if (result.flow.kind !== "windows") planFault("a dataset must end in windows");
    const own = windowFaults(result.flow).map((fault) => ({
      stage: plan.stages.at(-1)?.stage,
      ...fault,
    }));
    const faults = [...result.faults, ...own];
    const isBroken = faults.some((fault) => fault.severity === "error");
    return {
      dataset: isBroken ? undefined : datasetOf(result.flow, faults, result.files),
      faults,
    };
  };

  return {
    run,
    flow,
    tokenizer,
    files: read,
    lazily: (plan) => {
      let result: Promise<DataResult> | undefined;
      return () => {
        result ??= run(plan);
        return result;
      };
    },
  };
}

interface StageResult {
  readonly flow: Flow | NamedFlows | undefined;
  readonly faults: readonly DataFault[];
  readonly files: readonly FileRecord[];
}

function remembered<T>(
  known: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const held = known.get(key);
  if (held !== undefined) return held;
  const made = make();
  known.set(key, made);
  return made;
}

function withoutOutput(stage: DataStage): DataStage {
  return { stage: stage.stage, args: stage.args };
}

function chosen(flow: Flow | NamedFlows, stage: DataStage | undefined): Flow {
  if (flow.kind !== "outputs") return flow;
  const name = stage?.output ?? "";
  return Object.hasOwn(flow.flows, name)
    ? flow.flows[name]
    : planFault(`${stage?.stage} has no output ${name}`);
}

async function trained(
  reference: Extract<TokenizerReference, { kind: "trained-tokenizer" }>,
  { flow, faults }: FlowResult,
): Promise<Tokenizer> {
  if (flow?.kind !== "rows") {
    return planFault(
      `the data of a tokenizer are not rows: ${faults[0]?.message ?? "they are tokens"}`,
    );
  }
  const texts = flow.rows.map((row) => {
    const text = row.marked?.text ?? row.values[reference.column];
    return typeof text === "string"
      ? text
      : planFault(`the column ${reference.column} is not text`);
  });
  const { begin, end, padding } = reference;
  return tokenizerFrom(trainBpe(texts, reference.vocabulary, reference.special), {
    begin,
    end,
    padding,
  });
}
