/** What a file declares, as an outline; and what all files declare, by name. */

import { type DocumentSymbol, SymbolKind, type WorkspaceSymbol } from "vscode-languageserver";
import type { Module, NamedItem } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { Name } from "../syntax/ast.ts";
import { isPart } from "./declaration.ts";
import { locationOf, rangeOf } from "./places.ts";
import type { Session } from "./session.ts";

const kinds: Readonly<Record<NamedItem["kind"], SymbolKind>> = {
  enum: SymbolKind.Enum,
  record: SymbolKind.Struct,
  fn: SymbolKind.Function,
  metric: SymbolKind.Function,
  block: SymbolKind.Class,
  adapter: SymbolKind.Class,
  optimizer: SymbolKind.Class,
  schedule: SymbolKind.Function,
  template: SymbolKind.String,
  transform: SymbolKind.Function,
  let: SymbolKind.Constant,
  model: SymbolKind.Object,
  dataset: SymbolKind.Array,
  adapt: SymbolKind.Object,
  train: SymbolKind.Event,
  evaluate: SymbolKind.Event,
  export: SymbolKind.Event,
};

export function documentSymbols(module: Module): readonly DocumentSymbol[] {
  return module.file.items.flatMap((item) => {
    if (item.kind === "import" || item.name.text === "") return [];
    const symbol = symbolOf(item.name, item.span, kinds[item.kind], item.kind);
    return [{ ...symbol, children: partsOf(item) }];
  });
}

function partsOf(item: NamedItem): DocumentSymbol[] {
  switch (item.kind) {
    case "enum":
      return item.cases.map((name) => symbolOf(name, name.span, SymbolKind.EnumMember));
    case "record":
      return item.fields.map((field) => symbolOf(field.name, field.span, SymbolKind.Field));
    case "block":
      return item.members
        .filter(isPart)
        .map((part) => symbolOf(part.name, part.span, SymbolKind.Property));
    case "adapter":
      return item.rewrites.map((rule) => ({
        ...symbolOf(rule.target, rule.span, SymbolKind.Method, "rewrite"),
        children: rule.members
          .filter(isPart)
          .map((part) => symbolOf(part.name, part.span, SymbolKind.Property)),
      }));
    case "optimizer":
      return item.members.flatMap((member) =>
        member.kind === "state" ? [symbolOf(member.name, member.span, SymbolKind.Field)] : [],
      );
    case "train":
    case "evaluate":
    case "export":
      return item.fields.map((field) => symbolOf(field.name, field.span, SymbolKind.Field));
    default:
      return [];
  }
}

function symbolOf(name: Name, span: Span, kind: SymbolKind, detail = ""): DocumentSymbol {
  // A name that recovery left without letters is not shown as nothing.
  return {
    name: name.text === "" ? "…" : name.text,
    detail,
    kind,
    range: rangeOf(span),
    selectionRange: rangeOf(name.span),
  };
}

/** Items whose names have these letters in this order. */
export async function workspaceSymbols(
  session: Session,
  query: string,
): Promise<readonly WorkspaceSymbol[]> {
  const found: WorkspaceSymbol[] = [];
  for (const path of session.programs()) {
    const analysis = await session.analysis(path);
    for (const item of analysis?.program.entry.items.values() ?? []) {
      const location = locationOf(item.name.span, session.sources);
      if (location === undefined || !hasLetters(item.name.text, query)) continue;
      found.push({
        name: item.name.text,
        kind: kinds[item.kind],
        location,
        containerName: item.kind,
      });
    }
  }
  return found;
}

function hasLetters(name: string, query: string): boolean {
  const letters = name.toLowerCase();
  let at = 0;
  for (const letter of query.toLowerCase()) {
    const next = letters.indexOf(letter, at);
    if (next < 0) return false;
    at = next + 1;
  }
  return true;
}
