/**
 * Items that are not evaluated: those that are defined by themselves, since the language has no recursion and they
 * would not end; and those that are made of more than the machine's stack bears, or than anybody waits for.
 */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { showCount } from "../diagnostics/list.ts";
import type { Module, NamedItem } from "../names/module.ts";
import type { LetItem } from "../syntax/ast.ts";
import { deepest, definitionGraph, largest } from "./definition-graph.ts";

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

/** One report for each item of the module that is made of too much, where it comes to be that. */
export function excessIn(module: Module): Diagnostic[] {
  return [...definitionGraph(module).excessive].map(([item, { levels, depth, count }]) => {
    const name = `\`${item.name.text}\``;
    return error("made-of-too-much", {
      at: item.name.span,
      title:
        depth > deepest
          ? `${name} is made of ${showCount(levels)} definitions in each other, which is too deep to follow`
          : `${name} comes to ${showCount(count)} definitions in the end, and ${showCount(largest)} are the most`,
      fixes: [
        {
          text:
            depth > deepest
              ? "make it of parts beside each other, rather than one in the other"
              : "name each part once, and use what it gives",
        },
      ],
    });
  });
}

/** Whether the item can be evaluated. One that cannot is reported where it or what it is made of is defined. */
export function hasEnd(module: Module, item: NamedItem): boolean {
  return definitionGraph(module).extents.has(item);
}

/** Of a longer way, nobody reads each step. */
const longestWay = 20;

function titleOf(module: Module, item: NamedItem, members: readonly NamedItem[]): string {
  const name = `\`${item.name.text}\``;
  if (members.length > longestWay)
    return `${name} is one of ${showCount(members.length)} items that are defined by each other`;
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
