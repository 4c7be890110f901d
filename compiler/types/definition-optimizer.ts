/** Optimizers checked: `weight` and `grad` are float tensors of any shape, and so is each state. */

import { error } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module.ts";
import { textOf } from "../source/file.ts";
import type { NextMember, OptimizerItem, StateMember } from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";
import { passMembers } from "./apply.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { insideOf, reportTaken, reportTwice } from "./definition-signature.ts";
import { fitted } from "./fit.ts";
import { unknown } from "./number.ts";
import { moduleScope } from "./scope.ts";
import { showType } from "./show.ts";
import { isPlain } from "./unit.ts";
import { errorValue, type Scope, tensor, type Value } from "./value.ts";

/** A tensor of the weight's own axes, whatever they are. */
const like = tensor("float", [{ kind: "run", key: "W" }]);

const implicit: ReadonlyMap<string, string> = new Map([
  ["weight", "what is trained"],
  ["grad", "its gradient"],
  ["learning_rate", "the rate of the step"],
  ["step", "the number of the step"],
  ["next", "what holds the next values"],
]);

/** What an optimizer sees of a weight that may be any, at a step that may be any. */
export function anyWeight(): Map<string, Value> {
  return new Map<string, Value>([
    ["weight", like],
    ["grad", like],
    ["learning_rate", unknown("float")],
    ["step", unknown("steps")],
  ]);
}

export function checkOptimizer(context: Context, module: Module, item: OptimizerItem): void {
  const params = item.params.map((param) => param.name);
  const own = item.members.flatMap((member) =>
    member.kind === "state" || member.kind === "let" ? [member.name] : [],
  );
  reportTaken(context, [...params, ...own], implicit, "optimizer");
  if ([...params, ...own].some(({ text }) => implicit.has(text))) return;
  const inside = insideOf(context, moduleScope(module), [], item.params);
  const nexts = item.members.filter((member) => member.kind === "next");
  reportTwice(context, [...params, ...own]);
  for (const [place, member] of item.members.entries()) reportEarly(context, item, member, place);
  reportTwice(
    context,
    nexts.map((member) => member.name),
  );
  passMembers(inside.context, inside.scope, item, anyWeight(), {
    state: (within, member) => stateOf(within, inside.scope, member),
    next: (within, scope, member) => {
      checkTarget(within, item, member);
      return nextOf(within, scope, member);
    },
  });
  checkComplete(context, item, nexts);
}

/** A statement that reads `next.m` above the one that makes it. */
function reportEarly(
  context: Context,
  item: OptimizerItem,
  member: OptimizerItem["members"][number],
  place: number,
): void {
  for (const expr of expressionsIn(member)) {
    if (expr.kind !== "member" || expr.object.kind !== "name" || expr.object.text !== "next")
      continue;
    const name = expr.name.text;
    const maker = item.members.findIndex((one) => one.kind === "next" && one.name.text === name);
    if (maker < place) continue;
    context.report(
      error("no-such-field", {
        at: expr.name.span,
        title: `the next \`${name}\` is not there yet`,
        secondary: [{ span: item.members[maker].span, text: "made here" }],
        fixes: [{ text: "put the line that makes it first" }],
      }),
    );
  }
}

function stateOf(context: Context, scope: Scope, member: StateMember): Value {
  const { type } = member;
  const isFloat =
    type.kind === "named-type" && type.name.text === "float" && type.extents === undefined;
  if (!isFloat) {
    context.report(
      error("type-mismatch", {
        at: type.span,
        title: "a state is a `float` for each element of the weight",
        notes: ["It has the weight's own axes, which are not written."],
      }),
    );
    return errorValue;
  }
  const changes = expressionsIn(member.value).find(
    (one) => one.kind === "name" && implicit.has(one.text),
  );
  if (changes !== undefined) {
    context.report(
      error("type-mismatch", {
        at: changes.span,
        title: `the first value of \`${member.name.text}\` is known before the run, and \`${textOf(changes.span)}\` is not`,
      }),
    );
    return errorValue;
  }
  const value = context.evaluate(context, scope, member.value);
  const ask = { what: `the first value of \`${member.name.text}\``, declared: type.span };
  return fitted(context, scope, value, type, member.value, ask).kind === "error"
    ? errorValue
    : like;
}

/** A plain number or a tensor of the weight's axes. */
function nextOf(context: Context, scope: Scope, member: NextMember): Value {
  const value = context.evaluate(context, scope, member.value);
  if (value.kind === "error") return value;
  // A state may be set to one number; a weight of one number everywhere has nothing left of what it was.
  if (value.kind === "number" && isPlain(value.unit) && member.name.text !== "weight") return like;
  const fits =
    value.kind === "tensor" &&
    value.dtype !== "bool" &&
    value.dtype !== "i32" &&
    value.shape.length === 1 &&
    sameAxis(context, value.shape[0], like.shape[0]) === "equal";
  if (fits) return like;
  context.report(
    error("type-mismatch", {
      at: member.value.span,
      title: `the next \`${member.name.text}\` has the axes of the weight, and this is ${showType(value)}`,
    }),
  );
  return errorValue;
}

function checkTarget(context: Context, item: OptimizerItem, member: NextMember): void {
  const states = item.members.flatMap((one) => (one.kind === "state" ? [one.name.text] : []));
  const name = member.name.text;
  if (name === "" || name === "weight" || states.includes(name)) return;
  context.report(
    error("no-such-name", {
      at: member.name.span,
      title: `\`${name}\` is neither a state of this optimizer nor the weight`,
      notes: states.length === 0 ? ["It has no states."] : [`Its states are ${states.join(", ")}.`],
    }),
  );
}

/** An optimizer that leaves the weight as it is, or a state that never changes, is a slip. */
function checkComplete(context: Context, item: OptimizerItem, nexts: readonly NextMember[]): void {
  const made = new Set(nexts.map((member) => member.name.text));
  if (!made.has("weight")) {
    context.report(
      error("missing-field", {
        at: item.name.span,
        title: `\`${item.name.text}\` never says what the next weight is`,
        fixes: [{ text: "next weight = weight - learning_rate * …" }],
      }),
    );
  }
  for (const member of item.members) {
    if (member.kind !== "state" || made.has(member.name.text)) continue;
    context.report(
      error("missing-field", {
        at: member.name.span,
        title: `the state \`${member.name.text}\` never changes`,
        fixes: [{ text: `next ${member.name.text} = …` }],
      }),
    );
  }
}
