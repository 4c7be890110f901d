/** What an expression stands for: one case a kind of expression. Families of rules are in files of their own. */

import { bug } from "../bug.ts";
import { error, type Fix, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { lookup, type Module, type NamedItem } from "../names/module.ts";
import { type Span, textOf } from "../source/file.ts";
import type {
  BinaryExpr,
  CallExpr,
  Expr,
  IfExpr,
  LetItem,
  MemberExpr,
  NameExpr,
  PipeExpr,
  QuantityExpr,
  StringExpr,
} from "../syntax/ast.ts";
import { constant } from "../tensor/size.ts";
import { binary, unary } from "./algebra.ts";
import { requireOfArguments } from "./argument-requirements.ts";
import { assign, bindArguments, writtenArguments } from "./arguments.ts";
import { axes } from "./axes.ts";
import { builtins, constantOf } from "./builtins.ts";
import { bareName, caseOf } from "./cases.ts";
import { choose } from "./choose.ts";
import type { Context } from "./context.ts";
import { applyTransform, datasetOf } from "./data.ts";
import { hasEnd, letsUsedBy } from "./definition-ends.ts";
import { index } from "./indexing.ts";
import { callInstance, callSignature, callStack, construct, memberOf } from "./instance.ts";
import { numberOf, real, whole } from "./number.ts";
import { absentNotes, narrowed, pathOf } from "./optional.ts";
import { foundElsewhere, lastImported, nearestInReach } from "./reach.ts";
import { requirement } from "./require.ts";
import { find, inner, moduleScope, rootOf } from "./scope.ts";
import { showType } from "./show.ts";
import { checkText } from "./text.ts";
import { quantityOf, suffixNames } from "./unit.ts";
import {
  bool,
  type Closure,
  type Definition,
  errorValue,
  type Given,
  none,
  type Scope,
  type Value,
} from "./value.ts";
import { entryOf } from "./word-table.ts";

export function evaluate(context: Context, scope: Scope, expr: Expr): Value {
  const value = meaning(context, scope, expr);
  context.findings?.note(expr, value, scope);
  return value;
}

function meaning(context: Context, scope: Scope, expr: Expr): Value {
  switch (expr.kind) {
    case "number":
      return expr.integral ? whole(constant(expr.value)) : real(expr.value);
    case "quantity":
      return quantity(context, expr);
    case "string":
      return { kind: "string", value: textOfString(context, scope, expr) };
    case "bool":
      return bool(expr.value);
    case "none":
      return none;
    case "name":
      return named(context, scope, expr);
    case "member":
      return member(context, scope, expr);
    case "call":
      return call(context, scope, expr, undefined);
    case "pipe":
      return pipe(context, scope, expr);
    case "index":
      return index(context, scope, expr);
    case "unary": {
      const operand = { value: evaluate(context, scope, expr.operand), expr: expr.operand };
      return unary(context, expr.operator, operand, expr.span);
    }
    case "binary": {
      const [left, right] = operandsOf(context, scope, expr);
      return binary(context, expr.operator, left, right, expr.span);
    }
    case "if":
      return conditional(context, scope, expr);
    case "list":
      return { kind: "list", items: expr.items.map((item) => evaluate(context, scope, item)) };
    case "axes":
      return axes(context, scope, expr);
    case "missing":
      return errorValue;
    default:
      return expr satisfies never;
  }
}

/** Both sides; the name of a case is read by the enum on the other side of an equality. */
function operandsOf(context: Context, scope: Scope, expr: BinaryExpr): readonly [Given, Given] {
  const isEquality = expr.operator === "==" || expr.operator === "!=";
  const [leftName, rightName] = [expr.left, expr.right].map((side) =>
    isEquality ? bareName(scope, side) : undefined,
  );
  const read = (side: Expr, at = scope): Given => ({
    value: evaluate(context, at, side),
    expr: side,
  });
  if (expr.operator === "&&" || expr.operator === "||") {
    const within = narrowed(context, scope, expr.left, expr.operator === "&&");
    return [read(expr.left), read(expr.right, within)];
  }
  if (rightName !== undefined && leftName === undefined) {
    const left = read(expr.left);
    if (left.value.kind !== "case") return [left, read(expr.right)];
    return [left, { value: caseOf(context, left.value.item, rightName), expr: expr.right }];
  }
  if (leftName !== undefined && rightName === undefined) {
    const right = read(expr.right);
    if (right.value.kind !== "case") return [read(expr.left), right];
    return [{ value: caseOf(context, right.value.item, leftName), expr: expr.left }, right];
  }
  return [read(expr.left), read(expr.right)];
}

function quantity(context: Context, expr: QuantityExpr): Value {
  const found = quantityOf(expr.unit, expr.value);
  if (found !== undefined) return numberOf(found[1], found[0]);
  const near = nearest(expr.unit, suffixNames);
  context.report(
    error("no-such-unit", {
      at: expr.span,
      title: `there is no unit \`${expr.unit}\``,
      notes: [`Units are ${suffixNames.join(", ")}.`],
      fixes: near === undefined ? [] : [replace(expr.span, `${expr.value}${near}`)],
    }),
  );
  return errorValue;
}

/** The text, where every part of it is known. */
function textOfString(context: Context, scope: Scope, expr: StringExpr): string | undefined {
  let text = "";
  for (const part of expr.parts) {
    if (part.kind === "text") {
      text += part.text;
      continue;
    }
    const value = evaluate(context, scope, part.value);
    checkText(context, part.value, value);
    if (value.kind !== "string" || value.value === undefined) return undefined;
    text += value.value;
  }
  return text;
}

/** What each `let` of a module stands for, for each receiver of reports. */
const letValues = new WeakMap<Context["report"], Map<LetItem, Value>>();

/** What a `let` of a module is, whoever names it. Where it has nodes, each graph has its own. */
function letValue(context: Context, module: Module, item: LetItem): Value {
  const value = valueAlone({ ...context, emit: undefined, rows: undefined }, module, item);
  const isWhole = (value.kind === "number" || value.kind === "bool") && value.value !== undefined;
  if (context.emit === undefined || isWhole) return value;
  return evaluate(context, moduleScope(module), item.value);
}

/**
 * Evaluated once: lets of lets of lets would double with each. Those that it is made of come first, so that a chain of
 * thousands is not one call deeper for each.
 */
function valueAlone(context: Context, module: Module, item: LetItem): Value {
  const values = letValues.get(context.report) ?? new Map<LetItem, Value>();
  letValues.set(context.report, values);
  const open = [{ module, item, isEntered: false }];
  for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
    const parts = next.isEntered ? [] : letsUsedBy(next.module, next.item);
    const unknown = parts.filter((part) => !values.has(part.item));
    next.isEntered = true;
    for (const part of unknown) open.push({ ...part, isEntered: false });
    if (unknown.length > 0) continue;
    open.pop();
    if (values.has(next.item)) continue;
    values.set(next.item, evaluate(context, moduleScope(next.module), next.item.value));
  }
  return values.get(item) ?? bug("a value was not evaluated");
}

function named(context: Context, scope: Scope, expr: NameExpr): Value {
  const local = find(scope, expr.text);
  if (local !== undefined) return local;
  // A file's own `training` is its dataset; the language's constants are what is called nothing else.
  const found = lookup(scope.module, expr.text);
  const constant = found === undefined ? constantOf(context, expr.text) : undefined;
  if (constant !== undefined) return constant;
  if (found?.kind === "item") {
    const { module, item } = found;
    // To evaluate it would not end. It is reported where it is defined.
    if (!hasEnd(module, item)) return errorValue;
    switch (item.kind) {
      case "let":
        return letValue(context, module, item);
      case "fn":
      case "block":
      case "record":
      case "enum":
      case "adapter":
      case "optimizer":
      case "schedule":
      case "template":
      case "transform":
      case "metric": {
        const definition: Definition = { kind: "definition", item, module };
        return definition;
      }
      case "dataset":
        return datasetOf(
          context,
          module === scope.module ? rootOf(scope) : moduleScope(module),
          item,
        );
      case "model":
      case "adapt":
      case "train":
      case "evaluate":
      case "export":
        reportUnmade(context, expr, item);
        return errorValue;
      default:
        item satisfies never;
    }
  }
  if (expr.text !== "") reportUnknown(context, scope, expr.text, expr.span);
  return errorValue;
}

/** A model or step that the file has, and that nothing has made where it is named. */
function reportUnmade(context: Context, { text, span }: NameExpr, item: NamedItem): void {
  const isBelow = item.name.span.start > span.start;
  context.report(
    error("no-such-name", {
      at: span,
      title: isBelow
        ? `there is no \`${text}\` yet where it is used`
        : `\`${text}\` is made by this pipeline's \`${item.kind}\`, and definitions are there before it`,
      secondary: [{ span: item.name.span, text: "made here" }],
      notes: ["A pipeline is read from its top: what makes a model stands above what uses it."],
    }),
  );
}

function reportUnknown(context: Context, scope: Scope, name: string, at: Span): void {
  const { module } = scope;
  const near = nearestInReach(scope, name);
  // A name that an imported module has, but that this file did not ask for.
  const elsewhere = foundElsewhere(module, name, near === undefined);
  const title = `nothing here is called \`${name}\``;
  if (elsewhere === undefined) {
    const fixes = near === undefined ? [] : [replace(at, near)];
    context.report(error("no-such-name", { at, title, fixes }));
    return;
  }
  const { path, name: meant } = elsewhere;
  context.report(
    error("no-such-name", {
      at,
      title,
      notes: [`${path} has \`${meant}\`, and this file imports ${path} without it.`],
      fixes: [imported(module, path, meant, at)],
    }),
  );
}

/** The name in place of what is written, and in the braces of the import that lacks it. */
function imported(module: Module, path: string, name: string, at: Span): Fix {
  const text = `${name}, and import ${path}.{${name}}`;
  const last = lastImported(module, path);
  if (last === undefined) return replace(at, name, text);
  const { file, end } = last.span;
  const edits = [{ span: { file, start: end, end }, text: `, ${name}` }];
  if (textOf(at) !== name) edits.push({ span: at, text: name });
  return { text, edits };
}

function member(context: Context, scope: Scope, expr: MemberExpr): Value {
  // `nn.Linear`: a module imported whole.
  if (expr.object.kind === "name" && find(scope, expr.object.text) === undefined) {
    const imported = scope.module.imports.get(expr.object.text);
    if (imported?.kind === "module") {
      const name: NameExpr = { kind: "name", text: expr.name.text, span: expr.name.span };
      return named(context, moduleScope(imported.module), name);
    }
  }
  // What a condition has said of this very member.
  const path = pathOf(expr);
  const said = path === undefined ? undefined : find(scope, path);
  if (said !== undefined) return said;
  const object = evaluate(context, scope, expr.object);
  const name = expr.name.text;
  switch (object.kind) {
    case "error":
      return object;
    case "instance":
      return memberOf(context, object, name, expr.name.span);
    case "record": {
      const value = object.fields.get(name);
      if (value !== undefined) return value;
      return noMember(context, expr, `a ${object.item.name.text}`, [...object.fields.keys()]);
    }
    case "definition":
      if (object.item.kind === "enum") {
        const cases = object.item.cases.map((one) => one.text);
        if (cases.includes(name)) return { kind: "case", item: object.item, name };
        return noMember(context, expr, `the enum ${object.item.name.text}`, cases);
      }
      return noMember(context, expr, showType(object), []);
    case "dataset":
      return (
        object.outputs.get(name) ??
        noMember(context, expr, showType(object), [...object.outputs.keys()])
      );
    case "opaque": {
      const lack = object.lacks?.get(name);
      if (lack !== undefined) {
        context.report(error(lack.slug, { at: expr.name.span, ...lack }));
        return errorValue;
      }
      const value = object.members.get(name);
      return value ?? noMember(context, expr, `a ${object.type}`, [...object.members.keys()]);
    }
    default:
      return noMember(context, expr, showType(object), [], object);
  }
}

/** Members that only some values have, and what the others lack. */
const perhaps: Readonly<Record<string, string>> = {
  tokenizer:
    "The folder of its weights holds no tokenizer.json; a model that starts fresh is given one: `tokenizer = …`.",
  chat_template:
    "Neither chat_template.jinja nor tokenizer_config.json beside its weights holds one: write a `template`.",
};

function noMember(
  context: Context,
  expr: MemberExpr,
  owner: string,
  names: readonly string[],
  ...owners: readonly Value[]
): Value {
  const near = nearest(expr.name.text, names);
  if (expr.name.text === "") return errorValue;
  context.report(
    error("no-such-field", {
      at: expr.name.span,
      title: `${owner} has no \`${expr.name.text}\``,
      notes: [
        ...absentNotes(...owners),
        ...(Object.hasOwn(perhaps, expr.name.text) ? [perhaps[expr.name.text]] : []),
        ...(names.length === 0 ? [] : [`It has ${listed(names)}.`]),
      ],
      fixes: near === undefined ? [] : [replace(expr.name.span, near)],
    }),
  );
  return errorValue;
}

/** `a |> f(x)` is `f(a, x)`, and `a |> f` is `f(a)`. */
function pipe(context: Context, scope: Scope, expr: PipeExpr): Value {
  const piped: Given = { value: evaluate(context, scope, expr.value), expr: expr.value };
  const target: CallExpr =
    expr.call.kind === "call"
      ? expr.call
      : { kind: "call", callee: expr.call, sizes: undefined, arguments: [], span: expr.call.span };
  return call(context, scope, target, piped);
}

function call(context: Context, scope: Scope, expr: CallExpr, piped: Given | undefined): Value {
  if (
    expr.callee.kind === "name" &&
    find(scope, expr.callee.text) === undefined &&
    lookup(scope.module, expr.callee.text) === undefined
  ) {
    const builtin = entryOf(builtins, expr.callee.text);
    if (builtin !== undefined) reportSizes(context, expr);
    if (builtin !== undefined)
      return callBuiltin(context, scope, expr, builtin.parameters, builtin.call, piped);
  }
  const callee = evaluate(context, scope, expr.callee);
  const name = textOf(expr.callee.span);
  const takesSizes = callee.kind === "definition" && callee.item.kind === "block";
  if (!takesSizes && callee.kind !== "error") reportSizes(context, expr);
  switch (callee.kind) {
    case "error":
      // The arguments are still read: their faults are their own.
      for (const argument of expr.arguments) evaluate(context, scope, argument.value);
      return callee;
    case "instance":
      return callInstance(context, scope, callee, expr.arguments, expr.span, piped);
    case "stack":
      return callStack(context, scope, callee, expr, piped);
    case "definition":
      return callDefinition(context, scope, expr, callee, piped);
    default:
      context.report(
        error("not-that-kind", {
          at: expr.callee.span,
          title: `\`${name}\` is ${showType(callee)}, which is not called`,
        }),
      );
      return errorValue;
  }
}

/** Blocks alone are given sizes: those of a function are found from its arguments. */
function reportSizes(context: Context, { callee, sizes }: CallExpr): void {
  const [first] = sizes ?? [];
  const last = sizes?.at(-1);
  if (first === undefined || last === undefined) return;
  const span = { file: first.span.file, start: first.span.start, end: last.span.end };
  const brackets = { file: span.file, start: callee.span.end, end: span.end + 1 };
  context.report(
    error("too-many-arguments", {
      at: span,
      title: `\`${textOf(callee.span)}\` is given no sizes: they are found from its arguments`,
      fixes: [replace(brackets, "", "leave the brackets out")],
    }),
  );
}

function callDefinition(
  context: Context,
  scope: Scope,
  expr: CallExpr,
  callee: Definition,
  piped: Given | undefined,
): Value {
  const { item, module } = callee;
  const own = moduleScope(module);
  const name = item.name.text;
  switch (item.kind) {
    case "fn":
      return callSignature(context, scope, own, item, expr.arguments, name, expr.span, piped);
    case "block":
      return construct(context, scope, item, module, expr.sizes ?? [], expr.arguments, expr.span);
    case "record": {
      const given = bindArguments(
        context,
        scope,
        own,
        item.fields,
        expr.arguments,
        name,
        expr.span,
        undefined,
        undefined,
        piped,
      );
      if (given === undefined) return errorValue;
      const within = inner(own, given.values);
      for (const require of item.requires)
        requirement(context, within, require, {
          at: expr.span,
          slug: "requirement-broken",
          labels: [],
          written: given.written,
        });
      return { kind: "record", item, fields: given.values };
    }
    case "enum":
      context.report(
        error("not-that-kind", {
          at: expr.span,
          title: `\`${name}\` is an enum; its cases are ${listed(item.cases.map((one) => `${name}.${one.text}`))}`,
        }),
      );
      return errorValue;
    case "adapter":
    case "optimizer":
    case "schedule":
    case "template":
    case "metric": {
      const given = bindArguments(
        context,
        scope,
        own,
        item.kind === "metric" ? [] : item.params,
        expr.arguments,
        name,
        expr.span,
        undefined,
        undefined,
        undefined,
      );
      if (given === undefined) return errorValue;
      const closure: Closure = {
        kind: "closure",
        item,
        module,
        arguments: given.values,
        written: given.written,
      };
      requireOfArguments(context, closure, expr.span);
      return closure;
    }
    case "transform":
      return applyTransform(context, scope, module, item, expr, piped);
    default:
      return item satisfies never;
  }
}

function callBuiltin(
  context: Context,
  scope: Scope,
  expr: CallExpr,
  parameters: readonly string[],
  run: (context: Context, given: ReadonlyMap<string, Given>, at: Span) => Value,
  piped: Given | undefined,
): Value {
  const name = textOf(expr.callee.span);
  const names = parameters.map((parameter) => parameter.replace("?", ""));
  const all = writtenArguments(expr.arguments, piped);
  const assigned = assign(context, names, all, name);
  const given = new Map<string, Given>();
  for (const [own, written] of assigned) {
    given.set(
      own,
      "expr" in written ? written : { value: evaluate(context, scope, written), expr: written },
    );
  }
  const absent = parameters.find((parameter) => !parameter.endsWith("?") && !given.has(parameter));
  if (absent !== undefined) {
    // One that was refused is the one that is absent.
    if (assigned.size < all.length) return errorValue;
    context.report(
      error("missing-argument", { at: expr.span, title: `\`${name}\` needs \`${absent}\`` }),
    );
    return errorValue;
  }
  return [...given.values()].some((one) => one.value.kind === "error")
    ? errorValue
    : run(context, given, expr.span);
}

/** A known condition reads one branch only, so that the other may use what is not there. */
function conditional(context: Context, scope: Scope, expr: IfExpr): Value {
  const condition = evaluate(context, scope, expr.condition);
  if (condition.kind === "bool" && condition.value !== undefined) {
    return evaluate(context, scope, condition.value ? expr.then : expr.otherwise);
  }
  const branch = (one: Expr, holds: boolean): Given => {
    const within = narrowed(context, scope, expr.condition, holds);
    return { value: evaluate(context, within, one), expr: one };
  };
  const [then, otherwise] = [branch(expr.then, true), branch(expr.otherwise, false)];
  if (condition.kind === "error") return errorValue;
  if (condition.kind === "bool" || (condition.kind === "tensor" && condition.dtype === "bool")) {
    const given = { value: condition, expr: expr.condition };
    return choose(context, given, then, otherwise, expr.span);
  }
  context.report(
    error("type-mismatch", {
      at: expr.condition.span,
      title: `\`if\` asks a condition, and this is ${showType(condition)}`,
      notes: absentNotes(condition),
    }),
  );
  return errorValue;
}
