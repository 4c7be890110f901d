/** Definitions applied to values rather than to written arguments: what a step does with a model, a loss, a schedule. */

import type { Module } from "../names/module.ts";
import type {
  Body,
  Expr,
  Field,
  NextMember,
  OptimizerItem,
  SizeParam,
  StateMember,
  Type,
} from "../syntax/ast.ts";
import { type Bindings, openSizes, withBindings } from "./annotation.ts";
import { defaultOf, isNeeded } from "./arguments.ts";
import type { Context } from "./context.ts";
import { bindSizes, fitted } from "./fit.ts";
import { evaluateBody, forwardOf, innerScope, letValue } from "./instance.ts";
import { amountOf, changing, real } from "./number.ts";
import { type Blame, passed } from "./require.ts";
import { inner, moduleScope } from "./scope.ts";
import { type Closure, errorValue, type Instance, type Scope, type Value } from "./value.ts";

interface Signature {
  readonly sizes: readonly SizeParam[];
  readonly params: readonly Field[];
  readonly result: Type;
  readonly body: Body | undefined;
}

/** A model's `forward` over columns by name. */
export function applyForward(
  context: Context,
  instance: Instance,
  values: ReadonlyMap<string, Value>,
): Value {
  const forward = forwardOf(instance);
  if (forward === undefined) return errorValue;
  return applySignature(context, innerScope(context, instance), forward, values);
}

export function applyFunction(
  context: Context,
  module: Module,
  item: Signature,
  values: ReadonlyMap<string, Value>,
): Value {
  return applySignature(context, moduleScope(module), item, values);
}

/** A loss or a metric of what the model gives, which is its first parameter; the others are columns, by name. */
export function applyMeasure(
  context: Context,
  { module, item }: { readonly module: Module; readonly item: Signature },
  columns: ReadonlyMap<string, Value>,
  output: Value,
): Value {
  const [first] = item.params;
  return applyFunction(context, module, item, new Map([...columns, [first.name.text, output]]));
}

/** A parameter without a value takes its default; the sizes are found from the values. */
function applySignature(
  context: Context,
  callee: Scope,
  signature: Signature,
  values: ReadonlyMap<string, Value>,
): Value {
  const open = openSizes(signature.sizes);
  const bindings: Bindings = new Map();
  const names = new Map<string, Value>();
  for (const { name, type } of signature.params)
    bindSizes(values.get(name.text) ?? errorValue, type, open, bindings);
  for (const param of signature.params) {
    const name = param.name.text;
    const scope = inner(withBindings(callee, bindings, open), names);
    const at: Expr = { kind: "missing", span: param.span };
    const ask = { what: `\`${name}\``, declared: param.type.span };
    const given = values.get(name);
    if (given !== undefined) {
      names.set(name, fitted(context, scope, given, param.type, at, ask, open, bindings));
      continue;
    }
    names.set(name, isNeeded(param) ? errorValue : defaultOf(context, scope, param));
  }
  if (signature.body === undefined || [...names.values()].some((value) => value.kind === "error"))
    return errorValue;
  const scope = inner(withBindings(callee, bindings, new Set()), names);
  return evaluateBody(context, scope, signature.body, undefined);
}

// Schedules and optimizers ----------------------------------------------------------------------

/** A schedule's arguments once the run's length is known: spans are steps. */
export interface RunLength {
  readonly steps: number;
  /** Steps of a span of the run. */
  readonly spanSteps: (unit: string, amount: number) => number;
}

/** The rate at `step`, a value that changes; undefined nodes while checking with numbers. */
export function applySchedule(
  context: Context,
  schedule: Closure,
  step: number | undefined,
  length: RunLength,
  blame: Blame | undefined,
): Value {
  if (schedule.item.kind !== "schedule") return errorValue;
  const names = new Map<string, Value>();
  for (const [name, value] of schedule.arguments)
    names.set(name, inSteps(schedule, name, value, length));
  names.set("step", changing(step, "steps"));
  names.set("length", real(length.steps, "steps"));
  return evaluateBody(
    context,
    inner(moduleScope(schedule.module), names),
    schedule.item.body,
    blame,
  );
}

function inSteps(schedule: Closure, name: string, value: Value, length: RunLength): Value {
  const params = schedule.item.kind === "schedule" ? schedule.item.params : [];
  const type = params.find((param) => param.name.text === name)?.type;
  const isSpan = type?.kind === "named-type" && type.name.text === "span";
  if (!isSpan || value.kind !== "number") return value;
  return real(length.spanSteps(value.unit, amountOf(value) ?? 0), "steps");
}

export interface OptimizerInputs {
  readonly weight: Value;
  readonly grad: Value;
  readonly learningRate: Value;
  readonly step: Value;
  /** The state as it is, by name. */
  readonly state: (name: string) => Value;
}

/** The next weight and the next of each state, by name; `weight` is the weight itself. */
export function applyOptimizer(
  context: Context,
  optimizer: Closure,
  inputs: OptimizerInputs,
): ReadonlyMap<string, Value> {
  if (optimizer.item.kind !== "optimizer") return new Map();
  const names = new Map<string, Value>([
    ...optimizer.arguments,
    ["weight", inputs.weight],
    ["grad", inputs.grad],
    ["learning_rate", inputs.learningRate],
    ["step", inputs.step],
  ]);
  return passMembers(context, moduleScope(optimizer.module), optimizer.item, names, {
    state: (_, { name }) => inputs.state(name.text),
    next: (within, scope, { value }) => within.evaluate(within, scope, value),
  });
}

/** What the members of an optimizer are, whose meaning is not the same where it is defined and where it is applied. */
export interface MemberValues {
  state(context: Context, member: StateMember): Value;
  next(context: Context, scope: Scope, member: NextMember): Value;
}

/**
 * An optimizer's members in order, over the names that it is given; what each `next` makes. `next.m` is there from the
 * statement on that makes it.
 */
export function passMembers(
  context: Context,
  outer: Scope,
  { members }: OptimizerItem,
  given: ReadonlyMap<string, Value>,
  values: MemberValues,
): ReadonlyMap<string, Value> {
  const made = new Map<string, Value>();
  const next = { kind: "opaque", type: "next state", members: made } as const;
  const names = new Map<string, Value>([
    ...given,
    ["next", { ...next, data: undefined, columns: undefined }],
  ]);
  let scope = inner(outer, names);
  let within = context;
  for (const member of members) {
    switch (member.kind) {
      case "state":
        names.set(member.name.text, values.state(within, member));
        break;
      case "let":
        names.set(member.name.text, letValue(within, scope, member));
        break;
      case "next":
        made.set(member.name.text, values.next(within, scope, member));
        break;
      case "require":
        ({ context: within, scope } = passed(within, scope, member, undefined));
        break;
      default:
        member satisfies never;
    }
  }
  return made;
}

/** What each state of an optimizer begins as. */
export function initialStates(context: Context, optimizer: Closure): ReadonlyMap<string, number> {
  const states = new Map<string, number>();
  if (optimizer.item.kind !== "optimizer") return states;
  const scope = inner(moduleScope(optimizer.module), optimizer.arguments);
  for (const member of optimizer.item.members) {
    if (member.kind !== "state") continue;
    const value = context.evaluate(context, scope, member.value);
    states.set(member.name.text, value.kind === "number" ? (amountOf(value) ?? 0) : 0);
  }
  return states;
}
