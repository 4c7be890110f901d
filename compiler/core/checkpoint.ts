/**
 * A block and its checkpoint: the config record read from config.json, and the names and shapes that the
 * weights have in files. Both follow the block's `checkpoint` clause where they differ from its own names.
 */

import { Ajv, type ValidateFunction } from "ajv";
import { type Diagnostic, error, type Fix } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { BlockItem, Checkpoint, Expr, PathStep, RecordItem, Rewrite } from "../syntax/ast.ts";
import { knownSize } from "../tensor/size.ts";
import type { Instance } from "../types/value.ts";
import { type Cause, countCause, shapeCause } from "./config-causes.ts";
import { schemaOf } from "./config-values.ts";
import type { Json, JsonObject } from "./json.ts";
import { parametersOf, tiesOf } from "./tree.ts";

export function checkpointOf(item: BlockItem | Rewrite, format: string): Checkpoint | undefined {
  for (const member of item.members) {
    if (member.kind === "checkpoint" && plainString(member.format) === format) return member;
  }
  return undefined;
}

/** The value of an expression of a `config` clause that needs no evaluation; undefined otherwise. */
export function plainValue(expr: Expr): Json | undefined {
  switch (expr.kind) {
    case "number":
    case "bool":
      return expr.value;
    case "none":
      return null;
    case "string":
      return plainString(expr);
    case "list": {
      const items = expr.items.map(plainValue);
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    default:
      return undefined;
  }
}

export function plainString(expr: Extract<Expr, { kind: "string" }>): string {
  return expr.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
}

// Config ----------------------------------------------------------------------------------------

/** A schema takes longer to compile than to apply, and an editor applies it at every edit. */
const validators = new WeakMap<RecordItem, ValidateFunction>();

/** The schemas are made by us, so no start waits for the schema of schemas. */
const quickly = { meta: false, validateSchema: false, code: { optimize: false } } as const;

function validatorOf(module: Module, record: RecordItem): ValidateFunction {
  const known = validators.get(record);
  if (known !== undefined) return known;
  const made = new Ajv({ ...quickly, allErrors: true, strict: true }).compile(
    schemaOf(module, record),
  );
  validators.set(record, made);
  return made;
}

/** What a record's fields are in config.json, or what does not fit. `at` is where the checkpoint is named. */
export function readConfig(
  module: Module,
  record: RecordItem,
  clause: Checkpoint | undefined,
  config: JsonObject,
  file: string,
  at: Span,
): { fields: ReadonlyMap<string, Json>; faults: readonly Diagnostic[] } {
  const faults: Diagnostic[] = [];
  const fields = new Map<string, Json>();
  const own = new Set(record.fields.map((field) => field.name.text));
  for (const binding of clause?.config ?? []) {
    if (own.has(binding.name.text)) continue;
    const wanted = plainValue(binding.value);
    const found = config[binding.name.text];
    if (wanted === undefined || agrees(found, wanted)) continue;
    faults.push(
      error("config-does-not-fit", {
        at,
        title: `${file} says ${binding.name.text} = ${JSON.stringify(found)}, and this block is made for ${JSON.stringify(wanted)}`,
        secondary: [{ span: binding.span, text: "asked here" }],
      }),
    );
  }
  for (const field of record.fields) {
    const alias = clause?.config.find((binding) => binding.name.text === field.name.text)?.value;
    const path = alias?.kind === "string" ? plainString(alias) : undefined;
    const found =
      config[field.name.text] ?? (path === undefined ? undefined : deepIn(config, path.split(".")));
    if (found !== undefined && found !== null) fields.set(field.name.text, found);
  }
  const validate = validatorOf(module, record);
  if (!validate(Object.fromEntries(fields))) {
    for (const fault of validate.errors ?? []) {
      const missing: unknown = fault.params.missingProperty;
      const name = typeof missing === "string" ? missing : fault.instancePath.slice(1);
      const span = record.fields.find((field) => field.name.text === name)?.span ?? record.span;
      faults.push(
        error("config-does-not-fit", {
          at,
          title: `${file}: ${name} ${typeof missing === "string" ? "is missing" : (fault.message ?? "does not fit")}`,
          secondary: [{ span, text: "declared here" }],
        }),
      );
    }
  }
  return { fields, faults };
}

/** A key that is absent or null agrees with none and false; a list is compared item by item. */
function agrees(found: Json | undefined, wanted: Json): boolean {
  if (found === undefined || found === null)
    return (
      wanted === null || wanted === false || typeof wanted === "string" || Array.isArray(wanted)
    );
  return JSON.stringify(found) === JSON.stringify(wanted);
}

function deepIn(config: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = config;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

// Weights ---------------------------------------------------------------------------------------

/**
 * The name of a parameter in files: the longest path of the clause that it begins with is put in place. What a `*` of
 * the path stands for has the place of a `*` in the name.
 */
export function fileName(clause: Checkpoint | undefined, path: string): string {
  const steps = path.split(".");
  let best: { length: number; name: string } = { length: -1, name: path };
  for (const { path: from, name } of clause?.weights ?? []) {
    const stars = starsOf(from.steps, steps);
    if (stars === undefined || from.steps.length <= best.length) continue;
    const [first, ...pieces] = plainString(name).split("*");
    const begin = pieces.reduce((text, piece, at) => `${text}${stars[at]}${piece}`, first);
    best = {
      length: from.steps.length,
      name: [begin, ...steps.slice(from.steps.length)].join("."),
    };
  }
  return best.name;
}

/** What the stars of a path stand for, where the steps begin with it. */
function starsOf(path: readonly PathStep[], steps: readonly string[]): string[] | undefined {
  const stars: string[] = [];
  for (const [at, step] of path.entries()) {
    const found: string | undefined = steps[at];
    if (found === undefined || (step.kind === "name" ? step.text !== found : step.kind !== "any"))
      return undefined;
    if (step.kind === "any") stars.push(found);
  }
  return stars;
}

export interface FileTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** What the runtime reads weights from. */
const weightDtypes: readonly string[] = ["F32", "F16", "BF16"];

/** The checkpoint's header against the block's parameters: missing, unused and misshapen tensors. */
export function headerFaults(
  root: Instance,
  clause: Checkpoint | undefined,
  { config, header }: { config: JsonObject; header: ReadonlyMap<string, FileTensor> },
  file: string,
  at: Span,
): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const ties = tiesOf(root);
  const used = new Set<string>();
  // A config of another model mostly disagrees in many places at once; the first says enough.
  const missing: { readonly name: string; readonly path: string }[] = [];
  const misshapen: Misshapen[] = [];
  for (const { parameter } of parametersOf(root)) {
    const name = fileName(clause, parameter.path);
    used.add(name);
    const tensor = header.get(name);
    if (ties.has(parameter.path)) continue;
    const wanted = parameter.shape.map((axis) =>
      axis.kind === "axis" ? (knownSize(axis.size) ?? 0) : 0,
    );
    if (tensor === undefined) {
      missing.push({ name, path: parameter.path });
    } else if (!weightDtypes.includes(tensor.dtype)) {
      faults.push(
        error("weight-dtype", {
          at,
          title: `\`${name}\` holds ${tensor.dtype} in ${file}, and weights are ${weightDtypes.join(", ")}`,
          notes: [
            "The checkpoint is quantised, or this tensor is no weight: use the one it was made from.",
          ],
        }),
      );
    } else if (tensor.shape.join() !== wanted.join()) {
      misshapen.push({ name, path: parameter.path, found: tensor.shape, wanted });
    }
  }
  const unused = [...header.keys()].filter(
    (name) => !used.has(name) && !name.endsWith("rotary_emb.inv_freq"),
  );
  const countOf = (name: string) => countCause(config, name, used, header.keys());
  if (missing.length > 0) {
    const [{ name, path }] = missing;
    const cause = countOf(name);
    faults.push(
      error("weight-missing", {
        at,
        title: `${file} has no tensor \`${name}\`, which ${cause === undefined ? `${path} needs` : `${cause.said} of its config.json asks for`}`,
        notes: missing.length === 1 ? [] : [`It lacks ${missing.length - 1} more.`],
        fixes: inConfig(cause, file),
      }),
    );
  }
  if (misshapen.length > 0) faults.push(shapeFault(misshapen, config, file, at));
  if (unused.length > 0) {
    const shown = unused
      .slice(0, 3)
      .map((name) => `\`${name}\``)
      .join(", ");
    const more = unused.length > 3 ? ` and ${unused.length - 3} more` : "";
    const cause = countOf(unused[0]);
    const who = cause === undefined ? "this block has" : `${cause.said} of its config.json leaves`;
    faults.push(
      error("weight-unused", {
        at,
        title: `${file} has ${shown}${more}, which ${who} no place for`,
        notes: [
          cause === undefined
            ? "A weight that is left out changes what the model says; the architecture must be another one."
            : "A weight that is left out changes what the model says.",
        ],
        fixes: inConfig(cause, file),
      }),
    );
  }
  return faults;
}

interface Misshapen {
  readonly name: string;
  readonly path: string;
  readonly found: readonly number[];
  readonly wanted: readonly number[];
}

function shapeFault(
  misshapen: readonly Misshapen[],
  config: JsonObject,
  file: string,
  at: Span,
): Diagnostic {
  const [{ name, path, found, wanted }] = misshapen;
  const cause = shapeCause(config, found, wanted);
  const shape = `[${wanted.join(", ")}]`;
  const others = misshapen.length - 1;
  return error("weight-shape", {
    at,
    title: `\`${name}\` is [${found.join(", ")}] in ${file}, and ${cause === undefined ? `${path} is ${shape}` : `${cause.said} of its config.json makes it ${shape}`}`,
    notes: [
      ...(others === 0 ? [] : [`The shapes of ${others} more differ.`]),
      "The config and the weights are of different models, or one of them was edited.",
    ],
    fixes: inConfig(cause, file),
  });
}

/** Files of a checkpoint are not ours to edit. */
function inConfig(cause: Cause | undefined, file: string): readonly Fix[] {
  return cause === undefined
    ? []
    : [{ text: `${cause.instead} in ${file}/config.json, if the weights are the ones you mean` }];
}
