/**
 * `checkpoint` clauses checked: a block says how Hugging Face's files call its parts, a rewrite how PEFT's call what
 * it brings. Whatever a clause says is read by something, so what cannot be read is refused here.
 */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Binding, Checkpoint, Expr, StringExpr } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { reportTwice } from "./definition-signature.ts";
import { inner, moduleScope } from "./scope.ts";
import { showType } from "./show.ts";
import type { Instance, RecordValue, Scope, Value } from "./value.ts";

/** By what has such a clause: the format's word, and how messages speak of the two. */
const formats = {
  block: { word: "hf", owner: "a block", files: "Hugging Face's files" },
  rewrite: { word: "peft", owner: "a rewrite", files: "PEFT's files" },
} as const;

/** All clauses of one block or rewrite. Whether the parts they name are there is checked with other paths. */
export function checkCheckpoints(
  context: Context,
  instance: Instance,
  clauses: readonly Checkpoint[],
  name: string,
): void {
  for (const clause of clauses) {
    if (!checkFormat(context, instance, clause, name)) continue;
    checkNames(context, clause);
    reportTwice(
      context,
      clause.config.map((binding) => binding.name),
    );
    if (instance.item.kind === "block") checkConfig(context, instance, clause);
    else checkPeftConfig(context, instance, clause);
  }
  reportTwice(
    context,
    clauses.map(({ format }) => ({ text: textOf(format.span), span: format.span })),
  );
}

function checkFormat(
  context: Context,
  { item }: Instance,
  { format }: Checkpoint,
  name: string,
): boolean {
  const word = textOf(format.span).slice(1, -1);
  const own = formats[item.kind];
  if (word === own.word) return true;
  const words = Object.values(formats).map((one) => one.word);
  const other = Object.values(formats).find((one) => one.word === word);
  const near = nearest(word, words);
  context.report(
    other === undefined
      ? error("no-such-name", {
          at: format.span,
          title: `${name} says how \`${word}\` calls its parts, and nothing reads that`,
          notes: [`A checkpoint is ${words.map((one) => `"${one}"`).join(" or ")}.`],
          fixes: near === undefined ? [] : [replace(format.span, `"${near}"`)],
        })
      : error("no-such-name", {
          at: format.span,
          title: `${other.files} have the parts of ${other.owner}, and ${name} is ${own.owner}`,
          fixes: [replace(format.span, `"${own.word}"`)],
        }),
  );
  return false;
}

/** One name for each part, and one part for each name. */
function checkNames(context: Context, { weights }: Checkpoint): void {
  reportTwice(
    context,
    weights.map(({ path }) => ({ text: textOf(path.span), span: path.span })),
  );
  reportTwice(
    context,
    weights.map(({ name }) => ({ text: textOf(name.span), span: name.span })),
  );
  for (const { path, name } of weights) {
    const many = path.steps.find((step) => step.kind !== "name" && step.kind !== "any");
    if (many !== undefined) {
      context.report(
        error("not-that-kind", {
          at: many.span,
          title: `a part in a file has a name for each path, and \`${textOf(many.span)}\` stands for several`,
          fixes: [{ text: "`*` for the numbers of a stack, or a line for each" }],
        }),
      );
      continue;
    }
    if (!isPlain(name)) {
      reportComputed(context, name.span, "the name of a part in a file");
      continue;
    }
    const stars = path.steps.filter((step) => step.kind === "any").length;
    const written = textOf(name.span).split("*").length - 1;
    if (written === stars) continue;
    context.report(
      error("type-mismatch", {
        at: name.span,
        title: `the path has ${countOf(stars)} and the name ${countOf(written)}: each number of the path has its place in the name`,
      }),
    );
  }
}

function countOf(stars: number): string {
  return stars === 0 ? "no `*`" : stars === 1 ? "one `*`" : `${stars} \`*\``;
}

/** A field of the config record names its place; anything else says what config.json must hold. */
function checkConfig(context: Context, instance: Instance, clause: Checkpoint): void {
  const fields = new Set(recordsOf(instance).flatMap((record) => [...record.fields.keys()]));
  for (const { name, value } of clause.config) {
    const isField = fields.has(name.text);
    if (isField && value.kind === "string" && isPlain(value)) continue;
    if (!isField && isLiteral(value)) continue;
    // A name that is not there is the fault to report.
    const isFaulty =
      value.kind !== "string" && context.evaluate(context, instance.scope, value).kind === "error";
    if (isFaulty) continue;
    if (isField && value.kind !== "string") {
      context.report(
        error("type-mismatch", {
          at: value.span,
          title: `\`${name.text}\` is a field of the config record, so this is the name of its place in config.json`,
          fixes: [{ text: `${name.text} = "…"` }],
        }),
      );
    } else {
      reportComputed(context, value.span, "what config.json must say");
    }
  }
}

/** What PEFT's config holds: the type by which it knows the adapter, and values that JSON has. */
function checkPeftConfig(
  context: Context,
  { adapter, module }: Instance,
  clause: Checkpoint,
): void {
  const scope = inner(moduleScope(module), adapter?.arguments ?? new Map<string, Value>());
  if (!clause.config.some(({ name }) => name.text === "peft_type")) {
    context.report(
      error("missing-field", {
        at: clause.format.span,
        title: "PEFT knows an adapter by its `peft_type`, and this config has none",
        fixes: [{ text: 'config { peft_type = "LORA" }' }],
      }),
    );
  }
  for (const binding of clause.config) checkJson(context, scope, binding);
}

function checkJson(context: Context, scope: Scope, { name, value }: Binding): void {
  const found = context.evaluate(context, scope, value);
  const isJson = ["number", "string", "bool", "case", "none", "error"].includes(found.kind);
  if (isJson) return;
  context.report(
    error("type-mismatch", {
      at: value.span,
      title: `\`${name.text}\` is a number, text, a bool or a case in a config, and this is ${showType(found)}`,
    }),
  );
}

function recordsOf({ scope }: Instance): readonly RecordValue[] {
  return [...(scope.outer?.names ?? scope.names).values()].filter((one) => one.kind === "record");
}

function isLiteral(value: Expr): boolean {
  switch (value.kind) {
    case "number":
    case "bool":
    case "none":
    case "missing":
      return true;
    case "string":
      return isPlain(value);
    case "list":
      return value.items.every(isLiteral);
    default:
      return false;
  }
}

function isPlain({ parts }: StringExpr): boolean {
  return parts.every((part) => part.kind === "text");
}

function reportComputed(context: Context, at: Span, what: string): void {
  context.report(
    error("type-mismatch", {
      at,
      title: `${what} is written out: it is looked for before anything is computed`,
    }),
  );
}
