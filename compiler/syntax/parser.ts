/** The one parser, built once: making it costs more than parsing a file. */

import type { IRecognitionException, IToken } from "chevrotain";
import type { InterpolationCstNode, ItemCstNode } from "./cst.ts";
import { Grammar } from "./grammar.ts";

export interface Parsed<Node> {
  readonly node: Node;
  readonly faults: readonly IRecognitionException[];
}

const grammar = new Grammar();

/** One item; its first token must be an item word. */
export function parseItem(tokens: readonly IToken[]): Parsed<ItemCstNode> {
  grammar.input = [...tokens];
  // cst.ts is generated from this grammar, so the rule's name gives the node's type.
  const node = grammar.item() as ItemCstNode;
  return { node, faults: grammar.errors };
}

/** The expression in the braces of a string. */
export function parseHole(tokens: readonly IToken[]): Parsed<InterpolationCstNode> {
  grammar.input = [...tokens];
  // As above.
  const node = grammar.interpolation() as InterpolationCstNode;
  return { node, faults: grammar.errors };
}
