/** What a stage is: it takes the flow before it and its arguments, and gives the flow after it. */

import { planFault } from "../errors.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { FaultLog } from "./fault.ts";
import type { FilePlace, FileRecord } from "./lines.ts";
import type { DataArg, DataStage, RowSchema, TokenizerReference } from "./plan.ts";
import type { Flow, RowFlow, TokenFlow } from "./row.ts";

export interface StageContext {
  readonly log: FaultLog;
  /** Where a path of the program is. */
  resolve(path: string): FilePlace;
  /** Where the files of a model are. */
  folderOf(address: string): Promise<string>;
  /** For the lock. */
  fileWasRead(file: FileRecord): void;
  tokenizer(reference: TokenizerReference): Promise<Tokenizer>;
  /** The flow of another dataset, its faults among ours; undefined after an error in it. */
  flow(stages: readonly DataStage[]): Promise<Flow | undefined>;
}

/** Several flows by name, of which the plan's `output` chooses one. */
export interface NamedFlows {
  readonly kind: "outputs";
  readonly flows: Readonly<Record<string, Flow>>;
}

export type Arguments = Readonly<Record<string, DataArg>>;

/**
 * `input` is undefined for a reader. A fault of the program or its data goes into the context's log, and the
 * result is then what is left, or undefined where nothing is.
 */
export type Stage = (
  input: Flow | undefined,
  args: Arguments,
  context: StageContext,
) => Promise<Flow | NamedFlows | undefined>;

// What arrives has been checked by the compiler, so a wrong kind is a fault of the plan.

export function rowsOf(input: Flow | undefined, stage: string): RowFlow {
  return input?.kind === "rows" ? input : planFault(`${stage} needs rows that are not tokens yet`);
}

export function tokensOf(input: Flow | undefined, stage: string): TokenFlow {
  return input?.kind === "tokens" ? input : planFault(`${stage} needs rows of tokens`);
}

export function rowsOrTokens(input: Flow | undefined, stage: string): RowFlow | TokenFlow {
  return input === undefined || input.kind === "windows" ? planFault(`${stage} needs rows`) : input;
}

export function textArgument(args: Arguments, name: string): string {
  const value = args[name];
  return typeof value === "string" ? value : planFault(`the argument ${name} is not a string`);
}

export function numberArgument(args: Arguments, name: string, whenAbsent?: number): number {
  const value = args[name] ?? whenAbsent;
  return typeof value === "number" ? value : planFault(`the argument ${name} is not a number`);
}

export function boolArgument(args: Arguments, name: string, whenAbsent?: boolean): boolean {
  const value = args[name] ?? whenAbsent;
  return typeof value === "boolean" ? value : planFault(`the argument ${name} is not a bool`);
}

/** The argument as one of the kinds of `DataArg` that have a `kind`. */
export function taggedArgument<Kind extends Tagged["kind"]>(
  args: Arguments,
  name: string,
  ...kinds: readonly Kind[]
): Extract<Tagged, { kind: Kind }> {
  const value = args[name];
  if (isTagged(value)) {
    for (const kind of kinds) if (isOfKind(value, kind)) return value;
  }
  return planFault(`the argument ${name} is not a ${kinds.join(" or a ")}`);
}

/** The row type that a reader checks against, if it has one. */
export function schemaArgument(args: Arguments): RowSchema | undefined {
  return args.row === undefined ? undefined : taggedArgument(args, "row", "row");
}

type Tagged = Extract<DataArg, { readonly kind: string }>;

function isTagged(value: DataArg | undefined): value is Tagged {
  return typeof value === "object" && "kind" in value;
}

function isOfKind<Kind extends Tagged["kind"]>(
  value: Tagged,
  kind: Kind,
): value is Extract<Tagged, { kind: Kind }> {
  return value.kind === kind;
}
