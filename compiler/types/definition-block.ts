/** Blocks checked for all sizes: members with symbols, the body of `forward`, what ties and checkpoints name. */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Module } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import type { BlockItem, Checkpoint, Forward, Member, Path } from "../syntax/ast.ts";
import { type Size, symbol } from "../tensor/size.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { checkBody, insideOf, reportOpenSizes, reportTwice } from "./definition-signature.ts";
import { build, innerScope } from "./instance.ts";
import { moduleScope } from "./scope.ts";
import { showShape } from "./show.ts";
import type { Instance, Parameter, Stack } from "./value.ts";

export function checkBlock(context: Context, module: Module, item: BlockItem): Instance {
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
    members.flatMap((member) => (member.kind === "let" ? [member.name] : [])),
  );
  for (const member of members) {
    switch (member.kind) {
      case "forward":
        checkForward(within, instance, member, name);
        break;
      case "tie":
        checkTie(within, instance, member.path, member.to);
        break;
      case "checkpoint":
        checkFormat(context, member, name);
        for (const { path } of member.weights) partAt(within, instance, path);
        break;
      case "let":
      case "param":
      case "require":
      case "merge":
        break;
      default:
        member satisfies never;
    }
  }
}

/** A block is read from Hugging Face's files; what an adapter brings is written for PEFT. */
const formats = ["hf", "peft"];

function checkFormat(context: Context, { format }: Checkpoint, name: string): void {
  const word = textOf(format.span).slice(1, -1);
  if (formats.includes(word)) return;
  const near = nearest(word, formats);
  context.report(
    error("no-such-name", {
      at: format.span,
      title: `${name} says how \`${word}\` calls its parts, and nothing reads that`,
      notes: [`A checkpoint is ${formats.map((one) => `"${one}"`).join(" or ")}.`],
      fixes: near === undefined ? [] : [replace(format.span, `"${near}"`)],
    }),
  );
}

function checkForward(context: Context, instance: Instance, forward: Forward, name: string): void {
  const inside = insideOf(context, innerScope(context, instance), forward.sizes, forward.params);
  reportOpenSizes(context, forward.sizes, forward.params);
  checkBody(inside, forward.body, forward.result, `\`${name}\``);
}

/** Both ends of a tie are parameters of one shape. */
function checkTie(context: Context, instance: Instance, from: Path, to: Path): void {
  const [tied, owner] = [parameterAt(context, instance, from), parameterAt(context, instance, to)];
  if (tied === undefined || owner === undefined) return;
  const alike =
    tied.shape.length === owner.shape.length &&
    tied.shape.every((one, at) => sameAxis(context, one, owner.shape[at]) === "equal");
  if (alike) return;
  context.report(
    error("size-mismatch", {
      at: from.span,
      title: `a parameter of [${showShape(tied.shape)}] cannot be one of [${showShape(owner.shape)}]`,
      secondary: [{ span: to.span, text: `[${showShape(owner.shape)}]` }],
    }),
  );
}

function parameterAt(context: Context, instance: Instance, path: Path): Parameter | undefined {
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
          notes: names.length === 0 ? [] : [`It has ${names.join(", ")}.`],
          fixes: near === undefined ? [] : [replace(step.span, near)],
        }),
      );
      return undefined;
    }
    at = next;
  }
  return at;
}
