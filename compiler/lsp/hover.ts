/** What a place means, in a few lines: its declaration, the value that the checker found, and what its author says of it. */

import type { Hover } from "vscode-languageserver";
import { describe } from "../doc/describe.ts";
import { languageDoc } from "../doc/language.ts";
import { sentence } from "../doc/pages.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Expr, StepItem } from "../syntax/ast.ts";
import { expressionsIn, walk } from "../syntax/walk.ts";
import type { Value } from "../types/value.ts";
import { type Declaration, parametersOf } from "./declaration.ts";
import { blockFacts, datasetFacts, modelFacts, spanFacts, typeLine } from "./facts.ts";
import { typeDoc } from "./language-types.ts";
import { holds, rangeOf } from "./places.ts";
import type { Analysis } from "./session.ts";
import { fieldHelp } from "./step-fields.ts";
import { blocksAt } from "./tree-path.ts";
import { type Use, useAt, usesIn } from "./uses.ts";

export function hoverAt(analysis: Analysis, offset: number): Hover | undefined {
  const use = useAt(usesIn(analysis.program.entry, analysis), offset);
  const path = blocksAt(analysis, offset);
  if (path !== undefined) {
    const declared = use?.meaning.kind === "declaration" ? use.meaning : undefined;
    const code = declared && fenced(codeOf(declared));
    return hover(path.step.span, [code, blockFacts(path.blocks), declared?.doc]);
  }
  if (use !== undefined) return hover(use.span, ofUse(analysis, use));
  return typeAt(analysis, offset) ?? fieldAt(analysis, offset) ?? expressionAt(analysis, offset);
}

function hover(span: Span, lines: readonly (string | undefined)[]): Hover | undefined {
  const said = lines.filter((line) => line !== undefined && line !== "");
  if (said.length === 0) return undefined;
  return { range: rangeOf(span), contents: { kind: "markdown", value: said.join("\n\n") } };
}

function ofUse(analysis: Analysis, use: Use): readonly (string | undefined)[] {
  const { meaning } = use;
  if (meaning.kind === "module") {
    return [fenced(`import ${meaning.module.path}`), describe(meaning.module).doc];
  }
  const value =
    valueOfUse(analysis, use) ??
    (meaning.kind === "declaration" && meaning.role === "dataset"
      ? analysis.pipeline.datasets.get(meaning.name.text)
      : undefined);
  if (meaning.kind === "language") return [...languageLines(meaning.name), typeOf(value)];
  const model = modelNamed(meaning);
  return [
    fenced(codeOf(meaning)),
    typeOf(value),
    value && datasetFacts(value),
    model && modelFacts(analysis.pipeline, model),
    meaning.doc,
    meaning.module === analysis.program.entry ? undefined : `From ${meaning.module.path}.`,
  ];
}

/** As a pipeline calls the model that an item is, or the one that it makes. */
function modelNamed({ role, name: { text } }: Declaration): string | undefined {
  if (role === "model" || role === "adapt") return text;
  return role === "train" ? `${text}.model` : undefined;
}

/** The head of an item as its author wrote it; all of anything smaller. */
export function codeOf({ module, name, span, role }: Declaration): string {
  const entry = describe(module).entries.find((one) => one.name === name.text);
  const isItem = module.items.get(name.text)?.name === name;
  if (entry !== undefined && isItem) return entry.signature;
  const text = textOf(span).replace(/\s+/g, " ");
  return text === name.text ? `${role} ${text}` : text;
}

export function languageLines(name: string): readonly string[] {
  const entry = languageDoc().entries.find((one) => one.name === name);
  return entry === undefined ? [] : [fenced(entry.signature), entry.doc];
}

function typeOf(value: Value | undefined): string | undefined {
  // What a definition is stands in its signature.
  if (value === undefined || value.kind === "definition") return undefined;
  const line = typeLine(value);
  return line === undefined ? undefined : fenced(line);
}

/** What the checker found at a use of a name, or of what a `let` makes where it is declared. */
function valueOfUse(
  { program, findings }: Analysis,
  { span, declares, meaning }: Use,
): Value | undefined {
  const item = program.entry.file.items.find((one) => holds(one.span, span.start));
  if (item === undefined) return undefined;
  const around = expressionsIn(item);
  const named = around.find((expr) => {
    const own = expr.kind === "member" ? expr.name.span : expr.span;
    return (expr.kind === "name" || expr.kind === "member") && own.start === span.start;
  });
  if (named !== undefined) return findings.of(named)?.value;
  if (!declares || meaning.kind !== "declaration") return undefined;
  if (meaning.role !== "value" && meaning.role !== "part") return undefined;
  const { span: whole } = meaning;
  const made = around.find((expr) => expr.span.end === whole.end && expr.span.start > span.end);
  return made && findings.of(made)?.value;
}

/** A type of the language's own, by its word. */
function typeAt({ program }: Analysis, offset: number): Hover | undefined {
  const { file } = program.entry;
  let found: Hover | undefined;
  walk(file, ({ kind, span }) => {
    if (!holds(span, offset)) return false;
    const [name = ""] = kind === "named-type" ? (/^\w+/.exec(textOf(span)) ?? []) : [];
    const doc = offset <= span.start + name.length ? typeDoc(name) : undefined;
    if (doc !== undefined)
      found = hover({ ...span, end: span.start + name.length }, [fenced(name), sentence(doc)]);
    return true;
  });
  return found;
}

/** The smallest expression at a place that the checker has read. */
function valueAt(
  { program, findings }: Analysis,
  offset: number,
): { readonly expr: Expr; readonly value: Value } | undefined {
  const item = program.entry.file.items.find(({ span }) => holds(span, offset));
  if (item === undefined) return undefined;
  const around = expressionsIn(item).filter(({ span }) => holds(span, offset));
  const [expr] = around.sort((a, b) => a.span.end - a.span.start - (b.span.end - b.span.start));
  const found = expr && findings.of(expr);
  return found && { expr, value: found.value };
}

function fieldAt({ program }: Analysis, offset: number): Hover | undefined {
  for (const item of program.entry.items.values()) {
    if (!isStep(item)) continue;
    const field = item.fields.find(({ name }) => holds(name.span, offset));
    const help = field && fieldHelp(item.kind, field.name.text);
    if (field !== undefined && help !== undefined)
      return hover(field.name.span, [
        fenced(`${field.name.text}: ${help.type}`),
        sentence(help.doc),
        help.otherwise && `If it is left out: ${help.otherwise}.`,
      ]);
  }
  return undefined;
}

export function isStep(item: { readonly kind: string }): item is StepItem {
  return item.kind === "train" || item.kind === "evaluate" || item.kind === "export";
}

function expressionAt(analysis: Analysis, offset: number): Hover | undefined {
  const found = valueAt(analysis, offset);
  if (found === undefined) return undefined;
  const { expr, value } = found;
  const isTime = value.kind === "number" && isSpanArgument(analysis, expr);
  const span = isTime ? spanFacts(analysis.pipeline, value, offset) : undefined;
  return hover(expr.span, [typeOf(value), span, datasetFacts(value)]);
}

/** Whether a parameter takes it as a time of the run: other shares are of something else. */
function isSpanArgument({ program, findings }: Analysis, expr: Expr): boolean {
  return expressionsIn(program.entry.file).some((call) => {
    if (call.kind !== "call") return false;
    const place = call.arguments.findIndex(({ value }) => value === expr);
    const callee = place < 0 ? undefined : findings.of(call.callee)?.value;
    const fields = (callee && parametersOf(callee)?.fields) ?? [];
    const name = call.arguments[place]?.name?.text;
    const field = name === undefined ? fields[place] : fields.find((one) => one.name.text === name);
    return field?.type.kind === "named-type" && field.type.name.text === "span";
  });
}

function fenced(code: string): string {
  return `\`\`\`ftp\n${code}\n\`\`\``;
}
