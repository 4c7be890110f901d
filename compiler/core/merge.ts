/** What exporting a whole model asks of its adapters: which parameters they change, and by which clause. */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/file.ts";
import type { Merge } from "../syntax/ast.ts";
import { showType } from "../types/show.ts";
import type { Instance, Parameter } from "../types/value.ts";
import { adaptedBlocks } from "./adapt.ts";

export interface Merging {
  /** The rewritten block. */
  readonly block: Instance;
  readonly member: Merge;
  /** The parameter of the block as it was that the clause gives anew. */
  readonly parameter: Parameter;
}

/** A clause for a parameter that this block does not have, such as a bias, says nothing here. */
export function mergesOf(root: Instance): Merging[] {
  return adaptedBlocks(root).flatMap((block) =>
    mergeMembers(block).flatMap((member) => {
      const [, name] = member.path.steps;
      const parameter = name?.kind === "name" ? block.base?.parameters.get(name.text) : undefined;
      return parameter === undefined ? [] : [{ block, member, parameter }];
    }),
  );
}

/** Adapters that cannot be merged, each once. `at` is what asks for it. */
export function unmergeable(root: Instance, at: Span): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const block of adaptedBlocks(root)) {
    if (mergeMembers(block).length > 0 || found.has(block.name)) continue;
    found.set(
      block.name,
      error("no-merge", {
        at,
        title: `${block.name} on ${block.path} cannot become part of a weight`,
        secondary: [{ span: block.item.span, text: "this rewrite has no `merge`" }],
        notes: [
          `A whole model has no place for ${block.name} beside ${showType(block.base ?? block)}, so its files would be those of the model before training.`,
        ],
        fixes: [{ text: "format = peft" }, { text: "merge base.weight = …, in the adapter" }],
      }),
    );
  }
  return [...found.values()];
}

function mergeMembers(block: Instance): Merge[] {
  return block.item.members.filter((member) => member.kind === "merge");
}
