/** What every builder needs: spans and names from the parser's output, and places for missing parts. */

import type { CstNode, IToken } from "chevrotain";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { error, type Fix } from "../diagnostics/diagnostic.ts";
import type { SourceFile, Span } from "../source/file.ts";
import { isForCompiler } from "./allow.ts";
import type { Comment, MissingExpr, Name } from "./ast.ts";
import { opensLine, spaceFrom } from "./tokens.ts";

/** What is being built from, and where faults go that only the builder can see. */
export interface Building {
  readonly source: SourceFile;
  /** The `///` text before each offset where one ends. */
  readonly docs: ReadonlyMap<number, string>;
  readonly faults: Diagnostic[];
  /** How many strings' braces what is being built stands in. */
  readonly holes: number;
}

/**
 * Makes a tree of the parser's output safe to read: tokens that recovery invented are taken out, and
 * parts without a place get one inside of their parent's.
 */
export function settle(node: CstNode, start: number, end: number): void {
  const location = node.location;
  if (location !== undefined) {
    const known = !Number.isNaN(location.startOffset);
    const from = known ? Math.min(Math.max(location.startOffset, start), end) : end;
    const upTo = known ? Math.min((location.endOffset ?? from - 1) + 1, end) : end;
    location.startOffset = from;
    location.endOffset = Math.max(upTo, from) - 1;
    start = from;
    end = location.endOffset + 1;
  }
  for (const key in node.children) {
    const children = node.children[key];
    let invented = 0;
    for (const child of children) {
      if (isNode(child)) settle(child, start, end);
      else if (child.isInsertedInRecovery === true) invented += 1;
    }
    if (invented > 0) node.children[key] = children.filter((child) => !isInvented(child));
  }
}

function isNode(child: CstNode | IToken): child is CstNode {
  return "children" in child;
}

function isInvented(child: CstNode | IToken): boolean {
  return !isNode(child) && child.isInsertedInRecovery === true;
}

/** The first of the children by one name. Recovery may have left out what the grammar demands. */
export function first<T>(children: readonly T[] | undefined): T | undefined {
  return children?.[0];
}

export function nodeSpan(building: Building, node: CstNode): Span {
  const start = node.location?.startOffset ?? 0;
  return { file: building.source, start, end: (node.location?.endOffset ?? start - 1) + 1 };
}

export function tokenSpan(building: Building, token: IToken): Span {
  const start = token.startOffset;
  return { file: building.source, start, end: start + token.image.length };
}

/** The empty span at the end of another, where a part of it is missing. */
export function endOf(span: Span): Span {
  return { file: span.file, start: span.end, end: span.end };
}

/** A name; an empty one at the end of its parent where there is none. */
export function buildName(building: Building, token: IToken | undefined, parent: CstNode): Name {
  if (token !== undefined) return { text: token.image, span: tokenSpan(building, token) };
  return { text: "", span: endOf(nodeSpan(building, parent)) };
}

export function buildNames(building: Building, tokens: readonly IToken[] | undefined): Name[] {
  return (tokens ?? []).map((token) => ({ text: token.image, span: tokenSpan(building, token) }));
}

export function missing(building: Building, parent: CstNode): MissingExpr {
  return { kind: "missing", span: endOf(nodeSpan(building, parent)) };
}

/** Reports what the grammar lets pass and the language does not. */
export function report(
  building: Building,
  at: Span,
  title: string,
  parts: { readonly notes?: readonly string[]; readonly fixes?: readonly Fix[] } = {},
): void {
  building.faults.push(error("syntax", { at, title, ...parts }));
}

/** The `///` lines that stand right above a node. */
export function docOf(building: Building, node: CstNode): string {
  return building.docs.get(node.location?.startOffset ?? -1) ?? "";
}

/**
 * For each offset right below a run of `///` lines, their text. A blank line between parts the two, a comment that
 * speaks to the compiler does not, and a comment at the end of a line says nothing of what is below it.
 */
export function docsOf(source: SourceFile, all: readonly Comment[]): Map<number, string> {
  const docs = new Map<number, string>();
  const comments = all.filter((comment) => comment.documents || !isForCompiler(comment));
  const passed = new Map(all.map(({ span }) => [span.start, span.end]));
  for (const { span } of comments) passed.delete(span.start);
  let lines: string[] = [];
  comments.forEach((comment, index) => {
    if (!comment.documents || !opensLine(source.text, comment.span.start)) {
      lines = [];
      return;
    }
    lines.push(comment.text);
    let next = comment.span.end;
    let blank = false;
    for (let end: number | undefined = next; end !== undefined; end = passed.get(next)) {
      const space = spaceFrom(source.text, end);
      next = space.end;
      blank ||= space.lines > 1;
    }
    const goesOn = comments[index + 1]?.span.start === next && comments[index + 1].documents;
    if (goesOn && !blank) return;
    if (!blank) docs.set(next, lines.join("\n"));
    lines = [];
  });
  return docs;
}
