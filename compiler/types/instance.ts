/**
 * Blocks with sizes and arguments: making one from its members, placing it in a tree by path, calling its
 * `forward`, and rewriting it by an adapter. An instance is never changed; placing and rewriting make new ones.
 */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type {
  Argument,
  BlockItem,
  Body,
  CallExpr,
  Expr,
  Extent,
  Forward,
  Let,
  Member,
  Path,
  Require,
  Rewrite,
  SizeParam,
  Type,
} from "../syntax/ast.ts";
import type { Size } from "../tensor/size.ts";
import { knownSize } from "../tensor/size.ts";
import {
  abstractOf,
  type Bindings,
  openSizes,
  positiveSize,
  sizeEntry,
  withBindings,
} from "./annotation.ts";
import { bindArguments } from "./arguments.ts";
import { type Context, silenced } from "./context.ts";
import { fitted } from "./fit.ts";
import { type Blame, passed } from "./require.ts";
import { inner, moduleScope } from "./scope.ts";
import { showType } from "./show.ts";
import {
  axis,
  type Closure,
  errorValue,
  type Given,
  type Initial,
  type Instance,
  type Parameter,
  type Scope,
  type Stack,
  type TieValue,
  tensor,
  type Value,
} from "./value.ts";

// Making ----------------------------------------------------------------------------------------

/** `Linear[I, O](bias = true)`: the block with these sizes and arguments, at the root of a tree. */
export function construct(
  context: Context,
  caller: Scope,
  item: BlockItem,
  module: Module,
  sizes: readonly Extent[],
  args: readonly Argument[],
  at: Span,
): Value {
  const bound = explicitSizes(context, caller, item, sizes, at);
  if (bound === undefined) return errorValue;
  const names = new Map<string, Value>(
    bound.map(([name, size]) => sizeEntry(name, false, [axis(size)])),
  );
  const scope = inner(moduleScope(module), names);
  const given = bindArguments(context, caller, scope, item.params, args, item.name.text, at);
  if (given === undefined || [...given.values.values()].some((value) => value.kind === "error"))
    return errorValue;
  return build(context, item, module, bound, inner(scope, given.values), {
    at,
    slug: "requirement-broken",
    labels: [],
    written: given.written,
  });
}

/** The block over a scope that holds its sizes and arguments; the checker calls it with symbols. */
export function build(
  context: Context,
  item: BlockItem,
  module: Module,
  sizes: readonly (readonly [string, Size])[],
  scope: Scope,
  blame: Blame | undefined,
): Instance {
  const parts = members(context, scope, item.members, blame);
  return {
    kind: "instance",
    name: item.name.text,
    item,
    module,
    path: "",
    sizes,
    ...parts,
    base: undefined,
    adapter: undefined,
  };
}

/** A block rewritten by an adapter. The rewrite's size names stand for the block's sizes, in order. */
export function rewrite(
  context: Context,
  adapter: Closure,
  rule: Rewrite,
  base: Instance,
  blame: Blame | undefined,
): Instance {
  const names = new Map<string, Value>(adapter.arguments);
  const sizes = rule.sizes.flatMap((param, place): [string, Size][] => {
    const size = base.sizes[place]?.[1];
    return size === undefined ? [] : [[param.name.text, size]];
  });
  for (const [name, size] of sizes) names.set(...sizeEntry(name, false, [axis(size)]));
  names.set(rule.base.text, base);
  const scope = inner(moduleScope(adapter.module), names);
  const parts = members(context, scope, rule.members, blame);
  const fresh: Instance = {
    kind: "instance",
    name: adapter.item.name.text,
    item: rule,
    module: adapter.module,
    path: "",
    sizes,
    ...parts,
    base: undefined,
    adapter,
  };
  return { ...placed(fresh, base.path), base };
}

function members(
  context: Context,
  scope: Scope,
  list: readonly Member[],
  blame: Blame | undefined,
): Pick<Instance, "scope" | "parameters" | "children" | "ties" | "facts"> {
  const names = new Map<string, Value>();
  const parameters = new Map<string, Parameter>();
  const children = new Map<string, Instance | Stack>();
  const ties: TieValue[] = [];
  let own = inner(scope, names);
  let within = context;
  for (const member of list) {
    switch (member.kind) {
      case "let": {
        const value = letValue(within, own, member);
        if (value.kind === "instance" || value.kind === "stack")
          children.set(member.name.text, placed(value, member.name.text));
        else names.set(member.name.text, value);
        break;
      }
      case "param": {
        if (!applies(within, own, member.condition)) break;
        const parameter = parameterOf(within, own, member);
        if (parameter !== undefined) parameters.set(member.name.text, parameter);
        else names.set(member.name.text, errorValue);
        break;
      }
      case "require":
        ({ context: within, scope: own } = passed(within, own, member, blame));
        break;
      case "tie":
        if (applies(within, own, member.condition))
          ties.push({ path: plainPath(member.path), to: plainPath(member.to) });
        break;
      case "forward":
      case "merge":
      case "checkpoint":
        break;
      default:
        member satisfies never;
    }
  }
  return { scope: own, parameters, children, ties, facts: within.facts };
}

/** A `let` of a body or a block, held against its type if it has one. */
export function letValue(context: Context, scope: Scope, { name, type, value, span }: Let): Value {
  const found = context.evaluate(context, scope, value);
  if (type === undefined) return found;
  return fitted(context, scope, found, type, value, { what: `\`${name.text}\``, declared: span });
}

/** Whether a member with this condition is there; while checking, one of unknown condition is. */
function applies(context: Context, scope: Scope, condition: Expr | undefined): boolean {
  if (condition === undefined) return true;
  const value = context.evaluate(context, scope, condition);
  if (value.kind === "bool") return value.value !== false;
  if (value.kind !== "error") {
    context.report(
      error("type-mismatch", {
        at: condition.span,
        title: `\`if\` asks a condition, and this is ${showType(value)}`,
      }),
    );
  }
  return true;
}

function parameterOf(
  context: Context,
  scope: Scope,
  member: Extract<Member, { kind: "param" }>,
): Parameter | undefined {
  const type = member.type;
  const value = abstractOf(context, scope, type, member.name.text);
  if (value.kind === "error") return undefined;
  if (value.kind !== "tensor" || value.dtype === "i32" || value.dtype === "bool") {
    context.report(
      error("type-mismatch", {
        at: type.span,
        title: `a parameter is a tensor of floats, which can be trained, and this is ${showType(value)}`,
      }),
    );
    return undefined;
  }
  if (value.dtype !== "float" && value.dtype !== "f32") {
    const at = type.kind === "named-type" ? type.name.span : type.span;
    context.report(
      error("no-such-precision", {
        at,
        title: `parameters are held in f32 by this version, and not in ${value.dtype}`,
        fixes: [replace(at, "float")],
      }),
    );
    return undefined;
  }
  const init = startOf(context, scope, member.init);
  const last = value.shape[value.shape.length - 1];
  const inputs = last?.kind === "axis" ? knownSize(last.size) : undefined;
  return {
    path: member.name.text,
    dtype: value.dtype,
    shape: value.shape,
    init: initialOf(init, inputs),
  };
}

/** What the built-in initialisers give: how a parameter begins, once its number of inputs is known. */
export type Initialiser = (inputs: number) => Initial;

/** What a parameter starts as: the call of an initialiser. */
function startOf(context: Context, scope: Scope, init: Expr | undefined): Value | undefined {
  if (init === undefined) return undefined;
  const value = context.evaluate(context, scope, init);
  const isStart = value.kind === "opaque" && value.type === "init";
  if (isStart || value.kind === "error") return value;
  context.report(
    error("type-mismatch", {
      at: init.span,
      title: `a parameter starts as zeros(), ones(), normal(…), uniform(…) or kaiming_uniform(), and this is ${showType(value)}`,
    }),
  );
  return errorValue;
}

function initialOf(init: Value | undefined, inputs: number | undefined): Initial {
  if (init?.kind === "opaque" && typeof init.data === "function") {
    // The built-in initialisers alone put a function there: see builtins.ts.
    return (init.data as Initialiser)(inputs ?? 1);
  }
  return { kind: "fill", value: 0 };
}

/** A path as one string; what is no name in it is `*`. */
export function plainPath(path: Path): string {
  return path.steps.map((step) => (step.kind === "name" ? step.text : "*")).join(".");
}

function explicitSizes(
  context: Context,
  caller: Scope,
  item: BlockItem,
  extents: readonly Extent[],
  at: Span,
): [string, Size][] | undefined {
  if (extents.length !== item.sizes.length) {
    const wanted = item.sizes.map((size) => size.name.text).join(", ");
    context.report(
      error("missing-argument", {
        at,
        title:
          wanted === ""
            ? `\`${item.name.text}\` has no sizes`
            : `\`${item.name.text}\` has the sizes [${wanted}]`,
        fixes: wanted === "" ? [] : [{ text: `${item.name.text}[${wanted}](…)` }],
      }),
    );
    return undefined;
  }
  const sizes: [string, Size][] = [];
  for (const [place, extent] of extents.entries()) {
    if (extent.kind === "run") {
      context.report(
        error("type-mismatch", {
          at: extent.span,
          title: `a block has one number for each of its sizes, and this is a run of axes`,
        }),
      );
      return undefined;
    }
    const size = positiveSize(context, caller, extent.value);
    if (size === undefined) return undefined;
    sizes.push([item.sizes[place].name.text, size]);
  }
  return sizes;
}

// Placing ---------------------------------------------------------------------------------------

/** The same part, at `path` below whatever it is put in. */
export function placed<Part extends Instance | Stack>(part: Part, path: string): Part;
export function placed(part: Instance | Stack, path: string): Instance | Stack {
  const at = join(path, part.path);
  if (part.kind === "stack")
    return { ...part, path: at, copies: part.copies.map((copy) => placed(copy, path)) };
  return {
    ...part,
    path: at,
    parameters: new Map(
      [...part.parameters].map(([name, one]) => [name, { ...one, path: join(path, one.path) }]),
    ),
    children: new Map([...part.children].map(([name, child]) => [name, placed(child, path)])),
    ties: part.ties.map((tie) => ({ path: join(path, tie.path), to: join(path, tie.to) })),
    base: part.base === undefined ? undefined : placed(part.base, path),
  };
}

export function join(path: string, name: string): string {
  return path === "" ? name : name === "" ? path : `${path}.${name}`;
}

/** `stack(n, Layer(c))`. Without a number for n the checker has one copy, which stands for all. */
export function stack(count: Size, copy: Instance): Stack {
  const known = knownSize(count);
  const names =
    known === undefined ? ["*"] : Array.from({ length: known }, (_, place) => String(place));
  return { kind: "stack", path: "", count, copies: names.map((name) => placed(copy, name)) };
}

/** Blocks of a tree, its root and all copies of its stacks counted. */
export function partsIn({ children }: Instance): number {
  let count = 1;
  for (const child of children.values()) {
    const copies = child.kind === "stack" ? child.copies : [child];
    for (const copy of copies) count += partsIn(copy);
  }
  return count;
}

// Calling ---------------------------------------------------------------------------------------

export function forwardOf(instance: Instance): Forward | undefined {
  for (const member of instance.item.members) if (member.kind === "forward") return member;
  return undefined;
}

/** What a `forward` or `merge` of the instance sees: its names, its parts, its parameters, itself. */
export function innerScope(context: Context, instance: Instance): Scope {
  const names = new Map<string, Value>();
  for (const [name, parameter] of instance.parameters)
    names.set(name, parameterValue(context, parameter));
  for (const [name, child] of instance.children) names.set(name, child);
  if (instance.base !== undefined && instance.item.kind === "rewrite")
    names.set(instance.item.base.text, instance.base);
  names.set("self", instance);
  // Arguments and lets hide parameters of the same name, which are then reached through `self`.
  for (const name of [...names.keys()]) {
    for (let at: Scope | undefined = instance.scope; at !== undefined; at = at.outer) {
      const hides = at.names.get(name);
      if (hides !== undefined && hides.kind !== "instance") names.delete(name);
    }
  }
  return inner(instance.scope, names);
}

export function parameterValue(context: Context, parameter: Parameter): Value {
  return tensor(parameter.dtype, parameter.shape, context.emit?.parameter(parameter));
}

export function callInstance(
  context: Context,
  caller: Scope,
  instance: Instance,
  args: readonly Argument[],
  at: Span,
  piped?: Given,
): Value {
  const forward = forwardOf(instance);
  if (forward === undefined) {
    context.report(
      error("not-that-kind", {
        at,
        title: `${instance.name} has no \`forward\`, so it cannot be called`,
      }),
    );
    return errorValue;
  }
  const scope = innerScope(context, instance);
  const { name, path } = instance;
  return callSignature(context, caller, scope, { ...forward, path }, args, name, at, piped);
}

/**
 * Each copy in turn: what the first parameter is given goes through all of them, the others are the same for each.
 * Where the number of copies is not known, the one that stands for all is called twice, so that what it gives must
 * be what the next one takes.
 */
export function callStack(
  context: Context,
  caller: Scope,
  part: Stack,
  call: CallExpr,
  piped: Given | undefined,
): Value {
  const [first, ...others] = part.copies;
  if (first === undefined) {
    const [argument] = call.arguments;
    return (
      piped?.value ?? (argument ? context.evaluate(context, caller, argument.value) : errorValue)
    );
  }
  const through = forwardOf(first)?.params[0]?.name.text;
  const isThrough = ({ name }: Argument) => name === undefined || name.text === through;
  const place = piped === undefined ? call.arguments.findIndex(isThrough) : -1;
  const rest = call.arguments.filter((_, at) => at !== place);
  const next = others.length === 0 && knownSize(part.count) !== 1 ? [first] : others;
  let value = callInstance(context, caller, first, call.arguments, call.span, piped);
  for (const copy of next) {
    if (value.kind === "error") return value;
    value = callInstance(context, caller, copy, rest, call.span, { value, expr: call.callee });
  }
  return value;
}

/** A function or a `forward`. While checking, the result is what the signature says. */
export function callSignature(
  context: Context,
  caller: Scope,
  callee: Scope,
  signature: {
    readonly sizes: readonly SizeParam[];
    readonly params: Forward["params"];
    readonly result: Type;
    readonly body: Body | undefined;
    /** Of the part whose `forward` it is. */
    readonly path?: string;
  },
  args: readonly Argument[],
  name: string,
  at: Span,
  piped?: Given,
): Value {
  const open = openSizes(signature.sizes);
  const bindings: Bindings = new Map();
  const given = bindArguments(
    context,
    caller,
    callee,
    signature.params,
    args,
    name,
    at,
    open,
    bindings,
    piped,
  );
  if (given === undefined || [...given.values.values()].some((value) => value.kind === "error"))
    return errorValue;
  const scope = inner(withBindings(callee, bindings, new Set()), given.values);
  if (context.emit === undefined) {
    checkRequirements(context, scope, signature.body?.statements ?? [], {
      at,
      slug: "requirement-broken",
      labels: [],
      written: given.written,
    });
    return checkedResult(context, scope, signature, name);
  }
  if (signature.body === undefined) return errorValue;
  const { body, result, path } = signature;
  const inside = path === undefined ? context : { ...context, emit: context.emit.inside(path) };
  const ask = { what: `the result of \`${name}\``, declared: result.span };
  return evaluateBody(inside, scope, body, undefined, (within, value) =>
    fitted(within, scope, value, result, body.result, ask),
  );
}

/** What statements require of what is known. Their other faults are reported where they are defined. */
export function checkRequirements(
  context: Context,
  scope: Scope,
  statements: readonly (Let | Require)[],
  blame: Blame,
): void {
  const last = statements.findLastIndex((one) => one.kind === "require");
  // What calls in it require would be looked at twice by each call, and more often the deeper calls go.
  if (last < 0 || context.isSilent === true) return;
  const silent = silenced(context);
  const asking = { ...context, report: brokenOnly(context) };
  const names = new Map<string, Value>();
  let own = inner(scope, names);
  for (const statement of statements.slice(0, last + 1)) {
    if (statement.kind === "let") names.set(statement.name.text, letValue(silent, own, statement));
    else own = passed(asking, own, statement, blame).scope;
  }
}

function brokenOnly(context: Context): Context["report"] {
  return (fault) => {
    if (fault.slug === "requirement-broken") context.report(fault);
  };
}

/** A tensor is what the signature says; a number may be known, so that it can be a size, and comes from the body. */
function checkedResult(
  context: Context,
  scope: Scope,
  { body, result }: { readonly body: Body | undefined; readonly result: Type },
  name: string,
): Value {
  const isTensor = result.kind === "named-type" && result.extents !== undefined;
  const promised = abstractOf(context, scope, result, name);
  if (isTensor || body === undefined || promised.kind !== "number") return promised;
  // The body's own faults are reported where it is defined.
  const silent = silenced(context);
  const ask = { what: name, declared: result.span };
  return evaluateBody(silent, scope, body, undefined, (within, value) =>
    fitted(within, scope, value, result, body.result, ask),
  );
}

/** Statements in order, then the result; `finish` sees it with what the body requires. */
export function evaluateBody(
  context: Context,
  scope: Scope,
  body: Body,
  blame: Blame | undefined,
  finish: (within: Context, value: Value) => Value = (_, value) => value,
): Value {
  const names = new Map<string, Value>();
  let own = inner(scope, names);
  let within = context;
  for (const statement of body.statements) {
    if (statement.kind === "require") {
      ({ context: within, scope: own } = passed(within, own, statement, blame));
      continue;
    }
    names.set(statement.name.text, letValue(within, own, statement));
  }
  return finish(within, within.evaluate(within, own, body.result));
}

/** A parameter, a part or an argument of a block, by name: `base.weight`, `self.bias`. */
export function memberOf(context: Context, instance: Instance, name: string, at: Span): Value {
  const parameter = instance.parameters.get(name);
  if (parameter !== undefined) return parameterValue(context, parameter);
  const child = instance.children.get(name);
  if (child !== undefined) return child;
  const names = [...instance.parameters.keys(), ...instance.children.keys()];
  const near = nearest(name, names);
  context.report(
    error("no-such-field", {
      at,
      title: `${instance.name} has no \`${name}\``,
      notes: names.length === 0 ? [] : [`It has ${listed(names)}.`],
      fixes: near === undefined ? [] : [replace(at, near)],
    }),
  );
  return errorValue;
}
