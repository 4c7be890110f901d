/** Items that are defined by themselves. The language has no recursion, so evaluating one would not end. */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { lookup, type Module, type NamedItem } from "../names/module.ts";
import type { Expr } from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";

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

/** Whether evaluating the item would come to one that is defined by itself. */
export function reachesCycle(module: Module, item: NamedItem): boolean {
  const seen = new Set<NamedItem>();
  const look = (place: Place): boolean => {
    if (seen.has(place.item)) return false;
    seen.add(place.item);
    return wayBack(place) !== undefined || usedBy(place).some(look);
  };
  return look({ module, item });
}

/** The items on a way from the item back to itself, it first. */
function wayBack(start: Place): readonly Place[] | undefined {
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

/** The items that a definition names, apart from names that are its own parameters and lets. */
function usedBy({ module, item }: Place): Place[] {
  const local = localNames(item);
  const used = new Map<NamedItem, Place>();
  for (const expr of expressionsIn(item)) {
    const found = local.has(nameOf(expr)) ? undefined : itemOf(module, expr);
    if (found !== undefined) used.set(found.item, found);
  }
  return [...used.values()];
}

function itemOf(module: Module, expr: Expr): Place | undefined {
  if (expr.kind === "name") {
    const found = lookup(module, expr.text);
    return found?.kind === "item" ? found : undefined;
  }
  if (expr.kind !== "member" || expr.object.kind !== "name") return undefined;
  const found = lookup(module, expr.object.text);
  const item = found?.kind === "module" ? found.module.items.get(expr.name.text) : undefined;
  return found === undefined || item === undefined ? undefined : { module: found.module, item };
}

function nameOf(expr: Expr): string {
  return expr.kind === "name" ? expr.text : "";
}

/** Names that hide items in the whole of the definition. */
function localNames(item: NamedItem): ReadonlySet<string> {
  const names = new Set<string>();
  if ("params" in item) for (const param of item.params) names.add(param.name.text);
  if ("sizes" in item) for (const size of item.sizes) names.add(size.name.text);
  if ("fields" in item) for (const field of item.fields) names.add(field.name.text);
  return names;
}
