/** Items that are defined by themselves. The language has no recursion, so evaluating one would not end. */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { lookup, type Module, type NamedItem } from "../names/module.ts";
import type { Expr, NamedType } from "../syntax/ast.ts";
import { expressionsIn, type SyntaxNode, walk } from "../syntax/walk.ts";

/** One item of a module. Imports have no cycles, so a circle of items lies within one module. */
interface Place {
  readonly module: Module;
  readonly item: NamedItem;
}

/** One report for each item of the module that its own definition uses. */
export function cyclesOf(module: Module): Diagnostic[] {
  return [...module.items.values()].flatMap((item) => {
    const way = wayBack({ module, item });
    if (way === undefined) return [];
    const names = [...way.slice(1).map((place) => place.item.name.text), item.name.text];
    return [
      error("defined-by-itself", {
        at: item.name.span,
        title:
          way.length === 1
            ? `\`${item.name.text}\` is defined by itself`
            : `\`${item.name.text}\` is defined by ${names.map((name) => `\`${name}\``).join(", which is defined by ")}`,
        notes: ["There is no recursion: everything is known before anything runs."],
      }),
    ];
  });
}

/** Items are asked about wherever they are named. What they name is settled by their module, whose items and imports stay. */
const known = new WeakMap<Module, Map<NamedItem, boolean>>();

/** Whether evaluating the item would come to one that is defined by itself. */
export function reachesCycle(module: Module, item: NamedItem): boolean {
  const above = new Set<NamedItem>();
  const look = (place: Place): boolean => {
    const answers = known.get(place.module) ?? new Map<NamedItem, boolean>();
    known.set(place.module, answers);
    const answer = answers.get(place.item);
    if (answer !== undefined) return answer;
    if (above.has(place.item)) return true;
    above.add(place.item);
    const reaches = usedBy(place).some(look);
    above.delete(place.item);
    answers.set(place.item, reaches);
    return reaches;
  };
  return look({ module, item });
}

/** The items on a way from the item back to itself, it first. */
function wayBack(start: Place): readonly Place[] | undefined {
  if (!reachesCycle(start.module, start.item)) return undefined;
  const seen = new Set<NamedItem>();
  const look = (way: readonly Place[]): readonly Place[] | undefined => {
    for (const next of usedBy(way[way.length - 1])) {
      if (next.item === start.item) return way;
      if (seen.has(next.item) || next.module !== start.module) continue;
      seen.add(next.item);
      const found = look([...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return look([start]);
}

/** The items that a definition names, records in types included, apart from names that are its own. */
function usedBy({ module, item }: Place): Place[] {
  const local = localNames(module, item);
  const used = new Map<NamedItem, Place>();
  const add = (found: Place | undefined) => {
    if (found !== undefined) used.set(found.item, found);
  };
  for (const expr of expressionsIn(item)) {
    if (!local.has(nameOf(expr))) add(itemOf(module, expr));
  }
  for (const found of usedByDefaults({ module, item })) add(found);
  walk(item, (node) => {
    if (isNamedType(node)) add(itemNamed(module, node.name.text));
    return true;
  });
  return [...used.values()];
}

/** In the default of a parameter, its own name and those after it do not yet mean parameters. */
function usedByDefaults({ module, item }: Place): Place[] {
  const fields = "params" in item ? item.params : item.kind === "record" ? item.fields : [];
  const sizes = "sizes" in item ? item.sizes : [];
  return fields.flatMap(({ value }, at) => {
    if (value === undefined) return [];
    const before = new Set([...sizes, ...fields.slice(0, at)].map(({ name }) => name.text));
    return expressionsIn(value)
      .filter((expr) => !before.has(nameOf(expr)))
      .flatMap((expr) => itemOf(module, expr) ?? []);
  });
}

function isNamedType(node: SyntaxNode): node is NamedType {
  return node.kind === "named-type";
}

function itemNamed(module: Module, name: string): Place | undefined {
  const found = lookup(module, name);
  return found?.kind === "item" ? found : undefined;
}

function itemOf(module: Module, expr: Expr): Place | undefined {
  if (expr.kind === "name") return itemNamed(module, expr.text);
  if (expr.kind !== "member" || expr.object.kind !== "name") return undefined;
  const found = lookup(module, expr.object.text);
  const item = found?.kind === "module" ? found.module.items.get(expr.name.text) : undefined;
  return found === undefined || item === undefined ? undefined : { module: found.module, item };
}

function nameOf(expr: Expr): string {
  return expr.kind === "name" ? expr.text : "";
}

/** Names that hide items in the whole of the definition. */
function localNames(module: Module, item: NamedItem): ReadonlySet<string> {
  const names = new Set<string>();
  if (item.kind === "template") {
    const row = itemNamed(module, item.row.text)?.item;
    if (row?.kind === "record") for (const column of row.fields) names.add(column.name.text);
  }
  if ("params" in item) for (const param of item.params) names.add(param.name.text);
  if ("sizes" in item) for (const size of item.sizes) names.add(size.name.text);
  if ("fields" in item) for (const field of item.fields) names.add(field.name.text);
  return names;
}
