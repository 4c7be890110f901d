/**
 * Every definition of a module checked for all sizes, used or not: a library's author is told of a mistake in a
 * block that nobody builds. Each fault is reported once, where it is, in the order of the source.
 */

import { codes } from "../diagnostics/codes.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { Module, NamedItem } from "../names/module.ts";
import type { MetricItem } from "../syntax/ast.ts";
import { walk } from "../syntax/walk.ts";
import { abstractOf, typeWords } from "./annotation.ts";
import type { Context } from "./context.ts";
import { checkAdapter } from "./definition-adapter.ts";
import { checkBlock } from "./definition-block.ts";
import { cyclesOf, excessIn, hasEnd } from "./definition-ends.ts";
import { checkOptimizer } from "./definition-optimizer.ts";
import { checkSchedule } from "./definition-schedule.ts";
import {
  checkBody,
  checkRecord,
  insideOf,
  reportOpenSizes,
  reportTwice,
} from "./definition-signature.ts";
import { checkTransform } from "./definition-transform.ts";
import { reportUnread } from "./definition-unread.ts";
import { evaluate } from "./expr.ts";
import type { Findings } from "./findings.ts";
import { fitted } from "./fit.ts";
import { moduleScope } from "./scope.ts";
import { checkTemplate } from "./template.ts";

/**
 * `syntax` are the faults of reading the module: of an item that has one nothing else is said, for it is not what its
 * author wrote.
 */
export function checkDefinitions(
  module: Module,
  syntax: readonly Diagnostic[] = [],
  findings?: Findings,
): Diagnostic[] {
  const found: Diagnostic[] = [...cyclesOf(module), ...excessIn(module)];
  const broken = brokenItems(module, syntax);
  const context = checking(found, findings);
  for (const item of module.items.values()) {
    if (!hasEnd(module, item)) continue;
    if (broken.has(item)) {
      // An author who is writing it wants to know what its parts are.
      if (findings !== undefined) checkItem(checking([], findings), module, item);
      continue;
    }
    const before = found.length;
    checkItem(context, module, item);
    // A misspelt name leaves the right one unread, which is no fault of its own.
    if (found.length > before) continue;
    reportUnread(context, item);
    if (requiresOfDefaults(item)) checkItem(withDefaults(found), module, item);
  }
  return inOrder(found, module);
}

/** Whether the item states what must hold, and has defaults that may break it. */
function requiresOfDefaults(item: NamedItem): boolean {
  const fields = item.kind === "record" ? item.fields : "params" in item ? item.params : [];
  if (!fields.some(({ value }) => value !== undefined)) return false;
  let requires = item.kind === "record" && item.requires.length > 0;
  walk(item, ({ kind }) => {
    requires ||= kind === "require";
    return !requires;
  });
  return requires;
}

/** As a caller who gives nothing meets it; other faults than broken requirements were found before. */
function withDefaults(found: Diagnostic[]): Context {
  const report = (fault: Diagnostic) => {
    const note = "Its parameters have their defaults here.";
    if (fault.slug === "requirement-broken")
      found.push({ ...fault, notes: [...fault.notes, note] });
  };
  return { ...checking(found), report, takesDefaults: true };
}

/** What `ftc` itself does is in the standard library; a file of one's own has nothing to run for it. */
function reportExtern(context: Context, module: Module, item: NamedItem): void {
  if (module.path.startsWith("std/")) return;
  context.report(
    error("not-that-kind", {
      at: item.name.span,
      title: `\`extern\` gives the signature of what ftc itself does, and it does no \`${item.name.text}\``,
      fixes: [{ text: `${item.kind} ${item.name.text}(…) with a body` }],
    }),
  );
}

/** A metric is reported as one number. Of its own it is a mean, which adds up over the parts of a dataset. */
function checkReport(context: Context, { name, params, result, body }: MetricItem): void {
  const own = body !== undefined;
  if (own && params.length === 0)
    context.report(
      error("missing-argument", {
        at: name.span,
        title: `a metric reads what the model gives, and \`${name.text}\` has no parameter for it`,
      }),
    );
  const words = own ? ["mean"] : ["mean", "float"];
  const isNumber =
    result.kind === "named-type" &&
    result.extents === undefined &&
    [...words, ""].includes(result.name.text);
  if (isNumber) return;
  context.report(
    error("type-mismatch", {
      at: result.span,
      title: "a metric is a `mean`, which adds up over all the rows",
    }),
  );
}

/** A word of the language is that wherever a type is wanted, so a type of one's own is called otherwise. */
function reportTypeWord(context: Context, { name }: NamedItem): void {
  if (!typeWords.includes(name.text)) return;
  context.report(
    error("defined-twice", {
      at: name.span,
      title: `\`${name.text}\` is a type of the language, and would be that wherever it is written`,
      fixes: [{ text: "give it another name" }],
    }),
  );
}

/** The items that have a fault of syntax. Both are in the order of the source. */
function brokenItems(module: Module, syntax: readonly Diagnostic[]): ReadonlySet<NamedItem> {
  const places = syntax
    .filter(({ slug, primary }) => codes[slug] < 100 && primary.span.file === module.file.source)
    .map(({ primary }) => primary.span.start)
    .sort((one, other) => one - other);
  const broken = new Set<NamedItem>();
  let next = 0;
  for (const item of module.items.values()) {
    while (places[next] < item.span.start) next++;
    if (places[next] <= item.span.end) broken.add(item);
  }
  return broken;
}

/** A context that checks with symbols and adds what it finds to a list. */
export function checking(found: Diagnostic[], findings?: Findings): Context {
  return {
    report: (diagnostic) => found.push(diagnostic),
    evaluate,
    emit: undefined,
    facts: [],
    findings,
  };
}

function checkItem(context: Context, module: Module, item: NamedItem): void {
  const scope = moduleScope(module);
  switch (item.kind) {
    case "fn":
    case "metric": {
      if (item.body === undefined) reportExtern(context, module, item);
      const inside = insideOf(context, scope, item.sizes, item.params);
      reportOpenSizes(context, item.sizes, item.params);
      if (item.body !== undefined)
        checkBody(inside, item.body, item.result, `\`${item.name.text}\``);
      else abstractOf(inside.context, inside.scope, item.result, item.name.text);
      if (item.kind === "metric") checkReport(context, item);
      return;
    }
    case "record":
      reportTypeWord(context, item);
      checkRecord(context, scope, item);
      return;
    case "enum":
      reportTypeWord(context, item);
      reportTwice(context, item.cases);
      return;
    case "let": {
      const value = evaluate(context, scope, item.value);
      const ask = { what: `\`${item.name.text}\``, declared: item.type?.span ?? item.span };
      if (item.type !== undefined) fitted(context, scope, value, item.type, item.value, ask);
      return;
    }
    case "block":
      checkBlock(context, module, item);
      return;
    case "adapter":
      checkAdapter(context, module, item);
      return;
    case "schedule":
      checkSchedule(context, module, item);
      return;
    case "optimizer":
      checkOptimizer(context, module, item);
      return;
    case "template":
      checkTemplate(context, module, item);
      return;
    case "transform":
      if (item.extern) reportExtern(context, module, item);
      checkTransform(context, module, item);
      return;
    case "model":
    case "dataset":
    case "adapt":
    case "train":
    case "evaluate":
    case "export":
      return;
    default:
      item satisfies never;
  }
}

/** Faults of this file, once each, in source order. One that shows in another file is found when that is checked. */
export function inOrder(found: readonly Diagnostic[], module: Module): Diagnostic[] {
  const kept = new Map<string, Diagnostic>();
  for (const one of found) {
    const { span } = one.primary;
    if (span.file !== module.file.source) continue;
    const key = `${one.slug} ${span.start} ${span.end}`;
    if (!kept.has(key)) kept.set(key, one);
  }
  return [...kept.values()].sort((a, b) => a.primary.span.start - b.primary.span.start);
}
