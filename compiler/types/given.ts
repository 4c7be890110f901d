/** What a call of the language's own functions is given, by name, and what is said where it is of another kind. */

import { error } from "../diagnostics/diagnostic.ts";
import type { OpName } from "../ops/table.ts";
import { type Span, textOf } from "../source/file.ts";
import { operationTakes } from "./agreement.ts";
import type { Context } from "./context.ts";
import { absentNotes } from "./optional.ts";
import { showTensor, showType } from "./show.ts";
import { errorValue, type Given, type TensorValue, type Value } from "./value.ts";

export type Arguments = ReadonlyMap<string, Given>;

export function tensorOf(
  context: Context,
  given: Arguments,
  name: string,
): TensorValue | undefined {
  const value = given.get(name)?.value;
  if (value?.kind === "tensor") return value;
  if (value?.kind !== "error") wrong(context, given, name, "a tensor");
  return undefined;
}

/** Whether the operation works on the elements of what is given. */
export function takes(
  context: Context,
  given: Arguments,
  name: string,
  op: OpName,
  at: Span,
): boolean {
  const found = given.get(name);
  if (found?.value.kind !== "tensor") return false;
  const { value, expr } = found;
  return operationTakes(context, op, wordOf(at), value.dtype, showTensor(value), expr.span);
}

/** What the author calls the function of a call. */
export function wordOf(at: Span): string {
  return /^\w+/.exec(textOf(at))?.[0] ?? "this";
}

export function wrong(context: Context, given: Arguments, name: string, wanted: string): Value {
  const found = given.get(name);
  if (found !== undefined && found.value.kind !== "error") {
    context.report(
      error("type-mismatch", {
        at: found.expr.span,
        title: `\`${name}\` is ${wanted}, and this is ${showType(found.value)}`,
        notes: absentNotes(found.value),
      }),
    );
  }
  return errorValue;
}
