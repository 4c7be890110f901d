/**
 * What a definition declares and never reads: whoever sets such a parameter changes nothing, and a part that is
 * never called has weights that learn nothing. Both are usually a slip, so they are said.
 */

import { warning } from "../diagnostics/diagnostic.ts";
import type { NamedItem } from "../names/module.ts";
import type { Field, Name } from "../syntax/ast.ts";
import { expressionsIn } from "../syntax/walk.ts";
import type { Context } from "./context.ts";

interface Declared {
  readonly name: Name;
  readonly what: string;
  readonly why: string;
}

/** The parameters of `forward` are its caller's, and those of an `extern` item the runtime's. */
export function reportUnread(context: Context, item: NamedItem): void {
  const declared = declaredIn(item);
  if (declared.length === 0) return;
  const read = namesRead(item);
  for (const { name, what, why } of declared) {
    if (name.text === "" || read.has(name.text)) continue;
    context.report(
      warning("never-read", {
        at: name.span,
        title: `${what} \`${name.text}\` of \`${item.name.text}\` is never read`,
        notes: [why],
        fixes: [{ text: "read it, or leave it out" }],
      }),
    );
  }
}

function declaredIn(item: NamedItem): readonly Declared[] {
  switch (item.kind) {
    case "fn":
    case "metric":
      return item.body === undefined ? [] : parameters(item.params);
    case "transform":
      return item.extern ? [] : parameters(item.params);
    case "adapter":
    case "optimizer":
    case "schedule":
    case "template":
      return parameters(item.params);
    case "block":
      return [...parameters(item.params), ...parts(item)];
    default:
      return [];
  }
}

function parameters(fields: readonly Field[]): readonly Declared[] {
  const why = "Whoever sets it changes nothing.";
  return fields.map(({ name }) => ({ name, what: "the parameter", why }));
}

function parts({ members }: Extract<NamedItem, { kind: "block" }>): readonly Declared[] {
  const why = "Its weights would take memory and learn nothing.";
  return members.flatMap((member) =>
    member.kind === "let" || member.kind === "param"
      ? [{ name: member.name, what: "the part", why }]
      : [],
  );
}

/** Names that expressions mention; `self.bias` reads `bias`. */
function namesRead(item: NamedItem): ReadonlySet<string> {
  const names = new Set<string>();
  for (const expr of expressionsIn(item)) {
    if (expr.kind === "name") names.add(expr.text);
    if (expr.kind === "member" && expr.object.kind === "name" && expr.object.text === "self")
      names.add(expr.name.text);
  }
  return names;
}
