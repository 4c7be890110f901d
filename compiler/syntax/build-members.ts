/** What stands inside of items: members of blocks, bodies, lines of templates. */

import type { CstNode } from "chevrotain";
import type {
  AdaptLine,
  Binding,
  Body,
  Checkpoint,
  Forward,
  Let,
  Member,
  Merge,
  NextMember,
  OptimizerItem,
  ParamMember,
  Require,
  StateMember,
  TemplateLine,
  Tie,
} from "./ast.ts";
import {
  buildExpr,
  buildNeeded,
  buildNeededString,
  buildPostfix,
  buildString,
} from "./build-expr.ts";
import { type Building, buildName, docOf, endOf, first, missing, nodeSpan } from "./build-parts.ts";
import { buildParams, buildPath, buildSizes, buildType } from "./build-type.ts";
import type {
  AdaptLineCstNode,
  BindingCstNode,
  BindingsCstNode,
  BodyCstNode,
  CheckpointCstNode,
  EachLineCstNode,
  ForwardCstNode,
  LearnLineCstNode,
  LetCstNode,
  LineCstNode,
  LinesCstNode,
  MemberCstNode,
  MembersCstNode,
  MergeCstNode,
  NextCstNode,
  OptimizerMemberCstNode,
  ParamCstNode,
  RequireCstNode,
  RewriteOnCstNode,
  StateCstNode,
  StatementCstNode,
  TieCstNode,
  WeightCstNode,
  WhenLineCstNode,
} from "./cst.ts";

/** Leaves out what recovery could not build. */
function built<Node, Result>(
  nodes: readonly Node[] | undefined,
  build: (node: Node) => Result | undefined,
): Result[] {
  return (nodes ?? []).map(build).filter((result) => result !== undefined);
}

// Blocks and rewrites ----------------------------------------------------------------------------

export function buildMembers(
  building: Building,
  nodes: readonly MembersCstNode[] | undefined,
): Member[] {
  return built(first(nodes)?.children.member, (member) => buildMember(building, member));
}

function buildMember(building: Building, node: MemberCstNode): Member | undefined {
  const { param, let: definition, tie, require, forward, merge, checkpoint } = node.children;
  if (param?.[0]) return buildParam(building, param[0]);
  if (definition?.[0]) return buildLet(building, definition[0]);
  if (tie?.[0]) return buildTie(building, tie[0]);
  if (require?.[0]) return buildRequire(building, require[0]);
  if (forward?.[0]) return buildForward(building, forward[0]);
  if (merge?.[0]) return buildMerge(building, merge[0]);
  if (checkpoint?.[0]) return buildCheckpoint(building, checkpoint[0]);
  return undefined;
}

function buildParam(building: Building, node: ParamCstNode): ParamMember {
  const init = first(node.children.init);
  const condition = first(node.children.condition);
  return {
    kind: "param",
    name: buildName(building, first(node.children.Name), node),
    type: buildType(building, first(node.children.type), node),
    init: init && buildExpr(building, init),
    condition: condition && buildExpr(building, condition),
    doc: docOf(building, node),
    span: nodeSpan(building, node),
  };
}

function buildTie(building: Building, node: TieCstNode): Tie {
  const condition = first(node.children.expr);
  return {
    kind: "tie",
    path: buildPath(building, first(node.children.tied), node),
    to: buildPath(building, first(node.children.to), node),
    condition: condition && buildExpr(building, condition),
    span: nodeSpan(building, node),
  };
}

function buildForward(building: Building, node: ForwardCstNode): Forward {
  return {
    kind: "forward",
    sizes: buildSizes(building, node.children.sizes),
    params: buildParams(building, node.children.params),
    result: buildType(building, first(node.children.type), node),
    body: buildBody(building, first(node.children.body), node),
    span: nodeSpan(building, node),
  };
}

function buildMerge(building: Building, node: MergeCstNode): Merge {
  return {
    kind: "merge",
    path: buildPath(building, first(node.children.path), node),
    value: buildNeeded(building, first(node.children.expr), node),
    span: nodeSpan(building, node),
  };
}

function buildCheckpoint(building: Building, node: CheckpointCstNode): Checkpoint {
  return {
    kind: "checkpoint",
    format: buildNeededString(building, first(node.children.StringText), node),
    config: buildBindings(building, node.children.bindings),
    weights: (node.children.weight ?? []).map((weight) => buildWeight(building, weight)),
    span: nodeSpan(building, node),
  };
}

function buildWeight(building: Building, node: WeightCstNode): Checkpoint["weights"][number] {
  return {
    path: buildPath(building, first(node.children.path), node),
    name: buildNeededString(building, first(node.children.StringText), node),
    span: nodeSpan(building, node),
  };
}

// Bodies and statements --------------------------------------------------------------------------

/** A body; one without a result at the end of its parent where there is none. */
export function buildBody(
  building: Building,
  node: BodyCstNode | undefined,
  parent: CstNode,
): Body {
  if (node === undefined) {
    const span = endOf(nodeSpan(building, parent));
    return { statements: [], result: missing(building, parent), span };
  }
  return {
    statements: built(node.children.statement, (statement) => buildStatement(building, statement)),
    result: buildNeeded(building, first(node.children.expr), node),
    span: nodeSpan(building, node),
  };
}

function buildStatement(building: Building, node: StatementCstNode): Let | Require | undefined {
  const { let: definition, require } = node.children;
  if (definition?.[0]) return buildLet(building, definition[0]);
  if (require?.[0]) return buildRequire(building, require[0]);
  return undefined;
}

function buildLet(building: Building, node: LetCstNode): Let {
  const definition = first(node.children.definition);
  const type = first(definition?.children.type);
  return {
    kind: "let",
    name: buildName(building, first(definition?.children.Name), definition ?? node),
    type: type && buildType(building, type, node),
    value: buildNeeded(building, first(definition?.children.expr), node),
    doc: docOf(building, node),
    span: nodeSpan(building, node),
  };
}

export function buildRequire(building: Building, node: RequireCstNode): Require {
  const message = first(node.children.StringText);
  return {
    kind: "require",
    condition: buildNeeded(building, first(node.children.expr), node),
    message: message && buildString(building, message),
    span: nodeSpan(building, node),
  };
}

export function buildBindings(
  building: Building,
  nodes: readonly BindingsCstNode[] | undefined,
): Binding[] {
  return (first(nodes)?.children.binding ?? []).map((node) => buildBinding(building, node));
}

export function buildBinding(building: Building, node: BindingCstNode): Binding {
  return {
    kind: "binding",
    name: buildName(building, first(node.children.Name), node),
    value: buildNeeded(building, first(node.children.expr), node),
    span: nodeSpan(building, node),
  };
}

// Optimizers -------------------------------------------------------------------------------------

export function buildOptimizerMembers(
  building: Building,
  nodes: readonly OptimizerMemberCstNode[] | undefined,
): OptimizerItem["members"] {
  return built(nodes, (node) => {
    const { state, let: definition, next, require } = node.children;
    if (state?.[0]) return buildState(building, state[0]);
    if (definition?.[0]) return buildLet(building, definition[0]);
    if (next?.[0]) return buildNext(building, next[0]);
    if (require?.[0]) return buildRequire(building, require[0]);
    return undefined;
  });
}

function buildState(building: Building, node: StateCstNode): StateMember {
  return {
    kind: "state",
    name: buildName(building, first(node.children.Name), node),
    type: buildType(building, first(node.children.type), node),
    value: buildNeeded(building, first(node.children.expr), node),
    span: nodeSpan(building, node),
  };
}

function buildNext(building: Building, node: NextCstNode): NextMember {
  return {
    kind: "next",
    name: buildName(building, first(node.children.Name), node),
    value: buildNeeded(building, first(node.children.expr), node),
    span: nodeSpan(building, node),
  };
}

// Templates --------------------------------------------------------------------------------------

export function buildLines(
  building: Building,
  nodes: readonly LinesCstNode[] | undefined,
): TemplateLine[] {
  return built(first(nodes)?.children.line, (line) => buildLine(building, line));
}

function buildLine(building: Building, node: LineCstNode): TemplateLine | undefined {
  const { StringText, eachLine, learnLine, whenLine } = node.children;
  if (StringText?.[0]) {
    const value = buildString(building, StringText[0]);
    return { kind: "text", value, span: value.span };
  }
  if (eachLine?.[0]) return buildEach(building, eachLine[0]);
  if (learnLine?.[0]) return buildLearn(building, learnLine[0]);
  if (whenLine?.[0]) return buildWhen(building, whenLine[0]);
  return undefined;
}

function buildEach(building: Building, node: EachLineCstNode): TemplateLine {
  return {
    kind: "each",
    name: buildName(building, first(node.children.Name), node),
    list: buildNeeded(building, first(node.children.expr), node),
    lines: buildLines(building, node.children.lines),
    span: nodeSpan(building, node),
  };
}

function buildLearn(building: Building, node: LearnLineCstNode): TemplateLine {
  const condition = first(node.children.expr);
  return {
    kind: "learn",
    condition: condition && buildExpr(building, condition),
    lines: buildLines(building, node.children.lines),
    span: nodeSpan(building, node),
  };
}

function buildWhen(building: Building, node: WhenLineCstNode): TemplateLine {
  const nested = first(node.children.whenLine);
  return {
    kind: "when",
    condition: buildNeeded(building, first(node.children.expr), node),
    lines: buildLines(building, node.children.lines),
    otherwise:
      nested === undefined
        ? buildLines(building, node.children.otherwise)
        : [buildWhen(building, nested)],
    span: nodeSpan(building, node),
  };
}

// Adapted models ---------------------------------------------------------------------------------

export function buildAdaptLines(
  building: Building,
  nodes: readonly AdaptLineCstNode[] | undefined,
): AdaptLine[] {
  return built(nodes, (node): AdaptLine | undefined => {
    const { trainPath, freezePath, rewriteOn } = node.children;
    const span = nodeSpan(building, node);
    if (trainPath?.[0]) {
      const path = buildPath(building, first(trainPath[0].children.path), node);
      return { kind: "train-path", path, span };
    }
    if (freezePath?.[0]) {
      const path = buildPath(building, first(freezePath[0].children.path), node);
      return { kind: "freeze-path", path, span };
    }
    return rewriteOn?.[0] && buildRewriteOn(building, rewriteOn[0]);
  });
}

function buildRewriteOn(building: Building, node: RewriteOnCstNode): AdaptLine {
  const adapter = first(node.children.postfix);
  return {
    kind: "rewrite-on",
    adapter: adapter === undefined ? missing(building, node) : buildPostfix(building, adapter),
    path: buildPath(building, first(node.children.path), node),
    span: nodeSpan(building, node),
  };
}
