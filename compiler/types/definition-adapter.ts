/**
 * Adapters checked: each rewrite is applied to its block with symbols for sizes. What it gives must be called
 * as the block is, so the two `forward`s have one signature; `merge` gives a parameter of the block's own shape.
 */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { lookup, type Module } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import type { AdapterItem, BlockItem, Forward, Merge, Rewrite } from "../syntax/ast.ts";
import { type Size, symbol } from "../tensor/size.ts";
import { reportPrecision } from "./agreement.ts";
import { abstractOf, sizeEntry } from "./annotation.ts";
import { sameAxis } from "./axis.ts";
import { type Context, silenced } from "./context.ts";
import { checkMembers } from "./definition-block.ts";
import { insideOf, reportTwice } from "./definition-signature.ts";
import { build, forwardOf, innerScope, rewrite } from "./instance.ts";
import { whole } from "./number.ts";
import { inner, moduleScope } from "./scope.ts";
import { showShape, showType } from "./show.ts";
import { axis, type Closure, type Instance, tensor, type Value } from "./value.ts";

export function checkAdapter(context: Context, module: Module, item: AdapterItem): void {
  const inside = insideOf(context, moduleScope(module), [], item.params);
  const closure: Closure = {
    kind: "closure",
    item,
    module,
    arguments: inside.scope.names,
    written: new Map(),
  };
  if (item.rewrites.length === 0) {
    context.report(
      error("missing-field", {
        at: item.name.span,
        title: `\`${item.name.text}\` says of no block what it makes of it`,
        fixes: [{ text: "rewrite Linear[I, O] as base { … }" }],
      }),
    );
  }
  reportTwice(
    context,
    item.rewrites.map((rule) => rule.target),
  );
  for (const rule of item.rewrites) checkRewrite(inside.context, module, closure, rule);
}

function checkRewrite(context: Context, module: Module, adapter: Closure, rule: Rewrite): void {
  const target = blockOf(context, module, rule);
  if (target === undefined || !sizesAgree(context, target.item, rule)) return;
  const names = [
    ...adapter.item.params.map(({ name }) => name),
    ...rule.sizes.map(({ name }) => name),
  ];
  const all = [...names, rule.base];
  reportTwice(context, all);
  // Inside, one of two names would stand for the other's thing.
  if (new Set(all.map(({ text }) => text)).size < all.length) return;
  const base = abstractBlock(context, target.module, target.item, rule);
  const within = { ...context, facts: [...context.facts, ...base.facts] };
  const made = rewrite(within, adapter, rule, base, undefined);
  const members = { ...within, facts: [...within.facts, ...made.facts] };
  checkMembers(members, made, rule.members, adapter.item.name.text);
  const merges = rule.members.filter((member) => member.kind === "merge");
  reportTwice(
    context,
    merges.map(({ path }) => ({ text: textOf(path.span), span: path.span })),
  );
  for (const member of merges) checkMerge(members, made, base, member);
  const forward = rule.members.find((member) => member.kind === "forward");
  if (forward === undefined) {
    context.report(
      error("missing-field", {
        at: rule.target.span,
        title: `this rewrite has no \`forward\`, so nothing says what it computes in place of \`${rule.target.text}\``,
      }),
    );
  }
  const own = forwardOf(base);
  if (forward !== undefined && own !== undefined)
    checkSignatures(members, made, base, forward, own);
}

function blockOf(
  context: Context,
  module: Module,
  rule: Rewrite,
): { readonly module: Module; readonly item: BlockItem } | undefined {
  const name = rule.target.text;
  if (name === "") return undefined;
  const found = lookup(module, name);
  if (found?.kind === "item" && found.item.kind === "block")
    return { module: found.module, item: found.item };
  const blocks = [...module.items, ...module.imports].flatMap(([own]) => {
    const one = lookup(module, own);
    return one?.kind === "item" && one.item.kind === "block" ? [own] : [];
  });
  const near = nearest(name, blocks);
  context.report(
    found === undefined
      ? error("no-such-name", {
          at: rule.target.span,
          title: `nothing here is called \`${name}\``,
          notes:
            blocks.length === 0
              ? ["A rewrite names a block, and this file has and imports none."]
              : [],
          fixes: near === undefined ? [] : [replace(rule.target.span, near)],
        })
      : error("not-that-kind", {
          at: rule.target.span,
          title: `a rewrite is of a block, and \`${name}\` is ${found.kind === "item" ? `a ${found.item.kind}` : "a module"}`,
        }),
  );
  return undefined;
}

function sizesAgree(context: Context, item: BlockItem, rule: Rewrite): boolean {
  if (rule.sizes.length === item.sizes.length && rule.sizes.every((size) => !size.run)) return true;
  const wanted = item.sizes.map((size) => size.name.text).join(", ");
  context.report(
    error("missing-argument", {
      at: rule.target.span,
      title:
        wanted === ""
          ? `\`${item.name.text}\` has no sizes`
          : `\`${item.name.text}\` has the sizes [${wanted}]`,
      fixes:
        wanted === ""
          ? []
          : [{ text: `rewrite ${item.name.text}[${wanted}] as ${rule.base.text}` }],
    }),
  );
  return false;
}

/** The block with the rewrite's names for its sizes. Faults inside the block are found where it is defined. */
function abstractBlock(context: Context, module: Module, item: BlockItem, rule: Rewrite): Instance {
  const silent: Context = { ...silenced(context), facts: [] };
  const sizes = item.sizes.map((size, place): [string, Size] => [
    size.name.text,
    symbol(rule.sizes[place].name.text),
  ]);
  const names = sizes.map(([name, size]): [string, Value] => [name, whole(size)]);
  const inside = insideOf(silent, inner(moduleScope(module), new Map(names)), [], item.params);
  return build(inside.context, item, module, sizes, inside.scope, undefined);
}

function checkMerge(context: Context, made: Instance, base: Instance, member: Merge): void {
  const [first, second, ...more] = member.path.steps;
  const rule = made.item.kind === "rewrite" ? made.item.base.text : "";
  const parameter = second?.kind === "name" ? base.parameters.get(second.text) : undefined;
  const ofBase = first?.kind === "name" && first.text === rule && more.length === 0;
  if (!ofBase || parameter === undefined) {
    if (member.path.steps.length > 0) reportMergePath(context, member, rule, base);
    return;
  }
  const value = context.evaluate(context, innerScope(context, made), member.value);
  if (value.kind === "error") return;
  if (value.kind === "tensor" && value.dtype !== parameter.dtype) {
    const wanted = tensor(parameter.dtype, parameter.shape);
    reportPrecision(
      context,
      value,
      wanted,
      `the elements of ${textOf(member.path.span)}`,
      member.value.span,
    );
    return;
  }
  const alike =
    value.kind === "tensor" &&
    value.shape.length === parameter.shape.length &&
    value.shape.every((one, at) => sameAxis(context, one, parameter.shape[at]) === "equal");
  if (alike) return;
  context.report(
    error("size-mismatch", {
      at: member.value.span,
      title: `the merged ${textOf(member.path.span)} has the axes [${showShape(parameter.shape)}], and this is ${showType(value)}`,
    }),
  );
}

function reportMergePath(context: Context, member: Merge, base: string, target: Instance): void {
  const names = [...target.parameters.keys()].map((name) => `${base}.${name}`);
  context.report(
    error("no-such-field", {
      at: member.path.span,
      title: `${textOf(member.path.span)} is no parameter of the block that is rewritten`,
      notes: names.length === 0 ? [] : [`It has ${listed(names)}.`],
    }),
  );
}

/** Parameters of the same names, kinds and axes, and the same result; the names of sizes may differ. */
function checkSignatures(
  context: Context,
  made: Instance,
  base: Instance,
  own: Forward,
  wanted: Forward,
): void {
  const mine = signatureOf(context, made, own);
  const theirs = signatureOf(context, base, wanted);
  const same =
    mine.length === theirs.length &&
    mine.every((part, at) => part.name === theirs[at].name && part.text === theirs[at].text);
  if (same || [...mine, ...theirs].some((part) => part.text === "something faulty")) return;
  const params = wanted.params.map((param) => textOf(param.span)).join(", ");
  context.report(
    error("adapter-does-not-fit", {
      at: own.result.span,
      title: `this \`forward\` is not called as that of ${base.name} is`,
      secondary: [{ span: wanted.result.span, text: `what ${base.name} takes and gives` }],
      notes: [
        `What calls ${base.name} calls this in its place: it takes (${params}) and gives ${textOf(wanted.result.span)}.`,
      ],
    }),
  );
}

/** The parts of a signature with its own sizes numbered, so that two may be compared as text. */
function signatureOf(
  context: Context,
  instance: Instance,
  forward: Forward,
): { name: string; text: string }[] {
  const silent = silenced(context);
  const names = forward.sizes.map(({ name, run }, place): [string, Value] =>
    sizeEntry(name.text, run, [
      run ? { kind: "run", key: `#${place}` } : axis(symbol(`#${place}`)),
    ]),
  );
  const scope = inner(innerScope(context, instance), new Map(names));
  const parts = forward.params.map((param) => ({
    name: param.name.text,
    text: showType(abstractOf(silent, scope, param.type, param.name.text)),
  }));
  return [
    ...parts,
    { name: "", text: showType(abstractOf(silent, scope, forward.result, "result")) },
  ];
}
