/** The tree of a model's blocks: its parameters by path, its parts by path, and replacing one of them. */

import type { Instance, Parameter, Stack } from "../types/value.ts";

/** A parameter and the instance that owns it. */
export interface Owned {
  readonly parameter: Parameter;
  /** Its name in its owner: `weight`. */
  readonly name: string;
  readonly owner: Instance;
}

/** Every parameter, in the order of the blocks' members; those of a rewritten block before its adapter's. */
export function parametersOf(root: Instance): Owned[] {
  const own = [...root.parameters].map(([name, parameter]) => ({ parameter, name, owner: root }));
  const base = root.base === undefined ? [] : parametersOf(root.base);
  return [...base, ...own, ...childrenOf(root).flatMap(parametersOf)];
}

/** Direct parts; a stack's copies are parts of whoever has the stack. */
export function childrenOf(instance: Instance): Instance[] {
  return [...instance.children.values()].flatMap((child) =>
    child.kind === "stack" ? [...child.copies] : [child],
  );
}

/** The instance and everything below it, itself first. A rewritten block stands for what it wraps. */
export function blocksOf(root: Instance): Instance[] {
  const below = childrenOf(root).flatMap(blocksOf);
  const wrapped = root.base === undefined ? [] : childrenOf(root.base).flatMap(blocksOf);
  return [root, ...wrapped, ...below];
}

/** Ties of the whole tree: the first path shares the data of the second. */
export function tiesOf(root: Instance): ReadonlyMap<string, string> {
  const ties = new Map<string, string>();
  for (const block of blocksOf(root)) {
    for (const tie of [...block.ties, ...(block.base?.ties ?? [])]) ties.set(tie.path, tie.to);
  }
  return ties;
}

/** The tree with `change` applied to the instances at these paths. */
export function replaceAt(
  root: Instance,
  paths: ReadonlySet<string>,
  change: (instance: Instance) => Instance,
): Instance {
  const children = new Map<string, Instance | Stack>();
  for (const [name, child] of root.children) {
    children.set(
      name,
      child.kind === "stack"
        ? { ...child, copies: child.copies.map((copy) => replaceAt(copy, paths, change)) }
        : replaceAt(child, paths, change),
    );
  }
  const base = root.base === undefined ? undefined : replaceAt(root.base, new Set(), change);
  const rebuilt: Instance = { ...root, children, base };
  return paths.has(root.path) ? change(rebuilt) : rebuilt;
}
