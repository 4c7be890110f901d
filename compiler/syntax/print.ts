/** A syntax tree as text, for `ftc emit ast` and golden cases: a line a node, with the field it stands in. */

import type { File } from "./ast.ts";
import { fieldsOf, type SyntaxNode } from "./walk.ts";

export function printSyntax(file: File): string {
  return file.items.map(printItem).join("\n");
}

/** Whether two files print alike, item by item, for both may be large. */
export function printAlike(one: File, other: File): boolean {
  return (
    one.items.length === other.items.length &&
    one.items.every((item, at) => printItem(item) === printItem(other.items[at]))
  );
}

function printItem(item: SyntaxNode): string {
  const lines: string[] = [];
  printNode(item, "", "", lines);
  return lines.join("\n");
}

/** Adds to one list on the way down, for an item may be large. */
function printNode(node: SyntaxNode, field: string, indent: string, lines: string[]): void {
  const fields = fieldsOf(node);
  const inline = fields.filter(({ nodes, isList }) => !isList && isLeafName(nodes[0]));
  const head = field === "" ? [] : [`${field}:`];
  if (node.kind !== undefined) head.push(node.kind);
  for (const { name, nodes } of inline)
    head.push(name === "name" ? nameOf(nodes[0]) : `${name} ${nameOf(nodes[0])}`);
  for (const [name, value] of Object.entries(node)) head.push(...scalar(name, value));
  lines.push(`${indent}${head.join(" ")}`);
  for (const entry of fields) {
    if (inline.includes(entry)) continue;
    for (const child of entry.nodes) printNode(child, entry.name, `${indent}  `, lines);
  }
}

/** A bare name (no kind), which is shown on the line of what it names. */
function isLeafName(node: SyntaxNode): boolean {
  return node.kind === undefined && "text" in node && fieldsOf(node).length === 0;
}

function nameOf(node: SyntaxNode): string {
  const text = "text" in node ? String(node.text) : "";
  return text === "" ? "(missing)" : text;
}

function scalar(name: string, value: unknown): string[] {
  if (name === "kind") return [];
  if (typeof value === "boolean" && name !== "value") return value ? [name] : [];
  if (typeof value === "string") {
    if (name === "last") return [`..${value}`];
    if (name === "doc") return value === "" ? [] : [`doc ${JSON.stringify(value)}`];
    return [/^[\w.%<>=!&|*/+-]+$/.test(value) ? value : JSON.stringify(value)];
  }
  return typeof value === "number" || typeof value === "boolean" ? [String(value)] : [];
}
