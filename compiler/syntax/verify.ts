/** What must hold of every syntax tree, even of one that recovery patched: spans nest, comments are kept. */

import { positionOf } from "../source/file.ts";
import type { File } from "./ast.ts";
import { childrenOf, type SyntaxNode } from "./walk.ts";

/** What does not hold, one sentence each. */
export function verifySyntax(file: File): string[] {
  const { source } = file;
  const broken: string[] = [];
  const whole: SyntaxNode = {
    kind: "file",
    span: { file: source, start: 0, end: source.text.length },
  };
  const check = (parent: SyntaxNode, node: SyntaxNode): void => {
    const { span } = node;
    if (span.file !== source) broken.push(`${show(node)} lies in another file`);
    if (!(span.start <= span.end)) broken.push(`${show(node)} ends before it begins`);
    if (!(span.start >= parent.span.start && span.end <= parent.span.end)) {
      broken.push(`${show(node)} reaches out of ${show(parent)}`);
    }
    for (const child of childrenOf(node)) check(node, child);
  };
  let previousEnd = 0;
  for (const item of file.items) {
    if (item.span.start < previousEnd) broken.push(`${show(item)} overlaps the item before it`);
    previousEnd = item.span.end;
    check(whole, item);
  }
  for (const comment of file.comments) {
    const text = source.text.slice(comment.span.start, comment.span.end);
    if (!text.startsWith("//") || !text.includes(comment.text)) {
      broken.push(
        `the comment at ${positionOf(source, comment.span.start).line} is not in the text`,
      );
    }
  }
  return broken;
}

function show(node: SyntaxNode): string {
  const { file, start, end } = node.span;
  const { line, column } = positionOf(file, start);
  return `${node.kind ?? "node"} ${line}:${column} [${start}, ${end})`;
}
