/** `adapt`: a model with some blocks rewritten, and the decision which parameters are trained. */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { lookup } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import type { AdaptItem, AdaptLine, Path, Rewrite } from "../syntax/ast.ts";
import type { Context } from "../types/context.ts";
import { rewrite } from "../types/instance.ts";
import { showType } from "../types/show.ts";
import type { Closure, Instance, Scope } from "../types/value.ts";
import { deadChoices, matches, matching, noSuchLayer, patternsIn, patternsOf } from "./path.ts";
import { blocksOf, parametersOf, replaceAt, tiesOf } from "./tree.ts";

export interface Adapted {
  readonly root: Instance;
  /** Paths of the parameters that are trained. */
  readonly trained: ReadonlySet<string>;
}

/**
 * Everything of the base is frozen but what a line trains; what adapters bring is trained. Undefined after a report:
 * a model that lacks an adapter is not the one that was meant.
 */
export function adapted(
  context: Context,
  scope: Scope,
  base: Instance,
  item: AdaptItem,
): Adapted | undefined {
  const found: Diagnostic[] = [];
  const made = adaptedBy(
    { ...context, report: (fault) => void found.push(fault) },
    scope,
    base,
    item,
  );
  for (const fault of found) context.report(fault);
  return found.some(({ severity }) => severity === "error") ? undefined : made;
}

function adaptedBy(context: Context, scope: Scope, base: Instance, item: AdaptItem): Adapted {
  let root = base;
  const trained = new Set<string>();
  for (const line of item.lines) {
    switch (line.kind) {
      case "rewrite-on":
        root = rewritten(context, scope, root, line, trained);
        break;
      case "train-path":
        for (const path of named(context, root, line.path)) trained.add(path);
        break;
      case "freeze-path":
        for (const path of named(context, root, line.path)) trained.delete(path);
        break;
      default:
        line satisfies never;
    }
  }
  return { root, trained };
}

function rewritten(
  context: Context,
  scope: Scope,
  root: Instance,
  line: Extract<AdaptLine, { kind: "rewrite-on" }>,
  trained: Set<string>,
): Instance {
  const value = context.evaluate(context, scope, line.adapter);
  if (value.kind === "error") return root;
  const adapter = closureOf(value);
  if (adapter === undefined || adapter.item.kind !== "adapter") {
    context.report(
      error("not-that-kind", {
        at: line.adapter.span,
        title: `an adapter goes on a path, and this is ${showType(value)}`,
      }),
    );
    return root;
  }
  const { rewrites } = adapter.item;
  const ruleOf = (block: Instance) => rewrites.find((rule) => fits(adapter, rule, block));
  const found = matching(root, line.path);
  for (const fault of found.length === 0 ? [] : deadChoices(root, line.path)) context.report(fault);
  const targets = found.filter((block) => ruleOf(block) !== undefined);
  const name = adapter.item.name.text;
  if (targets.length === 0) {
    context.report(
      found.length === 0
        ? noSuchLayer(
            root,
            line.path,
            (block) => ruleOf(block) !== undefined,
            `${name} can rewrite`,
          )
        : wrongBlock(root, line.path, found, adapter, ruleOf),
    );
    return root;
  }
  const ties = tiesOf(root);
  const isTied = (block: Instance) =>
    [...block.parameters.values()].some((one) => ties.has(one.path));
  const tied = targets.find(isTied);
  if (tied !== undefined) {
    const others = new Set(targets.filter((block) => !isTied(block)));
    context.report(
      onTied(
        line,
        tied,
        ties,
        patternsIn(root, (block) => others.has(block)),
      ),
    );
  }
  const twice = targets.find((block) => block.adapter !== undefined);
  if (twice !== undefined) {
    context.report(
      error("adapted-twice", {
        at: line.path.span,
        title: `${twice.path} has an adapter already, ${twice.adapter?.item.name.text ?? ""}`,
        fixes: [{ text: "let each line name layers of its own" }],
      }),
    );
    return root;
  }
  const faults = new Set<string>();
  const paths = new Set(targets.map((block) => block.path));
  return replaceAt(root, paths, (block) => {
    const rule = ruleOf(block);
    if (rule === undefined) return block;
    // The same fault in every layer is said once.
    const once: Context = { ...context, report: (fault) => reportOnce(context, faults, fault) };
    const { written } = adapter;
    const at = line.adapter.span;
    const labels = [{ span: line.path.span, text: `${block.path} is ${showType(block)}` }];
    const made = rewrite(once, adapter, rule, block, {
      at,
      slug: "adapter-requirement",
      labels,
      written,
    });
    for (const parameter of made.parameters.values()) trained.add(parameter.path);
    return made;
  });
}

function reportOnce(context: Context, faults: Set<string>, fault: Diagnostic): void {
  const key = `${fault.slug}:${fault.title}`;
  if (faults.has(key)) return;
  faults.add(key);
  context.report(fault);
}

/** A rule rewrites blocks of the item that its target's name means in the adapter's own module. */
function fits(adapter: Closure, rule: Rewrite, block: Instance): boolean {
  const target = lookup(adapter.module, rule.target.text);
  const own = block.base?.item ?? block.item;
  return target?.kind === "item" && target.item === own;
}

function closureOf(value: ReturnType<Context["evaluate"]>): Closure | undefined {
  return value.kind === "closure" ? value : undefined;
}

/** Parameters that a path names: itself, or everything below a block. */
function named(context: Context, root: Instance, path: Path): string[] {
  const found = parametersOf(root)
    .map((owned) => owned.parameter.path)
    .filter((own) => {
      const names = own.split(".");
      return names.some((_, at) => matches(path.steps, names.slice(0, at + 1)));
    });
  if (found.length === 0) context.report(noSuchLayer(root, path, () => true, "The model has"));
  return found;
}

function wrongBlock(
  root: Instance,
  path: Path,
  found: readonly Instance[],
  adapter: Closure,
  ruleOf: (block: Instance) => Rewrite | undefined,
): Diagnostic {
  const name = adapter.item.name.text;
  return error("adapter-does-not-fit", {
    at: path.span,
    title: `${name} cannot rewrite ${found[0].path}, which is ${showType(found[0])}`,
    notes: [`${name} can rewrite ${patternsOf(root, (block) => ruleOf(block) !== undefined)}.`],
  });
}

function onTied(
  { path, span }: Extract<AdaptLine, { kind: "rewrite-on" }>,
  block: Instance,
  ties: ReadonlyMap<string, string>,
  others: readonly string[],
): Diagnostic {
  const [parameter] = [...block.parameters.values()].filter((one) => ties.has(one.path));
  const adapter = textOf({ ...span, end: path.span.start });
  const lines = others.map((other) => `${adapter}${other}`).join("\n  ");
  return error("adapter-on-tied", {
    at: path.span,
    title: `${parameter.path} is the same weight as ${ties.get(parameter.path) ?? ""}, so an adapter here would miss half of it`,
    notes: [
      "Merging it would change the other as well, and tools that load the adapter disagree about which they change.",
    ],
    fixes: [
      others.length === 0
        ? replace(span, "", "leave this line out")
        : // Of some of the layers the patterns, which are of all, would say too much.
          /\d/.test(textOf(path.span))
          ? { text: "leave it out of the pattern" }
          : replace(span, lines, others.join(" and ")),
    ],
  });
}

/** Blocks with an adapter, in the tree's order. */
export function adaptedBlocks(root: Instance): Instance[] {
  return blocksOf(root).filter((block) => block.adapter !== undefined);
}
