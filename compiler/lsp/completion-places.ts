/**
 * Completion where only a few things can stand: imports, members after a dot, fields of steps, arguments of a call,
 * units after a number. A place that is none of theirs gives undefined.
 */

import { dirname } from "node:path";
import { type IToken, tokenMatcher } from "chevrotain";
import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { moduleFile } from "../commands/library.ts";
import { stepFields } from "../core/step-fields.ts";
import { describe } from "../doc/describe.ts";
import { sentence } from "../doc/pages.ts";
import { lookup } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type { CallExpr, EnumItem, MemberExpr } from "../syntax/ast.ts";
import { isCloser, isOpener } from "../syntax/brackets.ts";
import { lexPart } from "../syntax/lex.ts";
import { Comma, Dot, Equals, ImportItem, LCurly, LParen } from "../syntax/tokens.ts";
import { expressionsIn } from "../syntax/walk.ts";
import { numberTypes, quantityOf, suffixNames, type Unit } from "../types/unit.ts";
import { stepCallAt } from "./completion-step-calls.ts";
import { type Cursor, endOf } from "./cursor.ts";
import { membersOf, type Parameters, parametersOf, parametersOfItem } from "./declaration.ts";
import { datasetFacts, typeLine } from "./facts.ts";
import { isStep } from "./hover.ts";
import { holds } from "./places.ts";
import type { Analysis, Session } from "./session.ts";
import { fieldHelp } from "./step-fields.ts";

/** `import std/…` offers modules, and its braces what the module has and the import lacks. */
export async function importNames(
  analysis: Analysis,
  cursor: Cursor,
  session: Session,
): Promise<readonly CompletionItem[] | undefined> {
  if (cursor.item?.tokenType !== ImportItem) return undefined;
  const directory = dirname(analysis.path);
  const [, ...tokens] = cursor.before;
  const brace = tokens.findIndex((token) => token.tokenType === LCurly);
  const written = tokens.map((token) => token.image);
  if (brace < 0) {
    const start = written.join("");
    return session
      .modulesFrom(directory)
      .filter((path) => path.startsWith(start))
      .map((path) => ({ label: path.slice(start.length), kind: CompletionItemKind.Module }));
  }
  const path = written.slice(0, brace).join("").replace(/\.$/, "");
  const module = (await session.analysis(moduleFile(directory, path)))?.program.entry;
  if (module === undefined) return [];
  const already = new Set(written.slice(brace + 1));
  return describe(module)
    .entries.filter(({ name }) => !already.has(name))
    .map(({ name, signature, doc }) => ({
      label: name,
      kind: CompletionItemKind.Reference,
      detail: signature,
      documentation: doc,
    }));
}

/** `config.`: fields of records, parts of blocks, cases, parts of rows, what a module has. */
export function memberNames(
  analysis: Analysis,
  { before }: Cursor,
): readonly CompletionItem[] | undefined {
  const dot = before.at(-1);
  if (dot?.tokenType !== Dot) return undefined;
  const { program, findings } = analysis;
  const [member] = allExpressions(analysis)
    .filter(
      (expr): expr is MemberExpr =>
        expr.kind === "member" &&
        expr.object.span.end <= dot.startOffset &&
        expr.name.span.end >= endOf(dot),
    )
    .sort((a, b) => b.object.span.end - a.object.span.end);
  const object = member?.object;
  if (object === undefined) return [];
  const whole = object.kind === "name" ? program.entry.imports.get(object.text) : undefined;
  if (whole?.kind === "module") {
    return describe(whole.module).entries.map(({ name, signature, doc }) => ({
      label: name,
      kind: CompletionItemKind.Reference,
      detail: signature,
      documentation: doc,
    }));
  }
  const value = findings.of(object)?.value;
  if (value === undefined) return [];
  return membersOf(value, program.entry).map(({ name, value: own, declared }) => ({
    label: name,
    kind: declared?.role === "case" ? CompletionItemKind.EnumMember : CompletionItemKind.Field,
    detail: (own && typeLine(own)) ?? (declared && textOf(declared.span)),
    documentation: declared?.doc || (own && datasetFacts(own)),
  }));
}

/** At the start of a line of a step: the fields that it does not have yet. */
export function stepFieldNames(
  { program }: Analysis,
  { opensLine, open, before, offset, word }: Cursor,
): readonly CompletionItem[] | undefined {
  if (!opensLine || open?.tokenType !== LCurly || before.indexOf(open) > 2) return undefined;
  const step = [...program.entry.items.values()].find(
    (item) =>
      isStep(item) && item.span.start <= offset && before[0]?.startOffset === item.span.start,
  );
  if (step === undefined || !isStep(step)) return undefined;
  const given = namesGiven(step.span, word.start);
  return stepFields[step.kind]
    .filter((name) => !given.has(name))
    .map((name, place) => {
      const help = fieldHelp(step.kind, name);
      return {
        label: name,
        kind: CompletionItemKind.Field,
        detail: help && `${help.type}${help.otherwise === undefined ? ", needed" : ""}`,
        documentation: help && sentence(help.doc),
        insertText: `${name} = `,
        sortText: `${help !== undefined && help.otherwise === undefined ? 0 : 1}${String(place).padStart(2, "0")}`,
      };
    });
}

/**
 * Names that have a sign in the first brackets of a part, by its signs alone: one that is begun takes the next one's
 * name for its value. The one that stands at `place` is being written, so it is not given.
 */
function namesGiven({ file, start, end }: Span, place: number): ReadonlySet<string> {
  const { tokens } = lexPart(file, start, end);
  const given = new Set<string>();
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (isOpener(token.tokenType)) depth += 1;
    else if (isCloser(token.tokenType)) depth -= 1;
    else if (depth === 1 && tokens[at + 1]?.tokenType === Equals && token.startOffset !== place)
      given.add(token.image);
    if (depth === 0 && isCloser(token.tokenType)) break;
  }
  return given;
}

/** The parameters that a call has not been given, as `name = `, and the cases that one can be. */
export function argumentNames(analysis: Analysis, cursor: Cursor): readonly CompletionItem[] {
  const found = callAround(analysis, cursor);
  if (found === undefined) return [];
  const { given, parameters } = found;
  const [previous, name] = [cursor.before.at(-1), cursor.before.at(-2)];
  if (previous?.tokenType === Equals) return casesOf(parameters, name?.image ?? "");
  if (previous === undefined || !(tokenMatcher(previous, LParen) || previous.tokenType === Comma))
    return [];
  return parameters.fields
    .filter((field) => !given.has(field.name.text))
    .map((field, place) => ({
      label: field.name.text,
      kind: CompletionItemKind.Variable,
      detail: textOf(field.span).replace(/\s+/g, " "),
      documentation: field.doc,
      insertText: `${field.name.text} = `,
      sortText: `0${String(place).padStart(2, "0")}`,
    }));
}

/** `m.role == `: the cases of what stands on the other side. */
export function caseNames(analysis: Analysis, { before }: Cursor): readonly CompletionItem[] {
  const sign = before.at(-1);
  if (sign === undefined || !["==", "!="].includes(sign.image)) return [];
  const { text } = analysis.source;
  const compared = allExpressions(analysis).filter(
    ({ span }) =>
      span.end <= sign.startOffset && text.slice(span.end, sign.startOffset).trim() === "",
  );
  const values = compared.map((expr) => analysis.findings.of(expr)?.value);
  const value = values.find((one) => one?.kind === "case");
  return value?.kind === "case" ? casesIn(value.item) : [];
}

function casesOf({ fields, module }: Parameters, name: string): readonly CompletionItem[] {
  const type = fields.find((field) => field.name.text === name)?.type;
  const found = type?.kind === "named-type" ? module.items.get(type.name.text) : undefined;
  const item = found ?? importedItem(module, type?.kind === "named-type" ? type.name.text : "");
  return item?.kind === "enum" ? casesIn(item) : [];
}

function casesIn(item: EnumItem): readonly CompletionItem[] {
  return item.cases.map((one) => ({
    label: one.text,
    kind: CompletionItemKind.EnumMember,
    detail: item.name.text,
    sortText: `0${one.text}`,
  }));
}

function importedItem(module: Parameters["module"], name: string) {
  const found = module.imports.get(name);
  return found?.kind === "item" ? found.item : undefined;
}

/** The parameters of the call whose parenthesis is open at the place, and those among them that are given a value. */
function callAround(
  analysis: Analysis,
  { open, before, word }: Cursor,
): { readonly given: ReadonlySet<string>; readonly parameters: Parameters } | undefined {
  if (open === undefined || !tokenMatcher(open, LParen)) return undefined;
  const parameters = parametersBefore(analysis, open, before[before.indexOf(open) - 1]);
  if (parameters === undefined) return undefined;
  const { file, start } = word;
  const item = analysis.program.entry.file.items.find(({ span }) => holds(span, start));
  const rest = { file, start: open.startOffset, end: item?.span.end ?? start };
  return { parameters, given: namesGiven(rest, start) };
}

/** What the checker found to be called; of a call that is not whole yet, what its name means. */
function parametersBefore(
  { program, findings, source }: Analysis,
  open: IToken,
  name: IToken | undefined,
): Parameters | undefined {
  const { text } = source;
  const call = expressionsIn(program.entry.file).find(
    (expr): expr is CallExpr =>
      expr.kind === "call" &&
      startOfArguments(expr) <= open.startOffset &&
      /^\s*\]?\s*$/.test(text.slice(startOfArguments(expr), open.startOffset)),
  );
  const found = call && findings.of(call.callee)?.value;
  if (found !== undefined && found.kind !== "error") return parametersOf(found);
  const named = name && lookup(program.entry, name.image);
  return named?.kind === "item" ? parametersOfItem(named) : undefined;
}

function startOfArguments({ callee, sizes }: CallExpr): number {
  return sizes?.at(-1)?.span.end ?? callee.span.end;
}

/** Units in place of what touches the number, those that are wanted there first. */
export function unitNames(analysis: Analysis, cursor: Cursor): readonly CompletionItem[] {
  const digits = /^[\d.]+(?:[eE][+-]?\d+)?/.exec(textOf(cursor.whole))?.[0] ?? "";
  const wanted = unitsWanted(analysis, cursor);
  return suffixNames.map((suffix) => {
    const [unit] = quantityOf(suffix, 1) ?? [];
    const isWanted = unit !== undefined && wanted.includes(unit);
    return {
      label: `${digits}${suffix}`,
      kind: CompletionItemKind.Unit,
      detail: unit,
      sortText: `${isWanted ? 0 : 1}${suffix}`,
    };
  });
}

const spans: readonly Unit[] = ["ratio", "steps", "epochs", "tokens"];

function unitsWanted(analysis: Analysis, cursor: Cursor): readonly Unit[] {
  const name = cursor.before.at(-1)?.tokenType === Equals ? cursor.before.at(-2)?.image : undefined;
  if (stepCallAt(cursor) !== undefined) return spans;
  const call = callAround(analysis, cursor);
  if (call === undefined) {
    const kind = cursor.item?.image;
    const isKnown = kind === "train" || kind === "evaluate" || kind === "export";
    return isKnown && name !== undefined ? (fieldHelp(kind, name)?.units ?? []) : [];
  }
  const type = call.parameters.fields.find((field) => field.name.text === name)?.type;
  const unit = type?.kind === "named-type" ? numberTypes[type.name.text] : undefined;
  if (unit === undefined) return [];
  return unit === "span" ? spans : [unit];
}

function allExpressions({ program }: Analysis) {
  return expressionsIn(program.entry.file);
}
