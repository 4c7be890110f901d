/** What files ask of a model's adapters: a `merge` clause in a whole model, a `checkpoint "peft"` beside a base. */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/file.ts";
import type { Merge } from "../syntax/ast.ts";
import { showType } from "../types/show.ts";
import type { Instance, Parameter } from "../types/value.ts";
import { adaptedBlocks } from "./adapt.ts";
import { checkpointOf } from "./checkpoint.ts";
import type { ExportStep } from "./pipeline.ts";
import { withField } from "./step-edit.ts";
import { roundedBits } from "./storage.ts";

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

/** Adapters that cannot be merged, each once. `at` is what in the program asks for it, if anything there does. */
export function unmergeable(root: Instance, at: Span | undefined): Diagnostic[] {
  return firstOfEach(root, (block) => mergeMembers(block).length === 0).map((block) =>
    error("no-merge", {
      at: at ?? ruleSpan(block),
      title: `${block.name} on ${block.path} cannot become part of a weight`,
      secondary: [{ span: ruleSpan(block), text: "this rewrite has no `merge`" }],
      notes: [
        `A whole model has no place for ${block.name} beside ${showType(block.base ?? block)}, so its files would be those of the model before training.`,
      ],
      fixes: [
        { text: "merge base.weight = …, in the adapter" },
        ...(hasLayout(block) ? [{ text: "format = peft" }] : []),
      ],
    }),
  );
}

/** An export that adds what adapters learned to weights that were rounded to few bits. */
export function lossyMerge({ item, model: named, format }: ExportStep): Diagnostic[] {
  const { root, storage, base } = named.model;
  const bits = storage && roundedBits(storage);
  const adapted = adaptedBlocks(root);
  if (storage === undefined || bits === undefined || format === "peft" || adapted.length === 0)
    return [];
  const value = (name: string) => item.fields.find((one) => one.name.text === name)?.value;
  const apart = "format = peft, which writes the adapters by themselves";
  return [
    error("lossy-merge", {
      at: value("format")?.span ?? value("model")?.span ?? item.name.span,
      title: `the adapters of ${named.name} are merged into ${base}, whose weights are rounded to ${bits} bits`,
      secondary: [{ span: storage.at, text: `of ${2 ** bits} values each` }],
      notes: [
        "What an adapter adds to a weight is mostly less than the step from one of these values to the next.",
        "So the files would hold neither the model as it was published nor all that was learned.",
      ],
      fixes: [
        ...(adapted.every(hasLayout) ? [withField(item, "format", "peft", "model", apart)] : []),
        replace(
          storage.span,
          "",
          `${base} without \`as ${storage.name}\`, merged as it was published`,
        ),
      ],
    }),
  ];
}

/** Adapters that PEFT's files have no form for, each once. `at` is what asks for it. */
export function withoutLayout(root: Instance, at: Span): Diagnostic[] {
  return firstOfEach(root, (block) => !hasLayout(block)).map((block) =>
    error("no-peft-layout", {
      at,
      title: `nothing says how PEFT's files call what ${block.name} brings`,
      secondary: [{ span: ruleSpan(block), text: 'this rewrite has no `checkpoint "peft"`' }],
      notes: ["An adapter is written by itself, in the layout that other programs load."],
      fixes: [
        { text: 'checkpoint "peft" { … }, in the adapter' },
        { text: "an export with format = safetensors, which merges the adapter" },
      ],
    }),
  );
}

function hasLayout({ item }: Instance): boolean {
  return checkpointOf(item, "peft") !== undefined;
}

/** One block of each adapter. */
function firstOfEach(root: Instance, is: (block: Instance) => boolean): Instance[] {
  const first = new Map<string, Instance>();
  for (const block of adaptedBlocks(root).filter(is)) {
    if (!first.has(block.name)) first.set(block.name, block);
  }
  return [...first.values()];
}

/** The line that begins the rewrite: all of it would be shown otherwise. */
function ruleSpan({ item }: Instance): Span {
  return item.kind === "rewrite" ? item.target.span : item.span;
}

function mergeMembers(block: Instance): Merge[] {
  return block.item.members.filter((member) => member.kind === "merge");
}
