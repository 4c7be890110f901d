/** What fusing asks of nodes: their forms, roles and attributes. */

import { bug } from "../bug.ts";
import type { Node } from "../graph/graph.ts";
import type { Form } from "../ops/op.ts";
import { opOf } from "../ops/table.ts";
import { textOf } from "../source/file.ts";

/**
 * - `inline`: computes nothing, and is never kept but for those who cannot read through it
 * - `pointwise`: an element from elements; joins whoever makes or reads them
 * - `reduce`, `contract`: begins a kernel that others may join
 * - `alone`: a kernel by itself
 */
export type Role = "inline" | "pointwise" | "reduce" | "contract" | "alone";

export function roleOf(node: Node): Role {
  const form = formOf(node);
  switch (form.kind) {
    case "view":
    case "generate":
      return "inline";
    case "pointwise":
    case "gather":
    case "random":
      return "pointwise";
    case "reduce":
    case "contract":
      return form.kind;
    case "scatter-add":
    case "write":
    case "attention":
    case "cross-entropy":
      return "alone";
    default:
      return form satisfies never;
  }
}

export function formOf(node: Node): Form {
  return opOf(node.op).form;
}

export function numberOf(node: Node, name: string): number {
  const value = node.attrs[name];
  return typeof value === "number" ? value : bug(`${node.op} has no number \`${name}\``);
}

export function numbersOf(node: Node, name: string): readonly number[] {
  const value = node.attrs[name];
  return typeof value === "object" ? value : bug(`${node.op} has no numbers \`${name}\``);
}

/** The operation, the part of the model and the expression it is from, as far as a line holds it. */
export function labelOf({ op, origin }: Node): string {
  if (origin === undefined) return op;
  const text = textOf(origin.span).replace(/\s+/g, " ");
  const place = origin.part === "" ? op : `${op} in ${origin.part}`;
  return `${place}: ${text.length > 60 ? `${text.slice(0, 57)}…` : text}`;
}
