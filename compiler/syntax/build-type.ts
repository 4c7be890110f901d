/** Types, paths, and the declarations that are made of them: fields, parameters, sizes. */

import type { CstNode, IToken } from "chevrotain";
import { textOf } from "../source/file.ts";
import type { Extent, Field, Path, PathChoice, PathStep, RowType, SizeParam, Type } from "./ast.ts";
import { buildExpr } from "./build-expr.ts";
import {
  type Building,
  buildName,
  docOf,
  endOf,
  first,
  nodeSpan,
  report,
  tokenSpan,
} from "./build-parts.ts";
import type {
  ExtentCstNode,
  FieldCstNode,
  NamedTypeCstNode,
  ParamsCstNode,
  PathChoiceCstNode,
  PathCstNode,
  PathStepCstNode,
  RestCstNode,
  RowTypeCstNode,
  SizeParamCstNode,
  SizesCstNode,
  TypeCstNode,
} from "./cst.ts";

/** A type; a named type without a name at the end of its parent where there is none. */
export function buildType(
  building: Building,
  node: TypeCstNode | undefined,
  parent: CstNode,
): Type {
  const row = first(node?.children.rowType);
  const optional = first(node?.children.Question) !== undefined;
  if (node === undefined) return missingType(building, parent);
  if (row !== undefined) {
    return { ...buildRowType(building, row), optional, span: nodeSpan(building, node) };
  }
  const named = first(node.children.namedType);
  if (named === undefined) return missingType(building, node);
  return {
    kind: "named-type",
    name: buildName(building, first(named.children.Name), named),
    extents: buildExtents(building, named),
    optional,
    span: nodeSpan(building, node),
  };
}

function missingType(building: Building, parent: CstNode): Type {
  const span = endOf(nodeSpan(building, parent));
  return {
    kind: "named-type",
    name: { text: "", span },
    extents: undefined,
    optional: false,
    span,
  };
}

function buildExtents(building: Building, node: NamedTypeCstNode): Extent[] | undefined {
  if (node.children.TightLSquare === undefined) return undefined;
  return (node.children.extent ?? []).map((extent) => buildExtent(building, extent));
}

function buildExtent(building: Building, node: ExtentCstNode): Extent {
  const span = nodeSpan(building, node);
  const rest = first(node.children.rest);
  if (rest !== undefined) return { kind: "run", name: restName(building, rest), span };
  const expr = first(node.children.expr);
  const value = expr ? buildExpr(building, expr) : ({ kind: "missing", span } as const);
  return { kind: "size", value, span };
}

function restName(building: Building, node: RestCstNode) {
  const name = first(node.children.Name);
  return name && { text: name.image, span: tokenSpan(building, name) };
}

/** Reports each `..R` of a row that others follow. */
export function reportRests(
  building: Building,
  entries: readonly { readonly children: { readonly rest?: readonly RestCstNode[] } }[],
): void {
  for (const { children } of entries.slice(0, -1)) {
    for (const rest of children.rest ?? []) {
      const at = nodeSpan(building, rest);
      report(
        building,
        at,
        `\`${textOf(at)}\` stands for the columns that are left, so it comes last`,
      );
    }
  }
}

export function buildRest(building: Building, node: RestCstNode): NonNullable<RowType["rest"]> {
  return { name: restName(building, node), span: nodeSpan(building, node) };
}

export function buildRowType(building: Building, node: RowTypeCstNode): RowType {
  const columns: Field[] = [];
  let rest: RowType["rest"];
  reportRests(building, node.children.column ?? []);
  for (const column of node.children.column ?? []) {
    const field = first(column.children.field);
    const others = first(column.children.rest);
    if (field !== undefined) columns.push(buildField(building, field));
    if (others !== undefined) rest = buildRest(building, others);
  }
  return { kind: "row-type", columns, rest, optional: false, span: nodeSpan(building, node) };
}

/** A row type; an empty one at the end of its parent where there is none. */
export function buildNeededRow(
  building: Building,
  node: RowTypeCstNode | undefined,
  parent: CstNode,
): RowType {
  if (node !== undefined) return buildRowType(building, node);
  const span = endOf(nodeSpan(building, parent));
  return { kind: "row-type", columns: [], rest: undefined, optional: false, span };
}

// Declarations -----------------------------------------------------------------------------------

export function buildField(building: Building, node: FieldCstNode): Field {
  const value = first(node.children.expr);
  return {
    kind: "field",
    name: buildName(building, first(node.children.Name), node),
    type: buildType(building, first(node.children.type), node),
    value: value && buildExpr(building, value),
    doc: docOf(building, node),
    span: nodeSpan(building, node),
  };
}

export function buildParams(
  building: Building,
  nodes: readonly ParamsCstNode[] | undefined,
): Field[] {
  const fields = first(nodes)?.children.field ?? [];
  return fields.map((field) => buildField(building, field));
}

export function buildSizes(
  building: Building,
  nodes: readonly SizesCstNode[] | undefined,
): SizeParam[] {
  const params = first(nodes)?.children.sizeParam ?? [];
  return params.map((param) => buildSizeParam(building, param));
}

function buildSizeParam(building: Building, node: SizeParamCstNode): SizeParam {
  return {
    name: buildName(building, first(node.children.Name), node),
    run: first(node.children.DotDot) !== undefined,
    span: nodeSpan(building, node),
  };
}

// Paths ------------------------------------------------------------------------------------------

/** A path; one without steps at the end of its parent where there is none. */
export function buildPath(
  building: Building,
  node: PathCstNode | undefined,
  parent: CstNode,
): Path {
  if (node === undefined)
    return { kind: "path", steps: [], span: endOf(nodeSpan(building, parent)) };
  return {
    kind: "path",
    steps: (node.children.pathStep ?? []).flatMap((step) => buildStep(building, step)),
    span: nodeSpan(building, node),
  };
}

function buildStep(building: Building, node: PathStepCstNode): PathStep[] {
  const span = nodeSpan(building, node);
  const { Name, NumberWord, Star, StarStar, pathChoices } = node.children;
  if (Name?.[0]) return [{ kind: "name", text: Name[0].image, span }];
  if (NumberWord?.[0]) return numberSteps(building, NumberWord[0]);
  if (Star?.[0]) return [{ kind: "any", span }];
  if (StarStar?.[0]) return [{ kind: "any-depth", span }];
  const choices = first(pathChoices)?.children.pathChoice;
  if (choices === undefined) return [];
  return [
    { kind: "choice", choices: choices.map((choice) => buildChoice(building, choice)), span },
  ];
}

/** `layers.0.1` reads as a name and the number 0.1, and means two steps. */
function numberSteps(building: Building, token: IToken): PathStep[] {
  let start = token.startOffset;
  return token.image.split(".").map((text) => {
    const span = { file: building.source, start, end: start + text.length };
    start += text.length + 1;
    return { kind: "name", text, span };
  });
}

function buildChoice(building: Building, node: PathChoiceCstNode): PathChoice {
  const { Name, first: from, last } = node.children;
  return {
    text: (first(Name) ?? first(from))?.image ?? "",
    last: first(last)?.image,
    span: nodeSpan(building, node),
  };
}
