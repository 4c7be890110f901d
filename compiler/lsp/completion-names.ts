/** Names that mean something at a place: local ones, items, imports, and what the language itself has. */

import { type CompletionItem, CompletionItemKind } from "vscode-languageserver";
import { describe } from "../doc/describe.ts";
import { languageDoc } from "../doc/language.ts";
import type { NamedItem } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import {
  AdaptItem,
  DatasetItem,
  Equals,
  For,
  LSquare,
  ModelItem,
  PipeSign,
  TemplateItem,
} from "../syntax/tokens.ts";
import { expressionsIn } from "../syntax/walk.ts";
import { recordOf } from "../types/template.ts";
import type { Scope } from "../types/value.ts";
import type { Cursor } from "./cursor.ts";
import type { Role } from "./declaration.ts";
import { typeLine } from "./facts.ts";
import { isStep } from "./hover.ts";
import { holds } from "./places.ts";
import type { Analysis } from "./session.ts";
import { type FieldHelp, fieldHelp } from "./step-fields.ts";
import { usesIn } from "./uses.ts";

export function namesInScope(analysis: Analysis, cursor: Cursor): readonly CompletionItem[] {
  const help = fieldAt(cursor);
  const found = new Map<string, CompletionItem>();
  const add = (item: CompletionItem) => {
    if (!found.has(item.label)) found.set(item.label, item);
  };
  for (const word of help?.words ?? [])
    add({ label: word, kind: CompletionItemKind.Keyword, sortText: `0${word}` });
  for (const item of localNames(analysis, cursor)) add(item);
  for (const item of itemsInReach(analysis, cursor)) add(item);
  if (help === undefined) {
    for (const { name, signature, doc } of languageDoc().entries)
      add({
        label: name,
        kind: CompletionItemKind.Function,
        detail: signature,
        documentation: doc,
        sortText: `3${name}`,
      });
  }
  return [...found.values()];
}

/** The field of a step whose value is begun, alone or in a list. */
export function fieldAt({ before, item }: Cursor): FieldHelp | undefined {
  const kind = item?.image;
  if (kind !== "train" && kind !== "evaluate" && kind !== "export") return undefined;
  const equals = before.findLastIndex(({ tokenType }) => tokenType === Equals);
  const isValue = before.slice(equals + 1).every((token, at) => at > 0 || isList(token.image));
  return equals > 0 && isValue ? fieldHelp(kind, before[equals - 1].image) : undefined;
}

/** Kinds of items that alone can stand at a place, or mostly do. */
export function rolesAt(cursor: Cursor): readonly Role[] {
  const help = fieldAt(cursor);
  if (help !== undefined) return help.roles;
  const { before, item, opensLine } = cursor;
  const last = before.at(-1);
  if (last?.tokenType === PipeSign) return ["transform"];
  if (item?.tokenType === TemplateItem && last?.tokenType === For) return ["record"];
  if (item?.tokenType === AdaptItem && opensLine) return ["adapter"];
  if (last?.tokenType !== Equals || before.length > 3) return [];
  if (item?.tokenType === DatasetItem) return ["dataset", "transform"];
  if (item?.tokenType === ModelItem) return ["block"];
  return item?.tokenType === AdaptItem ? models : [];
}

const models: readonly Role[] = ["model", "adapt", "train"];

function isList(image: string): boolean {
  return image === LSquare.LABEL?.replaceAll("`", "");
}

/** What the checker could name at the nearest expression; what the text declares where it read none. */
function localNames(analysis: Analysis, cursor: Cursor): readonly CompletionItem[] {
  const scope = scopeAt(analysis, cursor.offset);
  return scope === undefined ? declaredNear(analysis, cursor) : namesOf(scope);
}

function scopeAt({ program, findings }: Analysis, offset: number): Scope | undefined {
  const item = program.entry.file.items.find(({ span }) => holds(span, offset));
  if (item === undefined || isPipelines(item.kind)) return undefined;
  const read = expressionsIn(item)
    .sort((one, other) => one.span.start - other.span.start)
    .flatMap((expr) => {
      const found = findings.of(expr);
      return found === undefined ? [] : [{ span: expr.span, scope: found.scope }];
    });
  // What is missing has a place somewhere in what lacks it, which may be after the cursor.
  return (read.findLast(({ span }) => span.start <= offset) ?? read.at(0))?.scope;
}

/** Items of pipelines have no names of their own. */
function isPipelines(kind: string): boolean {
  return ["model", "dataset", "adapt", "train", "evaluate", "export", "import"].includes(kind);
}

function namesOf(scope: Scope): CompletionItem[] {
  const found: CompletionItem[] = [];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    for (const [name, value] of at.names) {
      if (/^\w+$/.test(name))
        found.push({
          label: name,
          kind: CompletionItemKind.Variable,
          detail: typeLine(value),
          sortText: `1${name}`,
        });
    }
  }
  return found;
}

function declaredNear(analysis: Analysis, { offset }: Cursor): CompletionItem[] {
  const { entry } = analysis.program;
  const item = entry.file.items.find(({ span }) => holds(span, offset));
  if (item === undefined || item.kind === "import" || isPipelines(item.kind)) return [];
  const columns = item.kind === "template" ? (recordOf(entry, item)?.item.fields ?? []) : [];
  const declared = usesIn(entry, analysis).flatMap(({ declares, meaning, span }) =>
    declares &&
    meaning.kind === "declaration" &&
    holds(item.span, span.start) &&
    meaning.role !== item.kind
      ? [meaning]
      : [],
  );
  return [...columns, ...declared].map(({ name, span, doc }) => ({
    label: name.text,
    kind: CompletionItemKind.Variable,
    detail: textOf(span).replace(/\s+/g, " "),
    documentation: doc,
    sortText: `1${name.text}`,
  }));
}

const kinds: Partial<Readonly<Record<Role, CompletionItemKind>>> = {
  enum: CompletionItemKind.Enum,
  record: CompletionItemKind.Struct,
  block: CompletionItemKind.Class,
  adapter: CompletionItemKind.Class,
  model: CompletionItemKind.Variable,
  adapt: CompletionItemKind.Variable,
  dataset: CompletionItemKind.Variable,
  train: CompletionItemKind.Variable,
  let: CompletionItemKind.Constant,
};

/** Items of the file and what it imports. What a pipeline makes stands above what uses it. */
function itemsInReach({ program, pipeline }: Analysis, cursor: Cursor): readonly CompletionItem[] {
  const { entry } = program;
  const { offset } = cursor;
  const roles = rolesAt(cursor);
  const own = describe(entry).entries.flatMap((shown) => {
    const item = entry.items.get(shown.name);
    const isMade = item !== undefined && isPipelines(item.kind);
    if (item === undefined || (isMade && item.span.end >= offset)) return [];
    // Of a step only the model that it makes is of use.
    if (isStep(item)) return [];
    return [offer(shown.name, item, shown.signature, roles)];
  });
  const trained = pipeline.models
    .filter(
      ({ kind, holder }) =>
        kind === "trained" && (entry.items.get(holder)?.span.end ?? offset) < offset,
    )
    .map(({ name }) => ({
      label: name,
      kind: CompletionItemKind.Variable,
      detail: "the model that the step makes",
      sortText: roles.includes("train") ? `0${name}` : `2${name}`,
    }));
  const imported = [...entry.imports].flatMap(([name, found]) => {
    if (found.kind === "module") return [{ label: name, kind: CompletionItemKind.Module }];
    const shown = describe(found.module).entries.find((one) => one.name === found.item.name.text);
    return [offer(name, found.item, shown?.signature ?? name, roles)];
  });
  return [...trained, ...own, ...imported];
}

function offer(
  label: string,
  item: NamedItem,
  signature: string,
  roles: readonly Role[],
): CompletionItem {
  const isWanted = roles.includes(item.kind);
  return {
    label,
    kind: kinds[item.kind] ?? CompletionItemKind.Function,
    detail: signature,
    documentation: item.doc,
    sortText: `${isWanted ? 0 : 2}${label}`,
  };
}
