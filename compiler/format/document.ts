/**
 * Text that has not yet chosen its lines, after Wadler's "A prettier printer" and Lindig's strict form of it.
 * A group stands on one line if what is in it, and what follows it up to the next possible break, fits there;
 * otherwise every line of the group itself is broken.
 */

import { widthOf } from "../diagnostics/columns.ts";

export type Doc =
  | string
  | readonly Doc[]
  | {
      readonly kind: "line";
      /** What stands there if the group is not broken; a `hard` line breaks every group around it. */
      readonly flat: "" | " " | "hard";
    }
  | { readonly kind: "nest"; readonly content: Doc }
  | { readonly kind: "group"; readonly content: Doc; readonly mustBreak: boolean }
  | Fill
  | {
      /** A comment at the end of a line. It may be as long as it is: nothing breaks for its sake. */
      readonly kind: "remark";
      readonly text: string;
    };

interface Fill {
  readonly kind: "fill";
  readonly items: readonly Doc[];
  /** How many of the items were written before. */
  readonly done: number;
}

/** A space, or a new line. */
export const line: Doc = { kind: "line", flat: " " };
/** Nothing, or a new line. */
export const softLine: Doc = { kind: "line", flat: "" };
export const hardLine: Doc = { kind: "line", flat: "hard" };

const indentWidth = 2;

/** New lines in `content` begin two spaces further to the right. */
export function nest(content: Doc): Doc {
  return { kind: "nest", content };
}

export function group(content: Doc): Doc {
  return { kind: "group", content, mustBreak: mustBreak(content) };
}

/** As many items on each line as fit, with commas between. */
export function fill(items: readonly Doc[]): Doc {
  const separated = items.map((item, at) => (at < items.length - 1 ? [item, ","] : item));
  return { kind: "fill", items: separated, done: 0 };
}

export function remark(text: string): Doc {
  return { kind: "remark", text };
}

export function join(items: readonly Doc[], separator: Doc): readonly Doc[] {
  return items.flatMap((item, at) => (at === 0 ? [item] : [separator, item]));
}

/** Whether a hard line or a comment makes it impossible to write this on one line. */
export function mustBreak(doc: Doc): boolean {
  if (typeof doc === "string") return false;
  if (isList(doc)) return doc.some(mustBreak);
  switch (doc.kind) {
    case "line":
      return doc.flat === "hard";
    case "nest":
      return mustBreak(doc.content);
    case "group":
      return doc.mustBreak;
    case "fill":
      return doc.items.some(mustBreak);
    case "remark":
      return true;
    default:
      return doc satisfies never;
  }
}

/** A document in one line; undefined for one that cannot be. */
export function flat(doc: Doc): string | undefined {
  return mustBreak(doc) ? undefined : layOut(doc, Number.POSITIVE_INFINITY);
}

/** What stands before something longer, which is to break in its place. */
export function firm(doc: Doc): Doc {
  const text = flat(doc);
  return text !== undefined && text.length <= 60 ? text : doc;
}

function isList(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc);
}

// Laying out -------------------------------------------------------------------------------------

/** What is still to be written, the next on top. */
interface Pending {
  readonly doc: Doc;
  readonly indent: number;
  readonly isFlat: boolean;
}

/** The text in lines of at most `width` columns, as far as its words allow; the first begins at `column`. */
export function layOut(doc: Doc, width: number): string {
  const out: string[] = [];
  const stack: Pending[] = [{ doc, indent: 0, isFlat: false }];
  let column = 0;
  const write = (text: string) => {
    out.push(text);
    column += widthOf(text);
  };
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { doc, indent, isFlat } = next;
    if (typeof doc === "string") write(doc);
    else if (isList(doc)) pushAll(stack, doc, indent, isFlat);
    else if (doc.kind === "remark") write(doc.text);
    else if (doc.kind === "nest")
      stack.push({ doc: doc.content, indent: indent + indentWidth, isFlat });
    else if (doc.kind === "line") {
      if (isFlat && doc.flat !== "hard") write(doc.flat);
      else {
        out.push(`\n${" ".repeat(indent)}`);
        column = indent;
      }
    } else if (doc.kind === "group") {
      const whole: Pending = { doc: doc.content, indent, isFlat: true };
      const goesFlat = isFlat || (!doc.mustBreak && fits([whole], width - column, stack));
      stack.push(goesFlat ? whole : { ...whole, isFlat: false });
    } else pushFill(stack, doc, next, width - column);
  }
  return out.join("").replace(/(?<! ) +(?=\n|$)/g, "");
}

function pushAll(stack: Pending[], docs: readonly Doc[], indent: number, isFlat: boolean): void {
  for (let at = docs.length - 1; at >= 0; at--) stack.push({ doc: docs[at], indent, isFlat });
}

/** The first item, then each other after a space if it fits on the line, and on a new line otherwise. */
function pushFill(stack: Pending[], { items, done }: Fill, at: Pending, room: number): void {
  const first = items[done];
  if (first === undefined) return;
  const begun = done > 0;
  const { indent, isFlat } = at;
  stack.push({ doc: { kind: "fill", items, done: done + 1 }, indent, isFlat });
  const start = begun ? [" ", first] : first;
  const fitsHere = isFlat || fits([{ doc: start, indent, isFlat: true }], room, []);
  if (fitsHere) stack.push({ doc: start, indent, isFlat: true });
  else pushAll(stack, begun ? [hardLine, first] : [first], indent, false);
}

/** Whether `pending`, and what follows it up to the first line that is broken, takes at most `room` columns. */
function fits(pending: Pending[], room: number, rest: readonly Pending[]): boolean {
  let left = room;
  let below = rest.length;
  while (left >= 0) {
    const next = pending.pop() ?? rest[--below];
    if (next === undefined) return true;
    const { doc, indent, isFlat } = next;
    if (typeof doc === "string") left -= widthOf(doc);
    else if (isList(doc)) pushAll(pending, doc, indent, isFlat);
    else if (doc.kind === "remark") return true;
    else if (doc.kind === "nest") pending.push({ doc: doc.content, indent, isFlat });
    else if (doc.kind === "line") {
      if (!isFlat || doc.flat === "hard") return true;
      left -= doc.flat.length;
    } else if (doc.kind === "group") {
      pending.push({ doc: doc.content, indent, isFlat: !doc.mustBreak });
    } else if (!isFlat && doc.done > 0 && doc.done < doc.items.length) return true;
    else
      pushAll(
        pending,
        isFlat ? spaced(doc) : doc.items.slice(doc.done, doc.done + 1),
        indent,
        true,
      );
  }
  return false;
}

function spaced({ items, done }: Fill): readonly Doc[] {
  return items.slice(done).flatMap((item, at) => (done + at > 0 ? [" ", item] : [item]));
}
