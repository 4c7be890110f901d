/**
 * Faults of rows as diagnostics: of the dataset, where comments allow them, with the stage that they are of, the places
 * in its file, and what would mend them.
 */

import { counted, showCount } from "../../runtime/count.ts";
import type { DataFault } from "../../runtime/data/fault.ts";
import { bug } from "../bug.ts";
import { isAllowable } from "../diagnostics/codes.ts";
import { type Diagnostic, error, type Fix, replace, warning } from "../diagnostics/diagnostic.ts";
import { lookup, type Program } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type { CallExpr } from "../syntax/ast.ts";
import type { DatasetValue } from "../types/value.ts";

/** What the fault is of, as far as it is written anywhere: a plan by itself has no sources. */
export interface Written {
  readonly dataset: DatasetValue;
  readonly program: Program;
  /** The longest text that the models which read the rows are made for. */
  readonly context: number;
}

export function dataDiagnostic(fault: DataFault, at: Span, written?: Written): Diagnostic {
  const { slug, severity, message } = fault;
  const call = written && callOf(fault, written.dataset);
  const marks = written === undefined ? [] : markOf(fault, written);
  const [mark] = marks;
  const place = mark ?? call?.span;
  const text = mark === undefined ? (doings[fault.stage ?? ""] ?? "here") : "no token";
  const parts = {
    at,
    title: `${message.replace(/\.$/, "")}${placeOf(fault)}`,
    secondary: place === undefined ? [] : [{ span: place, text }],
    notes: sameIn(fault),
    fixes: waysOut(fault, call, marks, written?.context ?? 0),
  };
  if (severity === "error") return error(slug, parts);
  return warning(isAllowable(slug) ? slug : bug(`${slug} is no warning`), parts);
}

function placeOf({ file, line, count }: DataFault): string {
  const others = count > 1 ? ` and ${showCount(count - 1)} more` : "";
  return line > 0 ? ` (${file}:${line}${others})` : "";
}

function sameIn({ examples, count }: DataFault): string[] {
  const [, ...more] = examples.map(({ line }) => line);
  if (more.length === 0) return [];
  const rest = count - examples.length;
  const others = rest > 0 ? ` and ${showCount(rest)} more` : "";
  return [`The same in line${more.length + rest > 1 ? "s" : ""} ${more.join(", ")}${others}.`];
}

/** Where the stage is written that the fault is of. */
function callOf({ stage }: DataFault, { stages, calls }: DatasetValue): CallExpr | undefined {
  return calls[stages.findLastIndex((one) => one.stage === stage)];
}

/** What a stage does, for those that most faults are of. */
const doings: Readonly<Record<string, string>> = {
  jsonl: "read here",
  csv: "read here",
  tsv: "read here",
  text: "read here",
  render: "written here",
  tokenize: "made tokens here",
  pack: "put into windows here",
  pad: "put into windows here",
};

/** Everywhere that the template writes the text which a fault names. */
function markOf({ written }: DataFault, { dataset, program }: Written): readonly Span[] {
  const { stages, calls } = dataset;
  if (written === undefined) return [];
  const render = calls[stages.findLastIndex(({ stage }) => stage === "render")];
  return (render?.arguments ?? []).flatMap(({ value }) => {
    const found = value.kind === "name" ? lookup(program.entry, value.text) : undefined;
    if (found?.kind !== "item" || found.item.kind !== "template") return [];
    return placesOf(found.item.span, written);
  });
}

function placesOf(span: Span, text: string): Span[] {
  const all = textOf(span);
  const places: Span[] = [];
  for (let at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + text.length)) {
    const start = span.start + at;
    places.push({ file: span.file, start, end: start + text.length });
  }
  return places;
}

// Ways out --------------------------------------------------------------------------------------

function waysOut(
  { slug, severity, meant, longest, count }: DataFault,
  call: CallExpr | undefined,
  marks: readonly Span[],
  context: number,
): Fix[] {
  if (slug === "leak")
    return [{ text: "one file for both, `|> dedup() |> split(held_out = 10%, seed = 7)`" }];
  if (slug === "template-does-not-fit" && meant !== undefined && marks.length > 0)
    return [{ text: meant, edits: marks.map((span) => ({ span, text: meant })) }];
  if (call === undefined) return [];
  if (slug === "end-mark-never-learned" && meant !== undefined)
    return [withArgument(call, "end", "true")];
  if (slug === "begin-mark-twice") return withoutArgument(call, "marks");
  if (slug === "rows-cut" && severity === "error" && longest !== undefined)
    return fitting(longest, count, call, context);
  return [];
}

/** Wider windows, where the model goes so far, or what is to become of the rows that do not fit. */
function fitting(longest: number, count: number, call: CallExpr, context: number): Fix[] {
  const rows = counted(count, "row");
  const wide = withArgument(call, "length", `${longest}tok`, "is as long as the longest row");
  return [
    ...(longest > context ? [] : [wide]),
    withArgument(call, "over", "drop", `leaves ${rows} out`),
    withArgument(call, "over", "cut", `cuts the ends of ${rows} off`),
  ];
}

function withArgument(call: CallExpr, name: string, value: string, effect?: string): Fix {
  const written = call.arguments.find((argument) => argument.name?.text === name);
  const shown = `${name} = ${value}`;
  const text = effect === undefined ? shown : `${shown}, which ${effect}`;
  if (written !== undefined) return replace(written.value.span, value, text);
  const { file, end } = call.span;
  return replace({ file, start: end - 1, end: end - 1 }, `, ${shown}`, text);
}

/** The call without the argument and the comma before it. */
function withoutArgument(call: CallExpr, name: string): Fix[] {
  const at = call.arguments.findIndex((argument) => argument.name?.text === name);
  if (at < 1) return [];
  const { file, end } = call.arguments[at].span;
  const { end: start } = call.arguments[at - 1].span;
  return [replace({ file, start, end }, "", `leave \`${name}\` out`)];
}
