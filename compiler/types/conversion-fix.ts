/** How whole numbers become the floats that are wanted of them: nothing is converted unasked. */

import { type Fix, replace } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import type { ElementType } from "./value.ts";

/** `partner` is what has the elements that are wanted. The precision of a run has no conversion by name. */
export function convertedTo(element: ElementType, at: Span, partner: Span | undefined): Fix {
  const text = textOf(at);
  if (element !== "float") return replace(at, `${element === "f16" ? "f16" : "f32"}(${text})`);
  return partner === undefined
    ? { text: `like(${text}, y), which gives it the precision of y` }
    : replace(at, `like(${text}, ${textOf(partner)})`);
}
