/** What may stand in the braces of a text. */

import { error } from "../diagnostics/diagnostic.ts";
import type { Expr } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { absentNotes } from "./optional.ts";
import { showType } from "./show.ts";
import type { Value } from "./value.ts";

const written: ReadonlySet<Value["kind"]> = new Set(["string", "number", "case", "bool"]);

/** Reports a value that has no one way to be written. */
export function checkText(context: Context, expr: Expr, value: Value): void {
  if (value.kind === "error" || written.has(value.kind)) return;
  context.report(
    error("type-mismatch", {
      at: expr.span,
      title: `a ${showType(value)} cannot be written as text`,
      notes: absentNotes(value),
      fixes: value.kind === "list" ? [{ text: "go through it: for one in … { … }" }] : [],
    }),
  );
}
