/** Making scopes and finding names in them. */

import type { Module } from "../names/module.ts";
import type { Scope, Value } from "./value.ts";

export function moduleScope(module: Module): Scope {
  return { module, names: new Map(), outer: undefined };
}

export function inner(outer: Scope, names: ReadonlyMap<string, Value>): Scope {
  return { module: outer.module, names, outer };
}

/** The outermost scope, which holds what the program's own items stand for. */
export function rootOf(scope: Scope): Scope {
  return scope.outer === undefined ? scope : rootOf(scope.outer);
}

export function find(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const value = at.names.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
