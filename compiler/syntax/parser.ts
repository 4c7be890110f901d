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
  // cst.ts is generated from this grammar, so the rule's name gives the node's type.
  return parsed(tokens, () => grammar.item() as ItemCstNode);
}

/** The expression in the braces of a string. */
export function parseHole(tokens: readonly IToken[]): Parsed<InterpolationCstNode> {
  // As above.
  return parsed(tokens, () => grammar.interpolation() as InterpolationCstNode);
}

function parsed<Node>(tokens: readonly IToken[], rule: () => Node): Parsed<Node> {
  // The grammar's faults are exceptions, of which a broken item has many. Nobody asks where in the parser one was
  // made, and to note that is most of what reading such an item would cost.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    grammar.input = [...tokens];
    return { node: rule(), faults: grammar.errors };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
