/** `model` items: a block with sizes, where its weights come from, and how it reads text. */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { lookup } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type { BlockItem, CallExpr, Checkpoint, Expr, ModelItem } from "../syntax/ast.ts";
import { typeItem } from "../types/annotation.ts";
import type { Context } from "../types/context.ts";
import { modelReference } from "../types/data.ts";
import { build } from "../types/instance.ts";
import { amountOf } from "../types/number.ts";
import { type Blame, requirement } from "../types/require.ts";
import { inner, moduleScope } from "../types/scope.ts";
import { showType } from "../types/show.ts";
import type { Definition, Instance, Lack, OpaqueValue, Scope, Value } from "../types/value.ts";
import {
  checkpointOf,
  type FileTensor,
  headerFaults,
  plainString,
  plainValue,
  readConfig,
} from "./checkpoint.ts";
import { fieldValues, jsonOf } from "./config-values.ts";
import type { Json, JsonObject } from "./json.ts";
import { type Storage, storageFault, storageOf } from "./storage.ts";

export interface Model {
  /** The name of the item that has its weights: an adapted model keeps its base's. */
  readonly base: string;
  readonly root: Instance;
  /** A folder or `hf:` address; undefined for a model that starts fresh. */
  readonly checkpoint: string | undefined;
  readonly config: JsonObject;
  /** How its weights are kept, where it says so. */
  readonly storage: Storage | undefined;
  readonly tokenizer: OpaqueValue | undefined;
  /** Parameters that a training changes; all of them for a model that is not adapted. */
  readonly trained: ReadonlySet<string> | "all";
}

/** What the machine knows of checkpoints, read before checking. */
export interface CheckpointFacts {
  readonly config: JsonObject;
  readonly header: ReadonlyMap<string, FileTensor>;
  readonly hasTokenizer: boolean;
  readonly hasTemplate: boolean;
}

export type Checkpoints = ReadonlyMap<string, CheckpointFacts | { readonly fault: string }>;

export function addressOf(item: ModelItem): string | undefined {
  return item.from === undefined ? undefined : plainString(item.from);
}

export function modelOf(
  context: Context,
  scope: Scope,
  item: ModelItem,
  checkpoints: Checkpoints,
): Model | undefined {
  const address = addressOf(item);
  const storage = storageOf(item);
  const fault = storage && storageFault(storage);
  if (fault !== undefined) context.report(fault);
  return address === undefined
    ? fresh(context, scope, item)
    : loaded(context, scope, item, address, checkpoints);
}

/** The value of a model's name: what pipelines may ask of it. */
export function modelValue(model: Model, facts: CheckpointFacts | undefined): OpaqueValue {
  const members = new Map<string, Value>();
  if (model.tokenizer !== undefined) members.set("tokenizer", model.tokenizer);
  if (facts?.hasTemplate === true && model.checkpoint !== undefined)
    members.set("chat_template", modelReference("template", model.checkpoint));
  const lacks =
    facts?.hasTemplate === false ? new Map([["chat_template", noChatTemplate]]) : noLacks;
  return { kind: "opaque", type: "model", members, lacks, data: undefined, columns: undefined };
}

const noLacks: ReadonlyMap<string, Lack> = new Map();

const noChatTemplate: Lack = {
  slug: "template-does-not-fit",
  title: "this model comes without a chat template: it is a base model",
  notes: ["Nobody has shown it conversations, so how they are written is for you to choose."],
  fixes: [{ text: "render(chatml), with import std/chat.{chatml}, or a template of your own" }],
};

/** `Llama(config, tokenizer = t)`: the tokenizer is the model's, not the block's. */
function fresh(context: Context, scope: Scope, item: ModelItem): Model | undefined {
  const call = item.value;
  if (call.kind !== "call") {
    const value = context.evaluate(context, scope, call);
    if (value.kind !== "error")
      context.report(
        error("type-mismatch", {
          at: call.span,
          title: `a model is a block with its config, or one \`from\` a checkpoint, and this is ${showType(value)}`,
        }),
      );
    return undefined;
  }
  const given = call.arguments.find((argument) => argument.name?.text === "tokenizer");
  const rest: CallExpr = {
    ...call,
    arguments: call.arguments.filter((argument) => argument !== given),
  };
  const root = context.evaluate(context, scope, rest);
  if (root.kind !== "instance") return undefined;
  const tokenizer = given === undefined ? undefined : context.evaluate(context, scope, given.value);
  if (tokenizer?.kind === "error") return undefined;
  if (tokenizer !== undefined && (tokenizer.kind !== "opaque" || tokenizer.type !== "tokenizer")) {
    context.report(
      error("type-mismatch", {
        at: given?.span ?? call.span,
        title: `\`tokenizer\` is a tokenizer, and this is ${showType(tokenizer)}`,
      }),
    );
    return undefined;
  }
  return {
    base: item.name.text,
    root,
    checkpoint: undefined,
    config: configOf(root),
    storage: storageOf(item),
    tokenizer,
    trained: "all",
  };
}

function loaded(
  context: Context,
  scope: Scope,
  item: ModelItem,
  address: string,
  checkpoints: Checkpoints,
): Model | undefined {
  const at = item.from?.span ?? item.span;
  const block = context.evaluate(context, scope, item.value);
  const definition = blockOf(context, block, item.value);
  const facts = checkpoints.get(address);
  if (definition === undefined || facts === undefined) return undefined;
  if ("fault" in facts) {
    context.report(error("no-such-file", { at, title: facts.fault }));
    return undefined;
  }
  const root = fromConfig(context, definition, facts, address, at);
  if (root === undefined) return undefined;
  const clause = checkpointOf(definition.item, "hf");
  const faults = headerFaults(root, clause, facts, address, at);
  for (const fault of faults) context.report(fault);
  if (faults.length > 0) return undefined;
  const tokenizer = facts.hasTokenizer ? modelReference("tokenizer", address) : undefined;
  return {
    base: item.name.text,
    root,
    checkpoint: address,
    config: facts.config,
    storage: storageOf(item),
    tokenizer,
    trained: "all",
  };
}

function blockOf(
  context: Context,
  value: Value,
  at: Expr,
): { item: BlockItem; module: Definition["module"] } | undefined {
  if (value.kind === "definition" && value.item.kind === "block")
    return { item: value.item, module: value.module };
  if (value.kind !== "error")
    context.report(
      error("type-mismatch", {
        at: at.span,
        title: `a checkpoint is read into a block, and this is ${showType(value)}`,
      }),
    );
  return undefined;
}

/** The block over the record that its one parameter asks, read from config.json. */
function fromConfig(
  context: Context,
  { item, module }: { item: BlockItem; module: Definition["module"] },
  facts: CheckpointFacts,
  address: string,
  at: Span,
): Instance | undefined {
  const [param] = item.params;
  const record =
    param?.type.kind === "named-type" ? typeItem(context, module, param.type) : undefined;
  if (param === undefined || item.params.length !== 1 || record?.kind !== "record") {
    context.report(
      error("config-does-not-fit", {
        at,
        title: `${item.name.text} takes no config record, so it cannot be read from a checkpoint`,
      }),
    );
    return undefined;
  }
  // The record may be another module's, whose names its fields and defaults have.
  const named = lookup(module, record.name.text);
  const home = named?.kind === "item" && named.item === record ? named.module : module;
  const { fields, faults } = readConfig(
    home,
    record,
    checkpointOf(item, "hf"),
    facts.config,
    `${address}/config.json`,
    at,
  );
  for (const fault of faults) context.report(fault);
  if (faults.length > 0) return undefined;
  const values = fieldValues(context, home, record, fields);
  const config: Value = { kind: "record", item: record, fields: values };
  const scope = inner(moduleScope(module), new Map([[param.name.text, config]]));
  const found: Diagnostic[] = [];
  const asking: Context = { ...context, report: (fault) => void found.push(fault) };
  const blame: Blame = { at, slug: "requirement-broken", labels: [] };
  const fieldScope = inner(moduleScope(home), values);
  for (const require of record.requires) requirement(asking, fieldScope, require, blame);
  // What a block asks of the same numbers would be said a second time.
  const root = found.length > 0 ? undefined : build(asking, item, module, [], scope, blame);
  for (const fault of found) context.report(saidBy(fault, fields, address));
  return found.length > 0 ? undefined : root;
}

/** With what the config says of the names that a requirement mentions. */
function saidBy(fault: Diagnostic, fields: ReadonlyMap<string, Json>, address: string): Diagnostic {
  const asked = fault.secondary.map(({ span }) => textOf(span)).join("\n");
  const said = [...fields].flatMap(([name, json]) =>
    new RegExp(`\\b${name}\\b`).test(asked) ? [`${name} = ${JSON.stringify(json)}`] : [],
  );
  const note = `${address}/config.json says ${said.join(" and ")}.`;
  return said.length === 0 ? fault : { ...fault, notes: [note, ...fault.notes] };
}

/** What a fresh model writes as its config.json: the constants of its clause and the fields of its record. */
function configOf(root: Instance): JsonObject {
  const config: Record<string, Json> = {};
  const clause = checkpointOf(root.item, "hf");
  const fields = new Map(configFields(root));
  for (const [name, field] of fields) {
    const json = jsonOf(field);
    if (json !== undefined && json !== null) config[keyOf(clause, name)] = json;
  }
  for (const binding of clause?.config ?? []) {
    if (fields.has(binding.name.text)) continue;
    const value = plainValue(binding.value);
    // `none` says that the key is absent.
    if (value !== undefined && value !== null) config[binding.name.text] = value;
  }
  return config;
}

/** What config.json calls a field. A path is where newer files nest it, and all of them read it flat. */
function keyOf(clause: Checkpoint | undefined, name: string): string {
  const value = clause?.config.find((binding) => binding.name.text === name)?.value;
  const key = value?.kind === "string" ? plainString(value) : name;
  return key.includes(".") ? name : key;
}

/** Fields of the records that the block was made from. */
function configFields(root: Instance): readonly (readonly [string, Value])[] {
  return [...(root.scope.outer?.names ?? root.scope.names).values()].flatMap((value) =>
    value.kind === "record" ? [...value.fields] : [],
  );
}

/** The longest text that the model reads: what its config counts in tokens. Undefined where it counts nothing so. */
export function contextOf(root: Instance): number | undefined {
  const lengths = configFields(root).flatMap(([, value]) =>
    value.kind === "number" && value.unit === "tokens" ? [amountOf(value)] : [],
  );
  const known = lengths.filter((length) => length !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
