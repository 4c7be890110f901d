/**
 * Bare names of cases: `m.role == assistant`, `pack(over = drop)`. A name that means nothing where it stands
 * is a case of the enum that is wanted there.
 */

import { error, replace } from "../diagnostics/diagnostic.ts";
import { listed } from "../diagnostics/list.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { lookup, type Module } from "../names/module.ts";
import type { EnumItem, Expr, NameExpr, Type } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { find } from "./scope.ts";
import { errorValue, type Scope, type Value } from "./value.ts";

/** Names that the language itself gives a meaning; the evaluator says which. */
const constants: ReadonlySet<string> = new Set(["pi", "training"]);

/** The name, if it stands alone and nothing in reach is called that. */
export function bareName(scope: Scope, expr: Expr): NameExpr | undefined {
  if (expr.kind !== "name" || expr.text === "" || constants.has(expr.text)) return undefined;
  const known = find(scope, expr.text) ?? lookup(scope.module, expr.text);
  return known === undefined ? expr : undefined;
}

/** The case of that name, or a report of the cases there are. */
export function caseOf(context: Context, item: EnumItem, name: NameExpr): Value {
  const cases = item.cases.map((one) => one.text);
  if (cases.includes(name.text)) return { kind: "case", item, name: name.text };
  const near = nearest(name.text, cases);
  context.report(
    error("no-such-name", {
      at: name.span,
      title: `nothing here is called \`${name.text}\``,
      notes: [`${item.name.text} is ${listed(cases)}.`],
      fixes: near === undefined ? [] : [replace(name.span, near)],
    }),
  );
  return errorValue;
}

/** The enum that a type as written in `module` means. */
export function enumOf(module: Module, type: Type): EnumItem | undefined {
  if (type.kind !== "named-type" || type.extents !== undefined) return undefined;
  const found = lookup(module, type.name.text);
  return found?.kind === "item" && found.item.kind === "enum" ? found.item : undefined;
}
