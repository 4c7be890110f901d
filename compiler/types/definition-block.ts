/** Blocks checked for all sizes: members with symbols, the body of `forward`, what ties and checkpoints name. */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Module } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import type { BlockItem, Forward, Member, Merge, Name, Path, Tie } from "../syntax/ast.ts";
import { type Size, symbol } from "../tensor/size.ts";
import { axesAgree } from "./agreement.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { checkCheckpoints } from "./definition-checkpoint.ts";
import { checkBody, insideOf, reportOpenSizes, reportTwice } from "./definition-signature.ts";
import { build, innerScope, plainPath } from "./instance.ts";
import { moduleScope } from "./scope.ts";
import { showShape } from "./show.ts";
import { type Instance, type Parameter, type Stack, tensor } from "./value.ts";

export function checkBlock(context: Context, module: Module, item: BlockItem): Instance {
  for (const { run, span } of item.sizes) {
    if (run)
      context.report(
        error("type-mismatch", {
          at: span,
          title: "a block has one number for each of its sizes, and this is a run of axes",
          fixes: [{ text: "a run is a size of its `forward`" }],
        }),
      );
  }
  const inside = insideOf(context, moduleScope(module), item.sizes, item.params);
  const sizes = item.sizes.map((size): [string, Size] => [size.name.text, symbol(size.name.text)]);
  const instance = build(inside.context, item, module, sizes, inside.scope, undefined);
  checkMembers(inside.context, instance, item.members, item.name.text);
  return instance;
}

/** What is left to check of members once the instance is made: bodies and paths. */
export function checkMembers(
  context: Context,
  instance: Instance,
  members: readonly Member[],
  name: string,
): void {
  const within = { ...context, facts: [...context.facts, ...instance.facts] };
  reportTwice(
    context,
    members.flatMap((member) =>
      member.kind === "let" || member.kind === "param" ? [member.name] : [],
    ),
  );
  reportTwice(
    context,
    members.flatMap((member) => (member.kind === "forward" ? [wordOf(member)] : [])),
  );
  checkTies(within, instance, members);
  const clauses = members.filter((member) => member.kind === "checkpoint");
  checkCheckpoints(within, instance, clauses, name);
  for (const member of members) {
    switch (member.kind) {
      case "forward":
        checkForward(within, instance, member, name);
        break;
      case "checkpoint":
        for (const { path } of member.weights) partAt(within, instance, path);
        break;
      case "merge":
        if (instance.item.kind === "block") reportMerge(context, member, name);
        break;
      case "let":
      case "param":
      case "tie":
      case "require":
        break;
      default:
        member satisfies never;
    }
  }
}

/** The word that begins a member, as its name. */
function wordOf({ kind, span: { file, start } }: Member): Name {
  return { text: kind, span: { file, start, end: start + kind.length } };
}

function reportMerge(context: Context, member: Merge, name: string): void {
  context.report(
    error("not-that-kind", {
      at: wordOf(member).span,
      title: `a \`merge\` says what a rewrite makes of its base, and ${name} is a block`,
    }),
  );
}

function checkForward(context: Context, instance: Instance, forward: Forward, name: string): void {
  const { item } = instance;
  // The block's own sizes first: a size of the forward that has the name of one would be another.
  const known = new Set(item.sizes.map((size) => size.name.text));
  reportTwice(context, [
    ...item.sizes.map((size) => size.name),
    ...forward.sizes.filter((size) => known.has(size.name.text)).map((size) => size.name),
  ]);
  const inside = insideOf(context, innerScope(context, instance), forward.sizes, forward.params);
  reportOpenSizes(context, forward.sizes, forward.params);
  checkBody(inside, forward.body, forward.result, `\`${name}\``);
}

/** Both ends of a tie are parameters of one shape; each is tied once, and the ways of several end. */
function checkTies(context: Context, instance: Instance, members: readonly Member[]): void {
  const owners = new Map<string, Tie>();
  for (const member of members) {
    if (member.kind !== "tie") continue;
    const [tied, owner] = [plainPath(member.path), plainPath(member.to)];
    const [from, to] = [
      parameterAt(context, instance, member.path),
      parameterAt(context, instance, member.to),
    ];
    if (from === undefined || to === undefined) continue;
    if (!areOne(context, member, from, to)) continue;
    const before = owners.get(tied);
    const isChoice = before?.condition !== undefined && member.condition !== undefined;
    if (before !== undefined && !isChoice) {
      reportTwice(
        context,
        [before, member].map(({ path: { span } }) => ({ text: tied, span })),
      );
      continue;
    }
    owners.set(tied, member);
    const way = wayOf(owners, owner);
    if (way.at(-1) !== tied) continue;
    context.report(
      error("defined-by-itself", {
        at: member.path.span,
        title:
          way.length === 1
            ? `\`${tied}\` is tied to itself`
            : `\`${tied}\` is tied to ${way.map((one) => `\`${one}\``).join(", which is tied to ")}`,
        notes: ["A tie ends at a parameter that has weights of its own."],
      }),
    );
  }
}

function areOne(
  context: Context,
  { path, to: owner }: Tie,
  from: Parameter,
  to: Parameter,
): boolean {
  const differ =
    from.shape.length !== to.shape.length ||
    from.shape.some((one, at) => sameAxis(context, one, to.shape[at]) === "different");
  if (!differ) {
    const value = tensor(from.dtype, from.shape);
    return axesAgree(context, value, to.shape, `\`${textOf(owner.span)}\``, path.span);
  }
  context.report(
    error("size-mismatch", {
      at: path.span,
      title: `a parameter of [${showShape(from.shape)}] cannot be one of [${showShape(to.shape)}]`,
      secondary: [{ span: owner.span, text: `[${showShape(to.shape)}]` }],
    }),
  );
  return false;
}

/** The paths that a tie leads to, one after the other; where they go in a circle, to where it closes. */
function wayOf(owners: ReadonlyMap<string, Tie>, start: string): readonly string[] {
  const way = [start];
  for (let tie = owners.get(start); tie !== undefined; tie = owners.get(way[way.length - 1])) {
    const next = plainPath(tie.to);
    if (way.includes(next)) break;
    way.push(next);
  }
  return way;
}

function parameterAt(context: Context, instance: Instance, path: Path): Parameter | undefined {
  const many = path.steps.find((step) => step.kind !== "name");
  if (many !== undefined) {
    context.report(
      error("not-that-kind", {
        at: path.span,
        title: `a tie is between two parameters, and \`${textOf(many.span)}\` stands for several`,
        fixes: [{ text: "one `tie` for each" }],
      }),
    );
    return undefined;
  }
  const found = partAt(context, instance, path);
  if (found === undefined || "init" in found) return found;
  context.report(
    error("not-that-kind", {
      at: path.span,
      title: "a tie is between parameters, and this is a part that has some",
      fixes: [{ text: "name the parameter too, as in `embed_tokens.weight`" }],
    }),
  );
  return undefined;
}

/** What a path of plain names reaches, or a report of the step that is not there. */
function partAt(
  context: Context,
  instance: Instance,
  path: Path,
): Instance | Stack | Parameter | undefined {
  let at: Instance | Stack | Parameter = instance;
  for (const step of path.steps) {
    if ("init" in at) return undefined;
    if (at.kind === "stack") {
      // Numbers and stars of a stack: its copies are alike.
      const copy: Instance | undefined = at.copies[0];
      if (copy === undefined) return undefined;
      at = copy;
      continue;
    }
    if (step.kind !== "name") return undefined;
    const next: Instance | Stack | Parameter | undefined =
      at.children.get(step.text) ?? at.parameters.get(step.text);
    if (next === undefined) {
      const names = [...at.children.keys(), ...at.parameters.keys()];
      const near = nearest(step.text, names);
      context.report(
        error("no-such-field", {
          at: step.span,
          title: `${at.name} has no \`${step.text}\``,
          notes: names.length === 0 ? [] : [`It has ${listed(names)}.`],
          fixes: near === undefined ? [] : [replace(step.span, near)],
        }),
      );
      return undefined;
    }
    at = next;
  }
  return at;
}
