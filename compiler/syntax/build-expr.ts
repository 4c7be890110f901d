/** Expressions. How tightly operators bind is settled here; the grammar gives them in a row. */

import type { IToken } from "chevrotain";
import { error, replace } from "../diagnostics/diagnostic.ts";
import { cover, type Span, textOf } from "../source/file.ts";
import type {
  Argument,
  AxesExpr,
  BinaryOperator,
  Expr,
  Extent,
  Index,
  Pattern,
  PatternAxis,
  StringExpr,
} from "./ast.ts";
import {
  type Building,
  buildName,
  endOf,
  first,
  missing,
  nodeSpan,
  report,
  settle,
  tokenSpan,
} from "./build-parts.ts";
import type {
  ArgumentCstNode,
  AxesCstNode,
  BinaryCstNode,
  BindingCstNode,
  BracketsCstNode,
  CallCstNode,
  ChooseCstNode,
  ExprCstNode,
  IndexCstNode,
  ListCstNode,
  NumberCstNode,
  OperandCstNode,
  PatternAxisCstNode,
  PatternCstNode,
  PostfixCstNode,
  PrimaryCstNode,
  SuffixCstNode,
  UnaryCstNode,
} from "./cst.ts";
import { deepestHole, holeBudget, tooDeep } from "./depth.ts";
import { depthFault, holeFault } from "./faults.ts";
import { lexPart } from "./lex.ts";
import { foreignString, strayFault } from "./lexical-faults.ts";
import { parseHole } from "./parser.ts";
import { scanString } from "./strings.ts";
import { ForeignString, UnclosedString } from "./tokens.ts";

export function buildExpr(building: Building, node: ExprCstNode): Expr {
  const head = first(node.children.binary);
  let value = head === undefined ? missing(building, node) : buildBinary(building, head);
  for (const step of node.children.postfix ?? []) {
    const call = buildPostfix(building, step);
    value = { kind: "pipe", value, call, span: cover(value.span, call.span) };
  }
  return value;
}

/** An expression that the grammar demands and recovery may have lost. */
export function buildNeeded(
  building: Building,
  node: ExprCstNode | undefined,
  parent: Parameters<typeof missing>[1],
): Expr {
  return node === undefined ? missing(building, parent) : buildExpr(building, node);
}

// Operators --------------------------------------------------------------------------------------

const comparison = 3;

/** The larger binds the tighter. */
const levels: ReadonlyMap<string, number> = new Map([
  ["||", 1],
  ["&&", 2],
  ["==", comparison],
  ["!=", comparison],
  ["<", comparison],
  ["<=", comparison],
  [">", comparison],
  [">=", comparison],
  ["+", 4],
  ["-", 4],
  ["*", 5],
  ["/", 5],
  ["%", 5],
]);

/** How tightly an operator binds; 0 for what is none. */
export function levelOf(operator: string | undefined): number {
  return levels.get(operator ?? "") ?? 0;
}

function buildBinary(building: Building, node: BinaryCstNode): Expr {
  const operands = (node.children.unary ?? []).map((unary) => buildUnary(building, unary));
  const operators = node.children.Operator ?? [];
  let next = 0;
  const take = () => operands[next++] ?? missing(building, node);

  const levelAhead = () => levelOf(operators[next - 1]?.image);

  /** Reads operators of at least this level; each is left-associative. */
  const climb = (left: Expr, least: number): Expr => {
    let value = left;
    for (let level = levelAhead(); level >= least; level = levelAhead()) {
      const operator = operators[next - 1];
      let right = take();
      while (levelAhead() > level) right = climb(right, levelAhead());
      if (level === comparison) refuseChain(building, value, right);
      value = {
        kind: "binary",
        // The token's pattern admits these texts alone.
        operator: operator.image as BinaryOperator,
        operatorSpan: tokenSpan(building, operator),
        left: value,
        right,
        span: cover(value.span, right.span),
      };
    }
    return value;
  };
  return climb(take(), 1);
}

/** `a < b < c` would compare a truth with a number. */
function refuseChain(building: Building, left: Expr, right: Expr): void {
  if (left.kind !== "binary" || levelOf(left.operator) !== comparison) return;
  const inParentheses = left.span.start < left.left.span.start;
  if (inParentheses) return;
  const whole = cover(left.span, right.span);
  const middle = textOf(left.right.span);
  const rest = building.source.text.slice(left.right.span.end, whole.end);
  report(building, whole, "a comparison takes two sides and no more", {
    fixes: [replace(whole, `${textOf(left.span)} && ${middle}${rest}`)],
  });
}

function buildUnary(building: Building, node: UnaryCstNode): Expr {
  const sign = first(node.children.sign);
  const inner = first(node.children.unary);
  if (sign !== undefined) {
    const operand = inner === undefined ? missing(building, node) : buildUnary(building, inner);
    return {
      kind: "unary",
      operator: sign.image === "-" ? "-" : "!",
      operand,
      span: cover(tokenSpan(building, sign), operand.span),
    };
  }
  const postfix = first(node.children.postfix);
  return postfix === undefined ? missing(building, node) : buildPostfix(building, postfix);
}

// Calls, indexes, members ------------------------------------------------------------------------

export function buildPostfix(building: Building, node: PostfixCstNode): Expr {
  const head = first(node.children.primary);
  let value = head === undefined ? missing(building, node) : buildPrimary(building, head);
  const suffixes = node.children.suffix ?? [];
  for (let at = 0; at < suffixes.length; at++) {
    const brackets = first(suffixes[at].children.brackets);
    const call = first(suffixes[at + (brackets === undefined ? 0 : 1)]?.children.call);
    if (call !== undefined) {
      value = buildCall(building, value, brackets, call);
      if (brackets !== undefined) at++;
    } else if (brackets !== undefined) {
      value = buildIndexed(building, value, brackets);
    } else {
      value = buildMember(building, value, suffixes[at]);
    }
  }
  return value;
}

function buildMember(building: Building, object: Expr, node: SuffixCstNode): Expr {
  const name = buildName(building, first(node.children.Name), node);
  return { kind: "member", object, name, span: cover(object.span, nodeSpan(building, node)) };
}

function buildCall(
  building: Building,
  callee: Expr,
  brackets: BracketsCstNode | undefined,
  node: CallCstNode,
): Expr {
  return {
    kind: "call",
    callee,
    sizes: brackets?.children.index?.map((index) => buildSize(building, index)),
    arguments: (node.children.argument ?? []).map((argument) => buildArgument(building, argument)),
    span: cover(callee.span, nodeSpan(building, node)),
  };
}

/** `Linear[I, O](…)`: what an index would be, read as a size. */
function buildSize(building: Building, node: IndexCstNode): Extent {
  const span = nodeSpan(building, node);
  const rest = first(node.children.rest);
  if (rest !== undefined) {
    const name = first(rest.children.Name);
    return {
      kind: "run",
      name: name && { text: name.image, span: tokenSpan(building, name) },
      span,
    };
  }
  if (first(node.children.Colon) !== undefined) {
    report(
      building,
      span,
      "a call takes sizes in its brackets, and `:` cuts a range out of an axis",
    );
  }
  return { kind: "size", value: buildNeeded(building, first(node.children.start), node), span };
}

export function buildArgument(
  building: Building,
  node: ArgumentCstNode | BindingCstNode,
): Argument {
  const name = first(node.children.Name);
  return {
    name: name && { text: name.image, span: tokenSpan(building, name) },
    value: buildNeeded(building, first(node.children.expr), node),
    span: nodeSpan(building, node),
  };
}

function buildIndexed(building: Building, object: Expr, node: BracketsCstNode): Expr {
  return {
    kind: "index",
    object,
    indices: (node.children.index ?? []).map((index) => buildIndex(building, index)),
    span: cover(object.span, nodeSpan(building, node)),
  };
}

function buildIndex(building: Building, node: IndexCstNode): Index {
  const span = nodeSpan(building, node);
  const rest = first(node.children.rest);
  if (rest !== undefined) {
    const name = first(rest.children.Name);
    if (name !== undefined) {
      report(
        building,
        span,
        "`..` in an index stands for the axes that are left, and needs no name",
        {
          fixes: [replace(span, "..")],
        },
      );
    }
    return { kind: "rest", span };
  }
  const start = first(node.children.start);
  const end = first(node.children.end);
  if (first(node.children.Colon) === undefined) {
    return { kind: "at", value: buildNeeded(building, start, node), span };
  }
  if (start === undefined && end === undefined) return { kind: "all", span };
  return {
    kind: "range",
    start: start && buildExpr(building, start),
    end: end && buildExpr(building, end),
    span,
  };
}

// Primaries --------------------------------------------------------------------------------------

function buildPrimary(building: Building, node: PrimaryCstNode): Expr {
  const { number, Quantity, StringText, WordTrue, WordFalse, WordNone, Name } = node.children;
  const { choose, axes, parenthesis, list } = node.children;
  if (number?.[0]) return buildNumber(building, number[0]);
  if (Quantity?.[0]) return buildQuantity(building, Quantity[0]);
  if (StringText?.[0]) return buildString(building, StringText[0]);
  if (choose?.[0]) return buildChoose(building, choose[0]);
  if (axes?.[0]) return buildAxes(building, axes[0]);
  if (list?.[0]) return buildList(building, list[0]);
  if (parenthesis?.[0]) {
    const value = buildNeeded(building, first(parenthesis[0].children.expr), parenthesis[0]);
    // Parentheses are no node of their own, yet what stands in them begins and ends with them.
    return { ...value, span: nodeSpan(building, parenthesis[0]) };
  }
  const span = nodeSpan(building, node);
  if (WordTrue?.[0]) return { kind: "bool", value: true, span };
  if (WordFalse?.[0]) return { kind: "bool", value: false, span };
  if (WordNone?.[0]) return { kind: "none", span };
  if (Name?.[0]) return { kind: "name", text: Name[0].image, span };
  return missing(building, node);
}

function buildNumber(building: Building, node: NumberCstNode): Expr {
  const span = nodeSpan(building, node);
  const digits = first(node.children.NumberWord);
  if (digits === undefined) return missing(building, node);
  const value = Number(digits.image);
  const unit = first(node.children.unit);
  if (unit === undefined) {
    return { kind: "number", value, integral: /^\d+$/.test(digits.image), span };
  }
  building.faults.push(
    error("split-quantity", {
      at: span,
      title: "a number and its unit are one word",
      fixes: [replace(span, `${digits.image}${unit.image}`)],
    }),
  );
  return { kind: "quantity", value, unit: unit.image, span };
}

function buildQuantity(building: Building, token: IToken): Expr {
  const parts = /^([\d.]+(?:[eE][+-]?\d+)?)(.*)$/.exec(token.image);
  return {
    kind: "quantity",
    value: Number(parts?.[1] ?? "0"),
    unit: parts?.[2] ?? "",
    span: tokenSpan(building, token),
  };
}

function buildList(building: Building, node: ListCstNode): Expr {
  const items = (node.children.expr ?? []).map((item) => buildExpr(building, item));
  return { kind: "list", items, span: nodeSpan(building, node) };
}

function buildChoose(building: Building, node: ChooseCstNode): Expr {
  const nested = first(node.children.choose);
  return {
    kind: "if",
    condition: buildNeeded(building, first(node.children.condition), node),
    // biome-ignore lint/suspicious/noThenProperty: the tree's own word; no node is ever awaited
    then: buildNeeded(building, first(node.children.then), node),
    otherwise:
      nested === undefined
        ? buildNeeded(building, first(node.children.otherwise), node)
        : buildChoose(building, nested),
    span: nodeSpan(building, node),
  };
}

// Strings ----------------------------------------------------------------------------------------

export function buildString(building: Building, token: IToken): StringExpr {
  const span = tokenSpan(building, token);
  if (token.tokenType === ForeignString) building.faults.push(foreignString(span));
  const closed = token.tokenType !== UnclosedString;
  const scan = scanString(building.source, span.start + 1, closed ? span.end - 1 : span.end);
  if (closed) for (const fault of scan.faults) reportString(building, fault);
  return {
    kind: "string",
    parts: scan.pieces.map((piece) => {
      const place: Span = { file: building.source, start: piece.start, end: piece.end };
      if (piece.kind === "text") return { kind: "text", text: piece.text, span: place };
      return { kind: "expr", value: buildHole(building, place), span: place };
    }),
    span,
  };
}

/** A string that the grammar demands and recovery may have lost. */
export function buildNeededString(
  building: Building,
  token: IToken | undefined,
  parent: Parameters<typeof missing>[1],
): StringExpr {
  if (token !== undefined) return buildString(building, token);
  return { kind: "string", parts: [], span: endOf(nodeSpan(building, parent)) };
}

function reportString(
  building: Building,
  fault: ReturnType<typeof scanString>["faults"][number],
): void {
  const at: Span = { file: building.source, start: fault.start, end: fault.end };
  if (fault.kind === "escape") {
    report(building, at, `\`${textOf(at)}\` means nothing in a string`, {
      notes: ['A string knows \\n, \\t, \\r, \\", \\\\, \\{ and \\}.'],
      fixes: [replace(at, `\\${textOf(at)}`, `\\${textOf(at)}, for a backslash as it is`)],
    });
  } else if (fault.kind === "open-hole") {
    report(building, at, "a brace in a string holds an expression, and this one is never closed", {
      fixes: [replace(at, "\\{", "\\{, for a brace as it is")],
    });
  } else {
    report(building, at, "a brace in a string holds an expression, and this one holds none", {
      fixes: [replace(at, "\\{\\}", "\\{\\}, for braces as they are")],
    });
  }
}

function buildHole(building: Building, hole: Span): Expr {
  const start = hole.start + 1;
  const end = hole.end - 1;
  const { tokens, strays } = lexPart(building.source, start, end);
  const deep = building.holes === deepestHole ? tokens[0] : tooDeep(tokens, holeBudget);
  if (deep !== undefined) {
    building.faults.push(depthFault(building.source, deep));
    return { kind: "missing", span: { ...hole, start: end, end } };
  }
  const { node, faults } = parseHole(tokens);
  const attempt = (candidate: typeof tokens) => parseHole(candidate).faults[0];
  const fault = holeFault(building.source, hole, tokens, faults[0], attempt);
  if (strays[0] !== undefined) building.faults.push(strayFault(strays[0]));
  else if (fault !== undefined) building.faults.push(fault);
  settle(node, start, end);
  const expr = first(node.children.expr);
  if (expr === undefined) return { kind: "missing", span: { ...hole, start: end, end } };
  return buildExpr({ ...building, holes: building.holes + 1 }, expr);
}

// Axes -------------------------------------------------------------------------------------------

function buildAxes(building: Building, node: AxesCstNode): Expr {
  return {
    kind: "axes",
    operation: operationOf(first(node.children.AxesWord)?.image),
    operands: (node.children.operand ?? []).map((operand) => buildOperand(building, operand)),
    result: buildNeededPattern(building, first(node.children.pattern), node),
    arguments: (node.children.binding ?? []).map((binding) => buildArgument(building, binding)),
    span: nodeSpan(building, node),
  };
}

function operationOf(word: string | undefined): AxesExpr["operation"] {
  if (word === "rearrange" || word === "repeat" || word === "reduce") return word;
  return "einsum";
}

function buildOperand(building: Building, node: OperandCstNode): AxesExpr["operands"][number] {
  return {
    value: buildNeeded(building, first(node.children.expr), node),
    pattern: buildNeededPattern(building, first(node.children.pattern), node),
    span: nodeSpan(building, node),
  };
}

function buildNeededPattern(
  building: Building,
  node: PatternCstNode | undefined,
  parent: Parameters<typeof missing>[1],
): Pattern {
  if (node === undefined) return { axes: [], span: endOf(nodeSpan(building, parent)) };
  return { axes: buildPatternAxes(building, node), span: nodeSpan(building, node) };
}

function buildPatternAxes(building: Building, node: PatternCstNode): PatternAxis[] {
  return (node.children.patternAxis ?? []).map((axis) => buildPatternAxis(building, axis));
}

function buildPatternAxis(building: Building, node: PatternAxisCstNode): PatternAxis {
  const span = nodeSpan(building, node);
  const { Name, NumberWord, DotDot, pattern } = node.children;
  if (Name?.[0]) return { kind: "axis", text: Name[0].image, span };
  if (DotDot?.[0]) return { kind: "rest", span };
  if (NumberWord?.[0]) {
    if (NumberWord[0].image !== "1") {
      report(building, span, `an axis is a letter, 1 or .., and this is ${NumberWord[0].image}`, {
        notes: ["Name the axis and give its size after the pattern: `repeat(x: t -> t k, k = 4)`."],
      });
    }
    return { kind: "one", span };
  }
  return { kind: "group", axes: pattern?.[0] ? buildPatternAxes(building, pattern[0]) : [], span };
}
