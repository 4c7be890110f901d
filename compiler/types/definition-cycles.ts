/** Items that are defined by themselves. The language has no recursion, so evaluating one would not end. */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { Module, NamedItem } from "../names/module.ts";
import type { LetItem } from "../syntax/ast.ts";
import { definitionGraph } from "./definition-graph.ts";

/** One report for each item of the module that its own definition uses. */
export function cyclesOf(module: Module): Diagnostic[] {
  return [...definitionGraph(module).circles].map(([item, members]) =>
    error("defined-by-itself", {
      at: item.name.span,
      title: titleOf(module, item, members),
      notes: ["There is no recursion: everything is known before anything runs."],
    }),
  );
}

/** Whether evaluating the item would come to one that is defined by itself. */
export function reachesCycle(module: Module, item: NamedItem): boolean {
  return definitionGraph(module).endless.has(item);
}

/** Of a longer way, nobody reads each step. */
const longestWay = 20;

function titleOf(module: Module, item: NamedItem, members: readonly NamedItem[]): string {
  const name = `\`${item.name.text}\``;
  if (members.length > longestWay)
    return `${name} is one of ${members.length.toLocaleString("en-US")} items that are defined by each other`;
  const names = wayBack(module, item, members).map((one) => `\`${one.name.text}\``);
  return names.length === 0
    ? `${name} is defined by itself`
    : `${name} is defined by ${[...names, name].join(", which is defined by ")}`;
}

/** The items on a way from the item back to itself, all of which are in its circle. */
function wayBack(module: Module, start: NamedItem, members: readonly NamedItem[]): NamedItem[] {
  const { used } = definitionGraph(module);
  const left = new Set(members);
  const look = (way: readonly NamedItem[]): NamedItem[] | undefined => {
    for (const { item } of used.get(way.at(-1) ?? start) ?? []) {
      if (item === start) return [...way];
      if (!left.delete(item)) continue;
      const found = look([...way, item]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  left.delete(start);
  return look([]) ?? [];
}

/** The values that an item's definition names itself. */
export function letsUsedBy(
  module: Module,
  item: LetItem,
): { readonly module: Module; readonly item: LetItem }[] {
  return (definitionGraph(module).used.get(item) ?? []).flatMap((place) =>
    place.item.kind === "let" ? [{ module: place.module, item: place.item }] : [],
  );
}
