/** The way out of a size that nothing proves: the requirement, put where it counts for the place at hand. */

import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/file.ts";

/** `left` and `right` are sizes as they are written. Without edits where the place is in no function or `forward`. */
export function requireFix(at: Span, left: string, right: string): Fix {
  const text = `require ${left} == ${right}`;
  const place = placeFor(at);
  if (place === undefined || `${left}${right}`.includes("..")) return { text };
  const { offset, indent, after } = place;
  const span = { file: at.file, start: offset, end: offset };
  return { text, edits: [{ span, text: `${indent}${text}\n${after}` }] };
}

interface Place {
  /** The start of a line. */
  readonly offset: number;
  readonly indent: string;
  /** What parts it from what follows. */
  readonly after: string;
}

/** Found by lines: an item begins at column 1, a `forward` or another member at the beginning of its own line. */
function placeFor({ file, start }: Span): Place | undefined {
  const before = file.text.slice(0, start);
  const item = [...before.matchAll(/^(fn|block|adapter)\b/gm)].at(-1);
  if (item === undefined) return undefined;
  if (item[1] === "fn") {
    const body = /\{\r?\n/.exec(before.slice(item.index));
    return body === null
      ? undefined
      : { offset: item.index + body.index + body[0].length, indent: "  ", after: "" };
  }
  const forward = [...before.matchAll(/^( +)forward\b/gm)].at(-1);
  if (forward !== undefined && forward.index > item.index)
    return { offset: forward.index, indent: forward[1], after: "\n" };
  const offset = before.lastIndexOf("\n") + 1;
  const member = /^( +)(let|param|tie)\b/.exec(file.text.slice(offset));
  return member === null ? undefined : { offset, indent: member[1], after: "" };
}
