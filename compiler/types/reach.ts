/**
 * What could be named at a place, for who wrote a name that is not there. A module's names are indexed once, and
 * those of a scope that grows again when it has grown by much, for there may be as many faults as names.
 */

import { NameIndex, nearest } from "../diagnostics/suggest.ts";
import { importPath, itemNames, type Module } from "../names/module.ts";
import type { Name } from "../syntax/ast.ts";
import { builtins, constantNames } from "./builtins.ts";
import type { Scope, Value } from "./value.ts";

/** The name in reach that was probably meant: of this scope, of those around it, of the module, of the language. */
export function nearestInReach(scope: Scope, name: string): string | undefined {
  const groups: (NameIndex | readonly string[])[] = [];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer)
    groups.push(...namesIn(at.names));
  return nearest(name, ...groups, reachOf(scope.module).names);
}

interface Elsewhere {
  readonly path: string;
  readonly name: string;
}

/** What a module that is imported has of that name, or of one that is near if `near`, and that was not asked for. */
export function foundElsewhere(module: Module, name: string, near: boolean): Elsewhere | undefined {
  for (const [path, source] of reachOf(module).sources) {
    if (source.items.has(name)) return { path, name };
    const close = near ? nearest(name, itemNames(source)) : undefined;
    if (close !== undefined) return { path, name: close };
  }
  return undefined;
}

/** The last name in the braces of the module's imports of a path. */
export function lastImported(module: Module, path: string): Name | undefined {
  return reachOf(module).lastImported.get(path);
}

interface Reach {
  /** Of its items, its imports and the language. */
  readonly names: NameIndex;
  /** The modules that it imports, by path. */
  readonly sources: ReadonlyMap<string, Module>;
  readonly lastImported: ReadonlyMap<string, Name>;
}

const known = new WeakMap<Module, Reach>();

function reachOf(module: Module): Reach {
  const before = known.get(module);
  if (before !== undefined) return before;
  const { items, imports, file } = module;
  const lasts = new Map<string, Name>();
  for (const item of file.items) {
    const last = item.kind === "import" ? item.names.at(-1) : undefined;
    if (item.kind === "import" && last !== undefined) lasts.set(importPath(item), last);
  }
  const language = [...Object.keys(builtins), ...constantNames];
  const made: Reach = {
    names: new NameIndex([...items.keys(), ...imports.keys(), ...language]),
    sources: new Map([...imports.values()].map((one) => [one.module.path, one.module])),
    lastImported: lasts,
  };
  known.set(module, made);
  return made;
}

/** Of the first names of a scope, which only grows. */
const indexes = new WeakMap<ReadonlyMap<string, Value>, { index: NameIndex; count: number }>();

/** Fewer are as soon looked through. */
const worthAnIndex = 256;

/** Without runs of axes, which nobody names like a value. */
function namesIn(names: ReadonlyMap<string, Value>): (NameIndex | readonly string[])[] {
  const plain = (some: readonly string[]) => some.filter((one) => !one.startsWith(".."));
  if (names.size < worthAnIndex) return [plain([...names.keys()])];
  const all = [...names.keys()];
  let own = indexes.get(names);
  if (own === undefined || names.size - own.count > own.count / 8) {
    own = { index: new NameIndex(plain(all)), count: all.length };
    indexes.set(names, own);
  }
  return [own.index, plain(all.slice(own.count))];
}
