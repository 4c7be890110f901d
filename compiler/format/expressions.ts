/**
 * Expressions. Literals stand as they are written. Parentheses are kept around operands that are made of
 * several parts, where they may be what groups them, and left out where they enclose all there is.
 */

import type {
  Argument,
  AxesExpr,
  BinaryExpr,
  CallExpr,
  Expr,
  Extent,
  IfExpr,
  Index,
  Name,
  Pattern,
  PatternAxis,
  PipeExpr,
} from "../syntax/ast.ts";
import { levelOf } from "../syntax/build-expr.ts";
import { hasComments } from "./comments.ts";
import { type Doc, firm, flat, group, line, nest, softLine } from "./document.ts";
import {
  type Bracketed,
  braced,
  bracketed,
  chain,
  closerAfter,
  type Link,
  nextLetter,
  type Part,
  type Printing,
  written,
} from "./sequence.ts";

/** A condition, which a brace follows: a choice keeps its parentheses. */
export function condition(printing: Printing, expr: Expr): Doc {
  return expr.kind === "if" ? operand(printing, expr) : value(printing, expr);
}

/** `name = value`, with whatever stands before the sign in `head`. */
export function assigned(printing: Printing, head: Doc, expr: Expr): Doc {
  return [head, " = ", value(printing, expr)];
}

/** A value that is all that stands where it stands: parentheses around it would say nothing. */
export function value(printing: Printing, expr: Expr): Doc {
  switch (expr.kind) {
    case "number":
    case "quantity":
    case "string":
    case "bool":
    case "none":
    case "name":
    case "missing":
      return bareWord(printing, expr);
    case "member":
      return [postfixed(printing, expr.object), ".", expr.name.text];
    case "call":
      return call(printing, expr);
    case "index":
      return [
        postfixed(printing, expr.object),
        bracketed(
          printing,
          expr.indices.map((at) => ({ span: at.span, print: () => index(printing, at) })),
          { open: "[", close: "]", at: nextLetter(printing, expr.object.span.end) },
        ).doc,
      ];
    case "unary":
      return [expr.operator, operand(printing, expr.operand)];
    case "binary":
      return chain(printing, binaryLinks(printing, expr));
    case "pipe":
      return chain(printing, pipeLinks(printing, expr));
    case "if":
      return choose(printing, expr);
    case "list":
      return bracketed(
        printing,
        expr.items.map((item) => ({ span: item.span, print: () => value(printing, item) })),
        {
          open: "[",
          close: "]",
          at: opening(printing, expr),
          isFilled: expr.items.every(({ kind }) => kind === "number" || kind === "quantity"),
        },
      ).doc;
    case "axes":
      return axes(printing, expr);
    default:
      return expr satisfies never;
  }
}

// Parentheses ------------------------------------------------------------------------------------

/** The part that a node begins with. */
function leftmost(expr: Expr): Expr | undefined {
  switch (expr.kind) {
    case "binary":
      return expr.left;
    case "pipe":
      return expr.value;
    case "call":
      return expr.callee;
    case "member":
    case "index":
      return expr.object;
    default:
      return undefined;
  }
}

/** Whether a node was written in parentheses, which its span takes in. */
function isParenthesized({ text }: Printing, expr: Expr): boolean {
  const inner = leftmost(expr);
  return inner === undefined ? text[expr.span.start] === "(" : expr.span.start < inner.span.start;
}

/** Where the node itself begins, behind its parentheses. */
function opening(printing: Printing, { span }: Expr): number {
  let at = span.start;
  while (printing.text[at] === "(") at = nextLetter(printing, at + 1);
  return at;
}

/** A literal or a name as it is written. */
function bareWord(printing: Printing, expr: Expr): string {
  const start = opening(printing, expr);
  if (expr.kind === "string") {
    const end = (expr.parts.at(-1)?.span.end ?? start + 1) + 1;
    return printing.text.slice(start, end);
  }
  const word = /[^\s)/]*/y;
  word.lastIndex = start;
  return isParenthesized(printing, expr)
    ? (word.exec(printing.text)?.[0] ?? "")
    : written(printing, expr.span);
}

function parenthesized(printing: Printing, expr: Expr): Doc {
  return group(["(", nest([softLine, value(printing, expr)]), softLine, ")"]);
}

/** A side of an operator. */
function operand(printing: Printing, expr: Expr): Doc {
  const isCompound = ["binary", "unary", "pipe", "if"].includes(expr.kind);
  return isCompound && isParenthesized(printing, expr)
    ? parenthesized(printing, expr)
    : value(printing, expr);
}

/** What a bracket or a dot touches. `(a[I])(x)` indexes and then calls, `a[I](x)` calls with a size. */
function postfixed(printing: Printing, expr: Expr): Doc {
  const isPlain = ["name", "member", "call", "axes", "list"].includes(expr.kind);
  return !isPlain && isParenthesized(printing, expr)
    ? parenthesized(printing, expr)
    : value(printing, expr);
}

// Chains -----------------------------------------------------------------------------------------

/** `a + b - c`: operators that bind alike, from left to right. */
function binaryLinks(printing: Printing, expr: BinaryExpr): Link[] {
  const { left, right, operator, operatorSpan } = expr;
  const goesOn =
    left.kind === "binary" &&
    !isParenthesized(printing, left) &&
    levelOf(left.operator) === levelOf(operator);
  return [
    ...(goesOn ? binaryLinks(printing, left) : [firstLink(printing, left)]),
    {
      span: right.span,
      print: () => operand(printing, right),
      sign: { text: operator, start: operatorSpan.start },
    },
  ];
}

function pipeLinks(printing: Printing, { value: from, call }: PipeExpr): Link[] {
  const goesOn = from.kind === "pipe" && !isParenthesized(printing, from);
  return [
    ...(goesOn ? pipeLinks(printing, from) : [firstLink(printing, from)]),
    {
      span: call.span,
      print: () => operand(printing, call),
      sign: { text: "|>", start: nextLetter(printing, from.span.end) },
    },
  ];
}

function firstLink(printing: Printing, expr: Expr): Link {
  return { span: expr.span, print: () => operand(printing, expr), sign: undefined };
}

// Calls and indexes ------------------------------------------------------------------------------

function call(printing: Printing, expr: CallExpr): Doc {
  const callee = firm(postfixed(printing, expr.callee));
  const start = nextLetter(printing, expr.callee.span.end);
  const sizes = expr.sizes && extents(printing, expr.sizes, start);
  const { arguments: given } = expr;
  const at = sizes === undefined ? start : nextLetter(printing, sizes.end);
  const [only] = given;
  printing.comments.lift(at);
  const hugs =
    given.length === 1 &&
    canHug(only.value) &&
    !printing.comments.hasBefore(closerAfter(printing, only.span.end));
  if (hugs) return [callee, sizes?.doc ?? "", "(", argument(printing, only), ")"];
  const parts = given.map((one) => ({ span: one.span, print: () => argument(printing, one) }));
  const list = bracketed(printing, parts, { open: "(", close: ")", at });
  if (sizes === undefined) return [callee, list.doc];
  // The longer of the two breaks first.
  const isShort = (flat(sizes.doc)?.length ?? 0) < (flat(list.doc)?.length ?? 0);
  return isShort ? group([callee, sizes.doc, list.open]) : [callee, sizes.doc, list.doc];
}

/** What breaks at its own brackets needs no lines of its own in those of a call. */
function canHug({ kind }: Expr): boolean {
  return kind === "call" || kind === "list" || kind === "axes";
}

function argument(printing: Printing, { name, value: given }: Argument): Doc {
  return name === undefined ? value(printing, given) : assigned(printing, name.text, given);
}

/** `[I, ..S]`: the sizes of a type or of a call; `at` is the offset of the bracket. */
export function extents(printing: Printing, sizes: readonly Extent[], at: number): Bracketed {
  const parts = sizes.map((size) => ({ span: size.span, print: () => extent(printing, size) }));
  return bracketed(printing, parts, { open: "[", close: "]", at });
}

function extent(printing: Printing, size: Extent): Doc {
  return size.kind === "run" ? run(size.name) : value(printing, size.value);
}

/** `..` or `..S` */
export function run(name: Name | undefined): string {
  return `..${name?.text ?? ""}`;
}

function index(printing: Printing, at: Index): Doc {
  switch (at.kind) {
    case "all":
      return ":";
    case "rest":
      return "..";
    case "at":
      return value(printing, at.value);
    case "range":
      return [
        at.start === undefined ? "" : [value(printing, at.start), " "],
        ":",
        at.end === undefined ? "" : [" ", value(printing, at.end)],
      ];
    default:
      return at satisfies never;
  }
}

// Choices ----------------------------------------------------------------------------------------

function choose(printing: Printing, expr: IfExpr): Doc {
  return group(cases(printing, expr));
}

/** In one group, so that all branches stand on one line or none does. */
function cases(printing: Printing, expr: IfExpr): Doc {
  const { condition: asked, then, otherwise } = expr;
  return [
    "if ",
    condition(printing, asked),
    " ",
    branch(printing, then),
    " else ",
    otherwise.kind === "if" ? cases(printing, otherwise) : branch(printing, otherwise),
  ];
}

function branch(printing: Printing, expr: Expr): Doc {
  const { comments } = printing;
  const element = comments.element(expr.span, "", () => value(printing, expr));
  const dangling = comments.dangling(nextLetter(printing, expr.span.end));
  return dangling.length > 0 || hasComments(element)
    ? braced([element, ...dangling])
    : ["{", nest([line, element.doc]), line, "}"];
}

// Axes -------------------------------------------------------------------------------------------

function axes(printing: Printing, expr: AxesExpr): Doc {
  const last = expr.operands.length - 1;
  const operands = expr.operands.map((operand, at): Part => {
    const print = () => [value(printing, operand.value), ":", spaced(operand.pattern)];
    if (at < last) return { span: operand.span, print };
    const arrow = nextLetter(printing, operand.span.end);
    // An empty pattern has no place of its own.
    const end = expr.result.axes.length === 0 ? arrow + "->".length : expr.result.span.end;
    return {
      span: { ...operand.span, end },
      print: () => [print(), " ->", spaced(expr.result)],
    };
  });
  const named = expr.arguments.map((one) => ({
    span: one.span,
    print: () => argument(printing, one),
  }));
  const at = nextLetter(printing, opening(printing, expr) + expr.operation.length);
  const brackets = { open: "(", close: ")", at };
  return [expr.operation, bracketed(printing, [...operands, ...named], brackets).doc];
}

/** The letters of a pattern, each after a space. */
function spaced({ axes }: Pattern): string {
  return axes.map((axis) => ` ${axisText(axis)}`).join("");
}

function axisText(axis: PatternAxis): string {
  switch (axis.kind) {
    case "axis":
      return axis.text;
    case "one":
      return "1";
    case "rest":
      return "..";
    case "group":
      return `(${axis.axes.map(axisText).join(" ")})`;
    default:
      return axis satisfies never;
  }
}
