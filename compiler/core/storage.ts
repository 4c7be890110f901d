/** How a model's weights are kept, which it says after `as`, and what this version can execute of that. */

import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { type Span, textOf } from "../source/file.ts";
import type { Expr, ModelItem } from "../syntax/ast.ts";

export interface Storage {
  /** `nf4`, whatever is in the parentheses after it. */
  readonly name: string;
  /** From the end of what it is said of to its own: what it takes to leave it out. */
  readonly span: Span;
  readonly at: Span;
}

/** Bits of a weight, where they are fewer than those of any float that models are trained in. */
const fewBits: Readonly<Record<string, number>> = { nf4: 4, fp4: 4, int4: 4, int8: 8 };

export function storageOf({ storage, from, value }: ModelItem): Storage | undefined {
  if (storage === undefined) return undefined;
  const { file, end } = storage.span;
  const span = { file, start: (from ?? value).span.end, end };
  return { name: nameOf(storage), span, at: storage.span };
}

function nameOf(expr: Expr): string {
  return textOf(expr.kind === "call" ? expr.callee.span : expr.span);
}

/** Bits of a weight, where it was rounded to be kept in so few. */
export function roundedBits({ name }: Storage): number | undefined {
  return Object.hasOwn(fewBits, name) ? fewBits[name] : undefined;
}

/** What this version has no kernels for. */
export function storageFault({ name, span, at }: Storage): Diagnostic | undefined {
  if (name === "f32") return undefined;
  return error("no-such-precision", {
    at,
    title: `weights are held in f32 by this version, and not in ${name}`,
    fixes: [{ text: "leave `as …` out", edits: [{ span, text: "" }] }],
  });
}
