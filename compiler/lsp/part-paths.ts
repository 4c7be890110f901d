/** Paths over blocks, `layers.*.self_attn.{q_proj, v_proj}`: which parts of which blocks their steps name. */

import type { Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { BlockItem, PathStep, Rewrite } from "../syntax/ast.ts";
import type { Instance, Stack, Value } from "../types/value.ts";
import { type Declaration, isPart, partDeclaration } from "./declaration.ts";

/** A block at a place of a tree, as far as paths go: its parts, and what each of them is. */
export type Block = Instance | Stack;

/** A name in a path and the part that it names. A pattern may name several with the same letters. */
export interface NamedPart {
  readonly span: Span;
  readonly declared: Declaration;
}

export function partsAlong(
  starts: readonly Block[],
  steps: readonly PathStep[],
): readonly NamedPart[] {
  const found: NamedPart[] = [];
  let blocks: readonly Block[] = starts;
  for (const step of steps) {
    for (const { text, span } of namesOf(step)) {
      const declared = blocks.flatMap((block) => partOf(block, text) ?? []);
      for (const one of new Map(declared.map((part) => [part.name, part])).values())
        found.push({ span, declared: one });
    }
    blocks = distinct(blocks.flatMap((block) => below(block, step)));
  }
  return found;
}

function namesOf(step: PathStep): readonly { readonly text: string; readonly span: Span }[] {
  if (step.kind === "name") return [step];
  return step.kind === "choice" ? step.choices : [];
}

/** Copies of a stack are alike, so one stands for all. */
function below(block: Block, step: PathStep): readonly Block[] {
  if (step.kind === "any-depth")
    return [block, ...childrenOf(block).flatMap((one) => below(one, step))];
  if (step.kind === "any") return childrenOf(block);
  const names = namesOf(step).map(({ text }) => text);
  if (block.kind === "stack")
    return names.some((name) => /^\d+$/.test(name)) ? childrenOf(block) : [];
  return names.flatMap((name) => childOf(block, name) ?? []);
}

function distinct(blocks: readonly Block[]): readonly Block[] {
  return [...new Set(blocks)];
}

function childrenOf(block: Block): readonly Block[] {
  if (block.kind === "stack") return block.copies.slice(0, 1);
  const wrapped = block.base === undefined ? [] : childrenOf(block.base);
  return [...wrapped, ...block.children.values()];
}

/** Its own, or that of the block which it wraps. */
function childOf(block: Instance, name: string): Block | undefined {
  return block.children.get(name) ?? (block.base && childOf(block.base, name));
}

/** A part of the block's own, or of the one that it wraps. */
function partOf(block: Block, name: string): Declaration | undefined {
  if (block.kind === "stack") return undefined;
  const own = declaredPart(block.item, block.module, name);
  return own ?? (block.base && partOf(block.base, name));
}

export function declaredPart(
  item: BlockItem | Rewrite,
  module: Module,
  name: string,
): Declaration | undefined {
  const part = item.members.filter(isPart).find((one) => one.name.text === name);
  return part && partDeclaration(module, part);
}

export function isBlock(value: Value | undefined): value is Block {
  return value?.kind === "instance" || value?.kind === "stack";
}

/** A parameter below a block: the names that lead to it, and the part that each one is. */
export interface ParameterPath {
  readonly names: readonly string[];
  readonly parts: readonly (Declaration | undefined)[];
}

/** Of every parameter that a block has, its own and those of its parts. Copies of a stack are `0`. */
export function parameterPaths(
  item: BlockItem | Rewrite,
  module: Module,
  blockOf: (part: Declaration) => Block | undefined,
): readonly ParameterPath[] {
  return item.members.filter(isPart).flatMap((member): readonly ParameterPath[] => {
    const declared = partDeclaration(module, member);
    const above = { names: [member.name.text], parts: [declared] };
    if (member.kind === "param") return [above];
    const value = blockOf(declared);
    return value === undefined ? [] : pathsBelow(value).map((path) => joined(above, path));
  });
}

function pathsBelow(block: Block): readonly ParameterPath[] {
  if (block.kind === "stack") {
    const copy = { names: ["0"], parts: [undefined] };
    return childrenOf(block)
      .flatMap(pathsBelow)
      .map((path) => joined(copy, path));
  }
  return parameterPaths(block.item, block.module, ({ name }) => block.children.get(name.text));
}

function joined(above: ParameterPath, path: ParameterPath): ParameterPath {
  return { names: [...above.names, ...path.names], parts: [...above.parts, ...path.parts] };
}
