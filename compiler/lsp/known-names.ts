/**
 * Names that files of models have: of tensors, which are paths of parts, and of keys in config.json, which are fields.
 * Where a block says what a file calls them, in its `checkpoint`, they may be called anything here.
 */

import { checkpointOf, plainString } from "../core/checkpoint.ts";
import { matches } from "../core/path.ts";
import { lookup, type Module } from "../names/module.ts";
import type { BlockItem, Checkpoint, Rewrite } from "../syntax/ast.ts";
import type { Findings } from "../types/findings.ts";
import { configOf, type Declaration, isPart } from "./declaration.ts";
import { isBlock, parameterPaths } from "./part-paths.ts";
import type { Facts } from "./uses.ts";

/** Why a part or a field is called what it is by files; undefined where none knows it by that name. */
export function nameInFiles(
  declared: Declaration,
  modules: ReadonlyMap<Module, Facts>,
): string | undefined {
  for (const [module, { findings }] of modules) {
    for (const filed of filedBlocks(module)) {
      const reason =
        declared.role === "part" ? tensorOf(declared, filed, findings) : keyOf(declared, filed);
      if (reason !== undefined) return reason;
    }
  }
  return undefined;
}

interface Filed {
  readonly item: BlockItem | Rewrite;
  readonly module: Module;
  readonly clause: Checkpoint | undefined;
}

/** Blocks that say what files call them, that models load, and rewrites that are saved as adapters. */
function filedBlocks(module: Module): readonly Filed[] {
  return [...module.items.values()].flatMap((item): readonly Filed[] => {
    switch (item.kind) {
      case "block": {
        const clause = checkpointOf(item, "hf");
        return clause === undefined ? [] : [{ item, module, clause }];
      }
      case "adapter":
        return item.rewrites.flatMap((rule) => {
          const clause = checkpointOf(rule, "peft");
          return clause === undefined ? [] : [{ item: rule, module, clause }];
        });
      case "model": {
        const found = item.value.kind === "name" ? lookup(module, item.value.text) : undefined;
        if (item.from === undefined || found?.kind !== "item" || found.item.kind !== "block")
          return [];
        return [{ item: found.item, module: found.module, clause: checkpointOf(found.item, "hf") }];
      }
      default:
        return [];
    }
  });
}

function tensorOf(
  declared: Declaration,
  { item, module, clause }: Filed,
  findings: Findings,
): string | undefined {
  const blockOf = ({ name }: Declaration) => {
    const part = item.members.filter(isPart).find((one) => one.name === name);
    const value = part?.kind === "let" ? findings.of(part.value)?.value : undefined;
    return isBlock(value) ? value : undefined;
  };
  for (const { names, parts } of parameterPaths(item, module, blockOf)) {
    const place = parts.findIndex((part) => part?.name === declared.name);
    if (place < 0) continue;
    const isMapped = clause?.weights.some(
      ({ path: { steps } }) => steps.length > place && matches(steps, names.slice(0, steps.length)),
    );
    if (isMapped !== true)
      return `files of weights call it so, in \`${names.join(".")}\`: say what they call it in the \`checkpoint\` of ${titleOf(item)} first`;
  }
  return undefined;
}

function keyOf(declared: Declaration, { item, module, clause }: Filed): string | undefined {
  if (item.kind !== "block") return undefined;
  const field = configOf(module, item)?.fields.find(({ name }) => name === declared.name);
  if (field === undefined) return undefined;
  const mapped = clause?.config.find(({ name }) => name.text === field.name.text)?.value;
  // What is nested in newer files stands under the field's own name in others.
  if (mapped?.kind === "string" && !plainString(mapped).includes(".")) return undefined;
  return `config.json of a ${item.name.text} has it under this name: say what that file calls it in the \`checkpoint\` of ${titleOf(item)} first`;
}

function titleOf(item: BlockItem | Rewrite): string {
  return item.kind === "block" ? item.name.text : `the rewrite of ${item.target.text}`;
}
