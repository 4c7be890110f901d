/** Ways through a syntax tree that do not care which kind of node is where. */

import type { Span } from "../source/file.ts";
import type { Expr, File, Path } from "./ast.ts";

/** Whatever has a place: items, members, names, expressions, parts of strings. */
export interface SyntaxNode {
  readonly kind?: string;
  readonly span: Span;
}

/** The parts of a node that have a place of their own, in the order of their fields. */
export function childrenOf(node: SyntaxNode | File): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const fields: Readonly<Record<string, unknown>> = { ...node };
  for (const name in fields) if (!noParts.has(name)) collect(fields[name], found);
  return found;
}

export interface SyntaxField {
  readonly name: string;
  readonly nodes: readonly SyntaxNode[];
  /** Whether the field holds a list, even one of a single node. */
  readonly isList: boolean;
}

/** Fields that hold no part of a node: places, the text itself, and comments, which belong to the file. */
const noParts: ReadonlySet<string> = new Set(["span", "operatorSpan", "source", "comments"]);

/** The same, by field. Nodes are found in lists, and in the plain objects that hold several. */
export function fieldsOf(node: SyntaxNode | File): SyntaxField[] {
  const found: SyntaxField[] = [];
  const fields: Readonly<Record<string, unknown>> = { ...node };
  for (const name in fields) {
    const value = fields[name];
    if (noParts.has(name) || typeof value !== "object") continue;
    const nodes: SyntaxNode[] = [];
    collect(value, nodes);
    if (nodes.length > 0) found.push({ name, nodes, isList: Array.isArray(value) });
  }
  return found;
}

/** Adds to one list on the way down: editors walk whole files at every edit. */
function collect(value: unknown, found: SyntaxNode[]): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) for (const one of value) collect(one, found);
  else if (isNode(value)) found.push(value);
  else for (const one of Object.values(value)) collect(one, found);
}

function isNode(value: object): value is SyntaxNode {
  return "span" in value;
}

/**
 * Calls `enter` for all that is below a node, parents first, with how many levels below it; `false` keeps it out of
 * the node.
 */
export function walk(
  node: SyntaxNode | File,
  enter: (node: SyntaxNode, level: number) => boolean | undefined,
  level = 1,
): void {
  for (const child of childrenOf(node)) {
    if (enter(child, level) !== false) walk(child, enter, level + 1);
  }
}

/** The nodes that hold an offset, outermost first. */
export function nodesAt(file: File, offset: number): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  walk(file, (node) => {
    const holds = node.span.start <= offset && offset <= node.span.end;
    if (holds) found.push(node);
    return holds;
  });
  return found;
}

const expressionKinds: ReadonlySet<Expr["kind"]> = new Set([
  "number",
  "quantity",
  "string",
  "bool",
  "none",
  "name",
  "member",
  "call",
  "index",
  "unary",
  "binary",
  "pipe",
  "if",
  "list",
  "axes",
  "missing",
]);

/** Every expression at or below a node, parents first. Steps of paths are no expressions. */
export function expressionsIn(node: SyntaxNode | File): Expr[] {
  const found: Expr[] = [];
  const enter = (child: SyntaxNode): boolean => {
    if (isPath(child)) return false;
    if (isExpr(child)) found.push(child);
    return true;
  };
  if ("span" in node) enter(node);
  walk(node, enter);
  return found;
}

/** Outside of paths, whose steps are names too, the kinds of expressions are theirs alone. */
function isExpr(node: SyntaxNode): node is Expr {
  const kinds: ReadonlySet<string> = expressionKinds;
  return node.kind !== undefined && kinds.has(node.kind);
}

function isPath(node: SyntaxNode): node is Path {
  return node.kind === "path";
}
