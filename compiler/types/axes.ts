/**
 * `einsum`, `rearrange`, `repeat` and `reduce`: operations whose axes are written out. A pattern's letters are
 * sizes; `..` stands for the axes that a pattern does not name, the same ones in every operand.
 */

import { error } from "../diagnostics/diagnostic.ts";
import type { ValueId } from "../ops/op.ts";
import { type Span, textOf } from "../source/file.ts";
import type { AxesExpr, Pattern, PatternAxis } from "../syntax/ast.ts";
import {
  constant,
  divide,
  knownSize,
  multiply,
  product,
  remainder,
  type Size,
  show,
} from "../tensor/size.ts";
import { elementsFit } from "./agreement.ts";
import { emit, filled, numericShape } from "./algebra.ts";
import { sizeOf } from "./annotation.ts";
import { sameAxis } from "./axis.ts";
import type { Context } from "./context.ts";
import { convertedTo } from "./conversion-fix.ts";
import { real } from "./number.ts";
import { requireFix } from "./require-fix.ts";
import { showAxis, showTensor, showType } from "./show.ts";
import {
  type Axis,
  axis,
  errorValue,
  type Scope,
  type TensorValue,
  tensor,
  type Value,
} from "./value.ts";
import { entryOf } from "./word-table.ts";

/** One axis of a tensor under its letter; those under `..` have letters of their own: `..0`, `..1`. */
interface Lettered {
  readonly letter: string;
  readonly axis: Axis;
}

type Letters = Map<string, { readonly axis: Axis; readonly span: Span }>;

export function axes(context: Context, scope: Scope, expr: AxesExpr): Value {
  const operands: { value: TensorValue; pattern: Pattern }[] = [];
  for (const operand of expr.operands) {
    const value = context.evaluate(context, scope, operand.value);
    if (value.kind === "error") return errorValue;
    if (value.kind !== "tensor") {
      context.report(
        error("type-mismatch", {
          at: operand.value.span,
          title: `${expr.operation} works on tensors, and this is ${showType(value)}`,
        }),
      );
      return errorValue;
    }
    operands.push({ value, pattern: operand.pattern });
  }
  for (const { pattern } of operands) if (!namesOnce(context, pattern)) return errorValue;
  const given = givenSizes(context, scope, expr);
  if (given === undefined) return errorValue;
  const letters: Letters = new Map();
  const split: { value: TensorValue; axes: readonly Lettered[] }[] = [];
  for (const { value, pattern } of operands) {
    const found = splitOperand(context, value, pattern, given, letters);
    if (found === undefined) return errorValue;
    split.push({ value: found.value, axes: found.axes });
  }
  if (![...given].every(([letter, size]) => agrees(context, expr, letter, size, letters)))
    return errorValue;
  if (!namesOnce(context, expr.result)) return errorValue;
  if (expr.operation === "einsum") return einsum(context, expr, split, letters);
  const [only] = split;
  if (only === undefined || split.length !== 1) {
    context.report(
      error("too-many-arguments", { at: expr.span, title: `${expr.operation} takes one tensor` }),
    );
    return errorValue;
  }
  if (expr.operation === "reduce") return reduce(context, expr, only, letters);
  return rearrange(context, expr, only, given, letters);
}

/** Sizes given by name: `h = H`. */
function givenSizes(
  context: Context,
  scope: Scope,
  expr: AxesExpr,
): Map<string, { size: Size; span: Span }> | undefined {
  const sizes = new Map<string, { size: Size; span: Span }>();
  for (const argument of expr.arguments) {
    if (argument.name === undefined || (expr.operation === "reduce" && argument.name.text === "by"))
      continue;
    if (sizes.has(argument.name.text)) {
      reportLetterTwice(context, argument.name.text, argument.name.span);
      return undefined;
    }
    const size = sizeOf(context, scope, argument.value);
    if (size !== undefined) sizes.set(argument.name.text, { size, span: argument.span });
  }
  return sizes;
}

/** Each axis of a tensor has a letter of its own, and the axes without one stand in one place. */
function namesOnce(context: Context, pattern: Pattern): boolean {
  const seen = new Set<string>();
  for (const one of pattern.axes.flatMap((part) => (part.kind === "group" ? part.axes : [part]))) {
    const letter = one.kind === "axis" ? one.text : one.kind === "rest" ? ".." : undefined;
    if (letter !== undefined && seen.has(letter)) {
      reportLetterTwice(context, letter, one.span);
      return false;
    }
    if (letter !== undefined) seen.add(letter);
  }
  return true;
}

function reportLetterTwice(context: Context, letter: string, at: Span): void {
  context.report(
    error("defined-twice", {
      at,
      title:
        letter === ".."
          ? "`..` stands for all the axes that have no letter, so there is one of it"
          : `\`${letter}\` is there twice, and each axis of a tensor has a letter of its own`,
    }),
  );
}

/** Whether a size that is given is that of an axis here; a size of no axis would be passed over in silence. */
function agrees(
  context: Context,
  expr: AxesExpr,
  letter: string,
  { size, span }: { readonly size: Size; readonly span: Span },
  letters: Letters,
): boolean {
  if (letters.has(letter)) return bindLetter(context, letters, letter, axis(size), span);
  const isNew =
    expr.operation === "repeat" &&
    expr.result.axes.some((one) => one.kind !== "rest" && lettersOf(one).includes(letter));
  if (isNew) return true;
  context.report(
    error("axis-from-nowhere", {
      at: span,
      title: `\`${letter}\` is given a size, and no axis here is called that`,
    }),
  );
  return false;
}

function lettersOf(part: PatternAxis): readonly string[] {
  if (part.kind === "group") return part.axes.flatMap(lettersOf);
  return part.kind === "axis" ? [part.text] : [];
}

/** The operand with its groups taken apart, one letter an axis. */
function splitOperand(
  context: Context,
  value: TensorValue,
  pattern: Pattern,
  given: ReadonlyMap<string, { size: Size; span: Span }>,
  letters: Letters,
): { value: TensorValue; axes: readonly Lettered[] } | undefined {
  const hasRest = pattern.axes.some((one) => one.kind === "rest");
  const fixed = pattern.axes.length - (hasRest ? 1 : 0);
  const free = value.shape.length - fixed;
  if (free < 0 || (!hasRest && free !== 0)) {
    context.report(
      error("rank-mismatch", {
        at: pattern.span,
        title: `this names ${fixed} axes of ${showTensor(value)}`,
      }),
    );
    return undefined;
  }
  const result: Lettered[] = [];
  let place = 0;
  let regrouped = false;
  for (const one of pattern.axes) {
    if (one.kind === "rest") {
      for (let at = 0; at < free; at++)
        result.push({ letter: `..${at - free}`, axis: value.shape[place++] });
      continue;
    }
    const actual = value.shape[place++];
    if (one.kind === "axis") result.push({ letter: one.text, axis: actual });
    if (one.kind === "one") {
      if (sameAxis(context, actual, axis(constant(1))) !== "equal") {
        reportNotOne(context, one.span, value);
        return undefined;
      }
      regrouped = true;
    }
    if (one.kind === "group") {
      const parts = splitGroup(context, one, actual, given, letters);
      if (parts === undefined) return undefined;
      regrouped = true;
      result.push(...parts);
    }
  }
  for (const { letter, axis: found } of result) {
    if (!bindLetter(context, letters, letter, found, pattern.span)) return undefined;
  }
  const shape = result.map((one) => one.axis);
  const node = regrouped ? reshaped(context, value.node, shape, pattern.span) : value.node;
  return { value: tensor(value.dtype, shape, node), axes: result };
}

function reportNotOne(context: Context, at: Span, value: TensorValue): void {
  context.report(
    error("size-mismatch", {
      at,
      title: `\`1\` stands for an axis of size 1, and here it meets another of ${showTensor(value)}`,
      fixes: [{ text: "give the axis a letter" }],
    }),
  );
}

function splitGroup(
  context: Context,
  group: Extract<PatternAxis, { kind: "group" }>,
  actual: Axis,
  given: ReadonlyMap<string, { size: Size; span: Span }>,
  letters: Letters,
): Lettered[] | undefined {
  if (actual.kind === "run") return undefined;
  const names = group.axes.map((one) => (one.kind === "axis" ? one.text : ""));
  const known = names.map((name) => given.get(name)?.size ?? sizeIn(letters, name));
  const open = names.filter((_, at) => known[at] === undefined);
  const rest = product(known.filter((size) => size !== undefined));
  if (open.length > 1) {
    context.report(
      error("axis-unknown-size", {
        at: group.span,
        title: `${show(actual.size)} splits into ${names.join(" and ")}, and only one of them may be left to find`,
        fixes: [{ text: `give the size of one: ${open[0]} = …` }],
      }),
    );
    return undefined;
  }
  const whole = open.length === 1 ? remainder(actual.size, rest) : undefined;
  const missing = open.length === 1 ? divide(actual.size, rest) : undefined;
  const fits =
    missing === undefined
      ? sameAxis(context, actual, axis(rest))
      : whole !== undefined && knownSize(whole) !== undefined
        ? knownSize(whole) === 0
          ? "equal"
          : "different"
        : sameAxis(context, actual, axis(multiply(missing, rest)));
  if (fits !== "equal") {
    context.report(
      error(fits === "different" ? "size-mismatch" : "size-unproved", {
        at: group.span,
        title:
          fits === "different"
            ? `${show(actual.size)} is not ${names.join(" times ")}, with ${show(rest)} known of it`
            : `I cannot tell whether ${show(actual.size)} splits into ${show(rest)} equal parts`,
        notes:
          fits === "different"
            ? []
            : ["It may be true of every model that you build. Say so, and each one is checked:"],
        fixes:
          fits === "different"
            ? []
            : [
                whole === undefined
                  ? requireFix(group.span, show(actual.size), show(rest))
                  : requireFix(group.span, show(whole), "0"),
              ],
      }),
    );
    return undefined;
  }
  return names.map((letter, at) => ({ letter, axis: axis(known[at] ?? missing ?? constant(1)) }));
}

function sizeIn(letters: Letters, name: string): Size | undefined {
  const found = letters.get(name)?.axis;
  return found?.kind === "axis" ? found.size : undefined;
}

function bindLetter(
  context: Context,
  letters: Letters,
  letter: string,
  found: Axis,
  span: Span,
): boolean {
  const known = letters.get(letter);
  if (known === undefined) {
    letters.set(letter, { axis: found, span });
    return true;
  }
  const same = sameAxis(context, known.axis, found);
  if (same === "equal") return true;
  const sizes = [known.axis, found].map(showAxis);
  const name = letter.startsWith("..") ? ".." : letter;
  context.report(
    error(same === "different" ? "axis-two-sizes" : "size-unproved", {
      at: span,
      title:
        same === "different"
          ? `the axis \`${name}\` has two sizes here, ${sizes[0]} and ${sizes[1]}`
          : `I cannot tell whether ${sizes[0]} equals ${sizes[1]}, which both are \`${name}\` here`,
      label: sizes[1],
      secondary: [{ span: known.span, text: sizes[0] }],
      notes:
        same === "different"
          ? ["One letter is one size; another size wants a letter of its own."]
          : [],
      fixes: same === "different" ? [] : [requireFix(span, sizes[0], sizes[1])],
    }),
  );
  return false;
}

function einsum(
  context: Context,
  expr: AxesExpr,
  operands: readonly { value: TensorValue; axes: readonly Lettered[] }[],
  letters: Letters,
): Value {
  const result = resultAxes(context, expr.result, letters, operands[0]?.axes ?? []);
  if (result === undefined) return errorValue;
  const [first, second] = operands;
  if (operands.length > 2 || first === undefined) {
    context.report(
      error("too-many-arguments", {
        at: expr.span,
        title: "einsum multiplies two tensors at most",
        fixes: [
          {
            text: "multiply the first two, and the result with the third: you choose the order, and so the cost",
          },
        ],
      }),
    );
    return errorValue;
  }
  const dtype = first.value.dtype;
  const other = operands.find((operand) => operand.value.dtype !== dtype);
  if (other !== undefined) {
    const whole = [first, other].find((operand) => operand.value.dtype === "i32") ?? other;
    const partner = whole === first ? other : first;
    const at = expr.operands[operands.indexOf(whole)].value.span;
    const beside = expr.operands[operands.indexOf(partner)].value.span;
    context.report(
      error(whole.value.dtype === "i32" ? "int-for-float" : "dtype-mismatch", {
        at,
        title: `${whole.value.dtype === "i32" ? "an" : "a"} ${showTensor(whole.value)} meets ${showTensor(partner.value)} here`,
        notes: ["Nothing is converted unasked."],
        fixes: [convertedTo(partner.value.dtype, at, beside)],
      }),
    );
    return errorValue;
  }
  // A product is summed as floats; a single operand may hold any numbers.
  const what = second === undefined ? "a sum works" : "`einsum` works";
  for (const [at, { value }] of operands.entries()) {
    const { span } = expr.operands[at].value;
    const elements = second === undefined ? "number" : "float";
    if (!elementsFit(context, elements, what, dtype, showTensor(value), span)) return errorValue;
  }
  const shape = result.map((one) => one.axis);
  if (context.emit === undefined) return tensor(dtype, shape);
  const numbers = new Map([...letters.keys()].map((letter, at) => [letter, at]));
  const labels = (all: readonly Lettered[]) => all.map((one) => numbers.get(one.letter) ?? -1);
  const node =
    second === undefined
      ? sumAndOrder(context, first, result, expr.span)
      : emit(
          context,
          "contract",
          [first.value.node, second.value.node],
          { left: labels(first.axes), right: labels(second.axes), out: labels(result) },
          expr.span,
        );
  return tensor(dtype, shape, node);
}

function sumAndOrder(
  context: Context,
  operand: { value: TensorValue; axes: readonly Lettered[] },
  result: readonly Lettered[],
  origin: Span,
): ValueId | undefined {
  const kept = operand.axes.filter((one) => result.some((other) => other.letter === one.letter));
  const gone = operand.axes.flatMap((one, at) => (kept.includes(one) ? [] : [at]));
  const sum =
    gone.length === 0
      ? operand.value.node
      : emit(context, "reduceSum", [operand.value.node], { axes: gone }, origin);
  return ordered(context, sum, kept, result, origin);
}

function reduce(
  context: Context,
  expr: AxesExpr,
  operand: { value: TensorValue; axes: readonly Lettered[] },
  letters: Letters,
): Value {
  const result = resultAxes(context, expr.result, letters, operand.axes);
  if (result === undefined) return errorValue;
  const by = expr.arguments.find((argument) => argument.name?.text === "by");
  const how = by === undefined ? "sum" : textOf(by.value.span);
  const operation = entryOf(reductions, how);
  if (operation === undefined) {
    context.report(
      error("no-such-name", {
        at: by?.value.span ?? expr.span,
        title: `nothing reduces by \`${how}\``,
        notes: ["A reduction is by sum, mean, max or min."],
      }),
    );
    return errorValue;
  }
  const shape = result.map((one) => one.axis);
  const { dtype, node } = operand.value;
  const elements = how === "mean" ? "float" : "number";
  const { span } = expr.operands[0].value;
  const what = how === "mean" ? "a mean works" : "`reduce` works";
  if (!elementsFit(context, elements, what, dtype, showTensor(operand.value), span))
    return errorValue;
  if (context.emit === undefined) return tensor(dtype, shape);
  const kept = operand.axes.filter((one) => result.some((other) => other.letter === one.letter));
  const gone = operand.axes.flatMap((one, at) => (kept.includes(one) ? [] : [at]));
  const folded = emit(context, operation, [node], { axes: gone }, expr.span);
  const arranged = ordered(context, folded, kept, result, expr.span);
  if (how !== "mean") return tensor(dtype, shape, arranged);
  const count = gone.reduce((total, at) => total * numericShape([operand.axes[at].axis])[0], 1);
  const share = filled(context, real(1 / count), dtype, shape, expr.span);
  return tensor(dtype, shape, emit(context, "multiply", [arranged, share], {}, expr.span));
}

const reductions: Readonly<Record<string, "reduceSum" | "reduceMax" | "reduceMin">> = {
  sum: "reduceSum",
  mean: "reduceSum",
  max: "reduceMax",
  min: "reduceMin",
};

/** `rearrange` keeps every axis; `repeat` may add some, whose sizes are given. */
function rearrange(
  context: Context,
  expr: AxesExpr,
  operand: { value: TensorValue; axes: readonly Lettered[] },
  given: ReadonlyMap<string, { size: Size; span: Span }>,
  letters: Letters,
): Value {
  const before = new Set(letters.keys());
  if (expr.operation === "repeat") {
    for (const [letter, { size, span }] of given)
      if (!letters.has(letter)) letters.set(letter, { axis: axis(size), span });
  }
  const flat = resultAxes(context, expr.result, letters, operand.axes);
  if (flat === undefined) return errorValue;
  const lost = operand.axes.find((one) => !flat.some((other) => other.letter === one.letter));
  if (lost !== undefined) {
    context.report(
      error("axis-from-nowhere", {
        at: expr.result.span,
        title: `the axis \`${lost.letter}\` is lost here`,
        notes: [`${expr.operation} keeps every axis; \`reduce\` folds one away.`],
      }),
    );
    return errorValue;
  }
  const kept = flat.filter((one) => before.has(one.letter));
  let node = ordered(context, operand.value.node, operand.axes, kept, expr.span);
  if (kept.length < flat.length && context.emit !== undefined) {
    const places = kept.map((one) => flat.indexOf(one));
    node = emit(
      context,
      "broadcast",
      [node],
      { shape: numericShape(flat.map((one) => one.axis)), axes: places },
      expr.span,
    );
  }
  const shape = groupedShape(expr.result, flat);
  const regrouped = expr.result.axes.some((one) => one.kind === "group" || one.kind === "one");
  return tensor(
    operand.value.dtype,
    shape,
    regrouped ? reshaped(context, node, shape, expr.span) : node,
  );
}

/** The result's axes one letter each, groups taken apart. */
function resultAxes(
  context: Context,
  pattern: Pattern,
  letters: Letters,
  first: readonly Lettered[],
): Lettered[] | undefined {
  const result: Lettered[] = [];
  for (const one of pattern.axes.flatMap((part) => (part.kind === "group" ? part.axes : [part]))) {
    if (one.kind === "rest") result.push(...first.filter((other) => other.letter.startsWith("..")));
    if (one.kind !== "axis") continue;
    const found = letters.get(one.text);
    if (found === undefined) {
      const names = [...letters.keys()].filter((letter) => !letter.startsWith(".."));
      context.report(
        error("axis-from-nowhere", {
          at: one.span,
          title: `the result has an axis \`${one.text}\` that no operand has`,
          label: `the operands have ${names.join(", ")}`,
        }),
      );
      return undefined;
    }
    result.push({ letter: one.text, axis: found.axis });
  }
  return result;
}

function groupedShape(pattern: Pattern, flat: readonly Lettered[]): Axis[] {
  const sizes = new Map(flat.map((one) => [one.letter, one.axis]));
  return pattern.axes.flatMap((one): Axis[] => {
    if (one.kind === "rest")
      return flat.filter((other) => other.letter.startsWith("..")).map((other) => other.axis);
    if (one.kind === "one") return [axis(constant(1))];
    const parts = (one.kind === "group" ? one.axes : [one]).flatMap((part) => {
      const found = part.kind === "axis" ? sizes.get(part.text) : undefined;
      return found === undefined ? [] : [found];
    });
    if (parts.length === 1) return parts;
    return [axis(product(parts.flatMap((part) => (part.kind === "axis" ? [part.size] : []))))];
  });
}

function ordered(
  context: Context,
  node: ValueId | undefined,
  from: readonly Lettered[],
  to: readonly Lettered[],
  origin: Span,
): ValueId | undefined {
  const order = to.map((one) => from.findIndex((other) => other.letter === one.letter));
  if (order.every((place, at) => place === at)) return node;
  return emit(context, "transpose", [node], { order }, origin);
}

function reshaped(
  context: Context,
  node: ValueId | undefined,
  shape: readonly Axis[],
  origin: Span,
): ValueId | undefined {
  if (context.emit === undefined) return undefined;
  return emit(context, "reshape", [node], { shape: numericShape(shape) }, origin);
}
