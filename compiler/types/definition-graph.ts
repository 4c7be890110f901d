/**
 * Which items each item of a module is made of, which are made of themselves in the end, and how much each comes to
 * with all that is in it. A program of machines has chains of thousands of items, so nothing here goes one call
 * deeper for each of them.
 */

import { lookup, type Module, type NamedItem } from "../names/module.ts";
import type { Expr, MemberExpr, NamedType, NameExpr } from "../syntax/ast.ts";
import { expressionsIn, type SyntaxNode, walk } from "../syntax/walk.ts";

/** One item of a module. Imports have no cycles, so a circle of items lies within one module. */
export interface Place {
  readonly module: Module;
  readonly item: NamedItem;
}

/** An item that another names, once or more often. */
export interface Use extends Place {
  readonly times: number;
}

/** What evaluating an item comes to. */
export interface Extent {
  /** Items that lie in each other, the item itself counted. */
  readonly levels: number;
  /** What these take of the stack, in levels of an expression. */
  readonly depth: number;
  /** Items that are evaluated, each as often as it is named. */
  readonly count: number;
}

export interface DefinitionGraph {
  /** What each item names. */
  readonly used: ReadonlyMap<NamedItem, readonly Use[]>;
  /** The items that are made of each other and of themselves, for each that is one of them. */
  readonly circles: ReadonlyMap<NamedItem, readonly NamedItem[]>;
  /** Items that are made of more than is evaluated, though nothing that is in them is. */
  readonly excessive: ReadonlyMap<NamedItem, Extent>;
  /** Of items that have an end. */
  readonly extents: ReadonlyMap<NamedItem, Extent>;
}

/** Well below what the stack bears. */
export const deepest = 500;

/** The copies of a `stack` count as one. */
export const largest = 10_000;

/** What entering an item takes of the stack beside the expression that it is entered from. */
const entering = 4;

/** Items are asked about wherever they are named. What they name is settled by their module, whose items and imports stay. */
const known = new WeakMap<Module, DefinitionGraph>();

export function definitionGraph(module: Module): DefinitionGraph {
  const before = known.get(module);
  if (before !== undefined) return before;
  const items = [...module.items.values()];
  const used = new Map<NamedItem, readonly Use[]>();
  const nesting = new Map<NamedItem, number>();
  for (const item of items) {
    const reading = readingOf({ module, item });
    used.set(item, reading.uses);
    nesting.set(item, reading.nesting);
  }
  const circles = new Map<NamedItem, readonly NamedItem[]>();
  const extents = new Map<NamedItem, Extent>();
  const excessive = new Map<NamedItem, Extent>();
  const extentOf = (place: Place) =>
    (place.module === module ? extents : definitionGraph(place.module).extents).get(place.item);
  for (const members of componentsOf(items, module, used)) {
    const [item] = members;
    const uses = used.get(item) ?? [];
    if (members.length > 1 || uses.some((place) => place.item === item)) {
      for (const member of members) circles.set(member, members);
      continue;
    }
    const parts = uses.flatMap((use) => {
      const extent = extentOf(use);
      return extent === undefined ? [] : [{ use, extent }];
    });
    if (parts.length < uses.length) continue;
    const extent = extentWith(item, nesting.get(item) ?? 0, parts);
    const isWithin = extent.depth <= deepest && extent.count <= largest;
    (isWithin ? extents : excessive).set(item, extent);
  }
  const made = { used, circles, excessive, extents };
  known.set(module, made);
  return made;
}

/** A `let` of a module is evaluated once, and before what is made of it. */
function extentWith(
  item: NamedItem,
  nesting: number,
  parts: readonly { readonly use: Use; readonly extent: Extent }[],
): Extent {
  const own = entering + nesting;
  let [levels, depth, count] = [1, own, 1];
  for (const { use, extent } of parts) {
    const isOnce = use.item.kind === "let";
    const isBefore = isOnce && item.kind === "let";
    levels = Math.max(levels, extent.levels + (isBefore ? 0 : 1));
    depth = Math.max(depth, extent.depth + (isBefore ? 0 : own));
    count += isOnce ? 1 : use.times * extent.count;
  }
  return { levels, depth, count };
}

/** An item whose uses are being followed, and how many of them were. */
interface Visit {
  readonly item: NamedItem;
  readonly uses: readonly Place[];
  next: number;
}

/** Items that use each other together, after those that they use (Tarjan 1972, without its recursion). */
function componentsOf(
  items: readonly NamedItem[],
  module: Module,
  used: DefinitionGraph["used"],
): NamedItem[][] {
  const components: NamedItem[][] = [];
  const found = new Map<NamedItem, number>();
  /** The first item that was found of those that an item leads back to. */
  const lowest = new Map<NamedItem, number>();
  const open: NamedItem[] = [];
  const isOpen = new Set<NamedItem>();
  const visits: Visit[] = [];
  const lower = (item: NamedItem, to: number) =>
    lowest.set(item, Math.min(lowest.get(item) ?? to, to));
  const enter = (item: NamedItem) => {
    lowest.set(item, found.size);
    found.set(item, found.size);
    open.push(item);
    isOpen.add(item);
    visits.push({ item, uses: used.get(item) ?? [], next: 0 });
  };
  const leave = (item: NamedItem) => {
    const lowestOf = lowest.get(item) ?? 0;
    const above = visits.at(-1);
    if (above !== undefined) lower(above.item, lowestOf);
    if (lowestOf !== found.get(item)) return;
    const members = open.splice(open.lastIndexOf(item));
    for (const member of members) isOpen.delete(member);
    components.push(members);
  };
  for (const start of items) {
    if (!found.has(start)) enter(start);
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const place = visit.uses[visit.next++];
      if (place === undefined) {
        visits.pop();
        leave(visit.item);
      } else if (place.module === module) {
        const at = found.get(place.item);
        if (at === undefined) enter(place.item);
        else if (isOpen.has(place.item)) lower(visit.item, at);
      }
    }
  }
  return components;
}

/** What an item names, and how many of its nodes lie in each other. */
interface Reading {
  readonly uses: readonly Use[];
  readonly nesting: number;
}

/** The items that a definition names, records in types included, apart from names that are its own. */
function readingOf({ module, item }: Place): Reading {
  const local = localNames(module, item);
  const uses = new Map<NamedItem, Use>();
  let nesting = 0;
  const add = (found: Place | undefined) => {
    if (found === undefined) return;
    const before = uses.get(found.item)?.times ?? 0;
    uses.set(found.item, { ...found, times: before + 1 });
  };
  walk(item, (node, level) => {
    nesting = Math.max(nesting, level);
    if (isNamedType(node)) add(itemNamed(module, node.name.text));
    else if (isReference(node) && !local.has(nameOf(node))) add(itemOf(module, node));
    return node.kind !== "path";
  });
  for (const found of usedByDefaults({ module, item })) if (!uses.has(found.item)) add(found);
  return { uses: [...uses.values()], nesting };
}

/** In the default of a parameter, its own name and those after it do not yet mean parameters. */
function usedByDefaults({ module, item }: Place): Place[] {
  const fields = "params" in item ? item.params : item.kind === "record" ? item.fields : [];
  const sizes = "sizes" in item ? item.sizes : [];
  const before = new Set(sizes.map(({ name }) => name.text));
  return fields.flatMap(({ name, value }) => {
    const found = (value === undefined ? [] : expressionsIn(value))
      .filter((expr) => !before.has(nameOf(expr)))
      .flatMap((expr) => itemOf(module, expr) ?? []);
    before.add(name.text);
    return found;
  });
}

/** Outside of paths, whose steps are names too. */
function isReference(node: SyntaxNode): node is NameExpr | MemberExpr {
  return node.kind === "name" || node.kind === "member";
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
