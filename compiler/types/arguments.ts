/** Arguments of a call: by place, then by name, then by default; each fitted to the type it is declared with. */

import { type Diagnostic, error, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { calledElsewhere, saidElsewhere } from "../diagnostics/other-names.ts";
import { NameIndex, nearest } from "../diagnostics/suggest.ts";
import type { Module } from "../names/module.ts";
import type { Span } from "../source/file.ts";
import type { Argument, Expr, Field, Type } from "../syntax/ast.ts";
import { filled } from "./algebra.ts";
import { type Bindings, shapeOf, tensorElement, withBindings } from "./annotation.ts";
import { bareName, caseOf, enumOf } from "./cases.ts";
import type { Context } from "./context.ts";
import { bindSizes, fitted } from "./fit.ts";
import { real } from "./number.ts";
import { inner } from "./scope.ts";
import { showType } from "./show.ts";
import { isPlain } from "./unit.ts";
import {
  type BoolValue,
  type ElementType,
  errorValue,
  type Given,
  type NumberValue,
  none,
  type Scope,
  tensor,
  type Value,
} from "./value.ts";

/** Which argument each name gets; faults of number and name are reported. */
export function assign<Written>(
  context: Context,
  names: readonly string[],
  written: readonly {
    readonly name: string | undefined;
    readonly span: Span;
    readonly of: Written;
  }[],
  callee: string,
): Map<string, Written> {
  const found = new Map<string, Written>();
  const known = new Set(names);
  // Of very many arguments, very many may be misspelt.
  let index: NameIndex | undefined;
  let place = 0;
  for (const argument of written) {
    const name = argument.name ?? names[place++];
    if (name === undefined) {
      const takes = names.length === 0 ? "takes no arguments" : `takes ${listed(names)}`;
      context.report(
        error("too-many-arguments", { at: argument.span, title: `\`${callee}\` ${takes}` }),
      );
    } else if (!known.has(name)) {
      index ??= new NameIndex(names);
      const near = calledElsewhere(name, known) ?? nearest(name, index);
      context.report(noSuchArgument(near, name, argument.span, names, callee));
    } else if (found.has(name)) {
      context.report(
        error("defined-twice", {
          at: argument.span,
          title: `\`${callee}\` is given \`${name}\` twice`,
        }),
      );
    } else {
      found.set(name, argument.of);
    }
  }
  return found;
}

/** Arguments as `assign` takes them. */
export function plainArguments(
  args: readonly Argument[],
): { name: string | undefined; span: Span; of: Expr }[] {
  return args.map(({ name, span, value }) => ({
    name: name?.text,
    span: name?.span ?? span,
    of: value,
  }));
}

export function writtenArguments(
  args: readonly Argument[],
  piped: Given | undefined,
): { name: string | undefined; span: Span; of: Expr | Given }[] {
  const rest = plainArguments(args);
  return piped === undefined
    ? rest
    : [{ name: undefined, span: piped.expr.span, of: piped }, ...rest];
}

/**
 * The values of the parameters. `caller` is where arguments are read, `callee` where types and defaults are.
 * Undefined where an argument is missing; a faulty argument is `error` and what follows goes on.
 */
export function bindArguments(
  context: Context,
  caller: Scope,
  callee: Scope,
  params: readonly Field[],
  args: readonly Argument[],
  name: string,
  at: Span,
  open: ReadonlySet<string> = new Set(),
  bindings: Bindings = new Map(),
  piped: Given | undefined = undefined,
): { values: Map<string, Value>; written: Map<string, Expr> } | undefined {
  const names = params.map((param) => param.name.text);
  const all = writtenArguments(args, piped);
  const assigned = assign(context, names, all, name);
  const values = new Map<string, Value>();
  const given = new Map<string, Given>();
  for (const { name: own, type } of params) {
    const found = assigned.get(own.text);
    if (found === undefined) continue;
    const one =
      "expr" in found
        ? found
        : { value: evaluateArgument(context, caller, found, type, callee.module), expr: found };
    given.set(own.text, one);
    bindSizes(one.value, type, open, bindings);
  }
  let complete = true;
  for (const param of params) {
    const own = param.name.text;
    const scope = inner(withBindings(callee, bindings, open), values);
    const found = given.get(own);
    if (found === undefined && isNeeded(param)) {
      // One that was refused is the one that is missing.
      if (assigned.size === all.length) context.report(missing(param, name, at));
      complete = false;
      continue;
    }
    if (found === undefined) {
      values.set(own, defaultOf(context, scope, param));
      continue;
    }
    const ask = { what: `\`${own}\` of \`${name}\``, declared: param.type.span };
    values.set(
      own,
      fitted(context, scope, found.value, param.type, found.expr, ask, open, bindings),
    );
  }
  const written = new Map([...given].map(([own, { expr }]) => [own, expr]));
  return complete ? { values, written } : undefined;
}

/** Whether a parameter must be given: it has no default and may not be left out. */
export function isNeeded({ value, type }: Field): boolean {
  return value === undefined && !type.optional;
}

/** What a parameter that is not given is: its default, fitted to its type; none where it may be absent. */
export function defaultOf(context: Context, scope: Scope, param: Field): Value {
  return param.value === undefined ? none : fitDefault(context, scope, param, param.value);
}

function fitDefault(context: Context, scope: Scope, param: Field, value: Expr): Value {
  const ask = { what: `the default of \`${param.name.text}\``, declared: param.type.span };
  const result = evaluateArgument(context, scope, value, param.type, scope.module);
  // `learn: bool[B, T] = true` stands for a tensor of that value.
  const element = param.type.kind === "named-type" ? tensorElement(param.type) : undefined;
  if (element !== undefined && (result.kind === "bool" || result.kind === "number")) {
    return fillsElements(context, result, element, param.name.text, value.span)
      ? everywhere(context, scope, param.type, element, result, value.span)
      : errorValue;
  }
  return result.kind === "error"
    ? errorValue
    : fitted(context, scope, result, param.type, value, ask);
}

/** Whether a default may stand at every place of a tensor. */
export function fillsElements(
  context: Context,
  value: BoolValue | NumberValue,
  element: ElementType,
  name: string,
  at: Span,
): boolean {
  const unit = value.kind === "number" ? value.unit : undefined;
  const fits =
    element === "bool"
      ? unit === undefined
      : unit !== undefined && (element === "i32" ? unit === "int" : isPlain(unit));
  if (fits) return true;
  const shown = element === "i32" ? "int" : element;
  context.report(
    error("type-mismatch", {
      at,
      title: `\`${name}\` has ${shown} elements, and its default is ${showType(value)}`,
    }),
  );
  return false;
}

/** What is written where a value of the type is wanted; `module` is where the type was written. */
export function evaluateArgument(
  context: Context,
  scope: Scope,
  expr: Expr,
  type: Type,
  module: Module,
): Value {
  const wanted = enumOf(module, type);
  const bare = wanted === undefined ? undefined : bareName(scope, expr);
  return wanted === undefined || bare === undefined
    ? context.evaluate(context, scope, expr)
    : caseOf(context, wanted, bare);
}

/** A tensor of the declared shape that holds the value at every place. */
function everywhere(
  context: Context,
  scope: Scope,
  type: Type,
  element: ElementType,
  value: BoolValue | NumberValue,
  origin: Span,
): Value {
  const extents = type.kind === "named-type" ? type.extents : undefined;
  const shape = extents === undefined ? undefined : shapeOf(context, scope, extents);
  if (shape === undefined) return errorValue;
  const amount = value.kind === "number" ? value : real(value.value === true ? 1 : 0);
  return tensor(element, shape, filled(context, amount, element, shape, origin));
}

function missing({ name, span }: Field, callee: string, at: Span): Diagnostic {
  return error("missing-argument", {
    at,
    title: `\`${callee}\` needs \`${name.text}\``,
    secondary: [{ span, text: "asked here, without a default" }],
  });
}

function noSuchArgument(
  near: string | undefined,
  name: string,
  at: Span,
  names: readonly string[],
  callee: string,
): Diagnostic {
  const saying = saidElsewhere(name);
  return error("no-such-field", {
    at,
    title: `\`${callee}\` takes no \`${name}\``,
    notes: [names.length === 0 ? "It takes nothing." : `It takes ${listed(names)}.`],
    fixes:
      near !== undefined ? [replace(at, near)] : saying === undefined ? [] : [{ text: saying }],
  });
}
