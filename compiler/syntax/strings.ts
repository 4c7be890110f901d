/** The inside of a string: its escapes resolved, and where the expressions in its braces stand. */

import type { SourceFile } from "../source/file.ts";

/** `start` and `end` are offsets of the file; a hole's include its braces. */
export type StringPiece =
  | { readonly kind: "text"; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: "hole"; readonly start: number; readonly end: number };

export interface StringFault {
  readonly kind: "escape" | "open-hole" | "empty-hole";
  readonly start: number;
  readonly end: number;
}

export interface StringScan {
  readonly pieces: readonly StringPiece[];
  readonly faults: readonly StringFault[];
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ['"', '"'],
  ["\\", "\\"],
  ["{", "{"],
  ["}", "}"],
]);

/** Scans the text between two quotes. */
export function scanString(source: SourceFile, start: number, end: number): StringScan {
  const pieces: StringPiece[] = [];
  const faults: StringFault[] = [];
  let text = "";
  let textStart = start;

  const flush = (upTo: number) => {
    if (upTo > textStart) pieces.push({ kind: "text", text, start: textStart, end: upTo });
    text = "";
  };

  let at = start;
  while (at < end) {
    const letter = source.text[at];
    if (letter === "\\") {
      const escaped = at + 1 < end ? source.text[at + 1] : "";
      const meant = escapes.get(escaped);
      if (meant === undefined) {
        faults.push({ kind: "escape", start: at, end: Math.min(at + 2, end) });
      }
      text += meant ?? escaped;
      at = Math.min(at + 2, end);
    } else if (letter === "{") {
      flush(at);
      const close = closeOfHole(source.text, at, end);
      if (close === undefined) {
        faults.push({ kind: "open-hole", start: at, end: at + 1 });
        return { pieces, faults };
      }
      if (source.text.slice(at + 1, close).trim() === "") {
        faults.push({ kind: "empty-hole", start: at, end: close + 1 });
      } else {
        pieces.push({ kind: "hole", start: at, end: close + 1 });
      }
      at = close + 1;
      textStart = at;
    } else {
      text += letter;
      at++;
    }
  }
  flush(end);
  return { pieces, faults };
}

/** The offset of the brace that closes the one at `open`; strings inside are skipped. */
function closeOfHole(text: string, open: number, end: number): number | undefined {
  const inside: ("brace" | "string")[] = [];
  for (let at = open; at < end; at++) {
    const letter = text[at];
    if (inside.at(-1) === "string") {
      if (letter === "\\") at++;
      else if (letter === '"') inside.pop();
      else if (letter === "{") inside.push("brace");
    } else if (letter === "{") inside.push("brace");
    else if (letter === '"') inside.push("string");
    else if (letter === "}") inside.pop();
    if (inside.length === 0) return at;
  }
  return undefined;
}
